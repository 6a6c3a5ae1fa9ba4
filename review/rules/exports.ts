import type { CanonicalStack } from '../canonical';
import type { ResourceChange } from '../compare';
import type { Finding, Rule } from '../finding';
import { listed } from '../values';

/**
 * Exports that CloudFormation refuses to take away or to change while another stack, as it is deployed, imports them. One
 * changes too where what it names is replaced, although the template says the same of it.
 */
export const exportsInUse: Rule = ({ before, after, resources }) =>
  before.flatMap(old => {
    const now = after.find(({ stackName }) => stackName === old.stackName);
    if (now === undefined) {
      return [];
    }
    const left = exportsOf(now);
    const replaced = resources.filter(({ stack, impact }) => stack === old.id && /replaced$/.test(impact));
    return [...exportsOf(old)].flatMap(([name, value]): Finding[] => {
      const happens = whatHappens(value, left.get(name), replaced);
      const users = before.filter(stack => stack !== old && JSON.stringify(stack.template).includes(`"${name}"`));
      return happens === undefined || users.length === 0
        ? []
        : [
            {
              topic: 'deployment',
              level: 'danger',
              stack: old.id,
              says: `export \`${name}\` ${happens} while ${listed(users.map(({ id }) => id))} still imports it: CloudFormation refuses (\`cannot be updated as it is in use\`); do it in two deploys, as docs/review.md tells`,
            },
          ];
    });
  });

function whatHappens(
  old: string,
  now: string | undefined,
  replaced: readonly Pick<ResourceChange, 'logicalId' | 'impact'>[],
): string | undefined {
  if (now === undefined) return 'goes';
  if (now !== old) return 'changes';
  const named = replaced.find(({ logicalId }) => old.includes(`"${logicalId}"`));
  return named === undefined ? undefined : `names \`${named.logicalId}\`, which ${isOrMay(named)},`;
}

function isOrMay({ impact }: Pick<ResourceChange, 'impact'>): string {
  return impact === 'replaced' ? 'is replaced' : impact;
}

function exportsOf({ template }: CanonicalStack): Map<string, string> {
  const outputs = (template.Outputs ?? {}) as Record<string, { Value: unknown; Export?: { Name: unknown } }>;
  return new Map(
    Object.values(outputs).flatMap(({ Value, Export }): [string, string][] =>
      Export === undefined ? [] : [[String(Export.Name), JSON.stringify(Value)]],
    ),
  );
}
