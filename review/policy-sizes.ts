import type { CanonicalStack } from './canonical';
import { isRecord, valuesAt } from './values';

/** Characters of a policy, as IAM counts them: without white space. */
export interface PolicySize {
  readonly stack: string;
  /** Role of inline policies, or the managed policy itself. */
  readonly of: string;
  readonly inline: boolean;
  readonly size: number;
}

/** What a reference becomes is known to AWS alone; an ARN of the longer kind has this many characters. */
const CHARACTERS_OF_A_REFERENCE = 80;
const CHARACTERS_OF_A_PSEUDO_PARAMETER = 12;

/** Sizes of all inline policies of each role together, and of each managed policy. */
export function rawPolicySizes(stacks: readonly CanonicalStack[]): PolicySize[] {
  const inline = new Map<string, PolicySize>();
  const managed: PolicySize[] = [];
  const add = (stack: string, of: string, document: unknown): void => {
    const size = (inline.get(of)?.size ?? 0) + sizeOf(document);
    inline.set(of, { stack, of, inline: true, size });
  };
  for (const { id, resources } of stacks) {
    for (const [logicalId, resource] of Object.entries(resources)) {
      const { Type, Properties = {} } = resource;
      if (Type === 'AWS::IAM::ManagedPolicy') {
        managed.push({ stack: id, of: `${id}/${logicalId}`, inline: false, size: sizeOf(Properties.PolicyDocument) });
      } else if (/^AWS::IAM::(Role|User|Group)?Policy$/.test(Type)) {
        for (const role of [...valuesAt(resource, 'Roles.*'), ...valuesAt(resource, 'RoleName')]) {
          add(id, String(role).replace(/^\$\{([^}.]*)[^}]*\}$/, '$1'), Properties.PolicyDocument);
        }
      } else if (Type === 'AWS::IAM::Role') {
        for (const policy of valuesAt(resource, 'Policies.*').filter(isRecord)) {
          add(id, `${id}/${logicalId}`, policy.PolicyDocument);
        }
      }
    }
  }
  return [...inline.values(), ...managed];
}

function sizeOf(document: unknown): number {
  return JSON.stringify(document ?? {})
    .replaceAll(/\$\{AWS::[^}]*\}/g, 'x'.repeat(CHARACTERS_OF_A_PSEUDO_PARAMETER))
    .replaceAll(/\$\{[^}]*\}/g, 'x'.repeat(CHARACTERS_OF_A_REFERENCE)).length;
}
