import { fullDiff, ResourceImpact } from '@aws-cdk/cloudformation-diff';
import { canonicalStacks, type CanonicalStack, type Resource, type SynthesisedStack, type Template } from './canonical';
import { equal, type LeafChange, leafChanges } from './leaves';

/** What a deploy does to a resource. */
export type Impact = 'added' | 'changed' | 'may be replaced' | 'replaced' | 'deleted';

/** A resource that a deploy touches. */
export interface ResourceChange {
  readonly stack: string;
  readonly logicalId: string;
  readonly type: string;
  readonly impact: Impact;
  readonly before?: Resource;
  readonly after?: Resource;
  readonly leaves: readonly LeafChange[];
  /** Properties that make CloudFormation put a new one in its place. */
  readonly replacing: readonly string[];
}

/** Outputs, parameters and conditions of a stack that are otherwise. */
export interface SectionChange {
  readonly stack: string;
  readonly leaves: readonly LeafChange[];
}

/** One environment, before and after. */
export interface EnvironmentChange {
  readonly name: string;
  /** Empty where the environment is new. */
  readonly before: readonly CanonicalStack[];
  /** Empty where it is gone. */
  readonly after: readonly CanonicalStack[];
  readonly resources: readonly ResourceChange[];
  readonly sections: readonly SectionChange[];
  /** Functions and layers that differ in their code alone: a reviewer reads it in the commit, not here. */
  readonly codeOnly: readonly string[];
}

/** Environments by name. */
export type Environments = ReadonlyMap<string, readonly SynthesisedStack[]>;

/** What becomes of each environment; one that is only in one of both is there too. */
export function compareEnvironments(before: Environments, after: Environments): EnvironmentChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort()
    .map(name => compareEnvironment(name, before.get(name) ?? [], after.get(name) ?? []));
}

export function compareEnvironment(
  name: string,
  synthesisedBefore: readonly SynthesisedStack[],
  synthesisedAfter: readonly SynthesisedStack[],
): EnvironmentChange {
  const [before, after] = [canonicalStacks(synthesisedBefore), canonicalStacks(synthesisedAfter)];
  const stackNames = [...new Set([...before, ...after].map(({ stackName }) => stackName))];
  const pairs = stackNames.map(stackName => ({
    old: before.find(stack => stack.stackName === stackName),
    now: after.find(stack => stack.stackName === stackName),
  }));
  return {
    name,
    before,
    after,
    resources: pairs.flatMap(({ old, now }) => resourceChanges(old, now)),
    sections: pairs.flatMap(({ old, now }) => sectionChanges(old, now)),
    codeOnly: pairs.flatMap(({ old, now }) => codeChanges(old, now)),
  };
}

type Raw = Record<string, Record<string, unknown> & { Properties?: Record<string, unknown> }>;

function resourceChanges(old: CanonicalStack | undefined, now: CanonicalStack | undefined): ResourceChange[] {
  const { changes } = fullDiff({ Resources: rawOf(old) }, { Resources: onlyRealChanges(old, now) }).resources;
  return Object.entries(changes).flatMap(([logicalId, difference]) => {
    const before = old?.resources[logicalId];
    const after = now?.resources[logicalId];
    const updates = Object.entries(difference.propertyUpdates);
    const others = Object.keys(difference.otherChanges).length;
    const type = (after ?? before)?.Type;
    if (type === undefined || (others === 0 && updates.length > 0 && updates.every(isComment(type)))) {
      return [];
    }
    return [
      {
        stack: (now ?? old)?.id ?? '',
        logicalId,
        type,
        impact: before === undefined ? 'added' : after === undefined ? 'deleted' : IMPACTS[difference.changeImpact],
        before,
        after,
        leaves: before === undefined || after === undefined ? [] : leafChanges(before, after),
        replacing: updates
          .filter(([, { changeImpact }]) => REPLACING.includes(changeImpact))
          .map(([property]) => property),
      },
    ];
  });
}

const REPLACING: (ResourceImpact | undefined)[] = [ResourceImpact.WILL_REPLACE, ResourceImpact.MAY_REPLACE];
const IMPACTS: Record<ResourceImpact, Impact> = {
  [ResourceImpact.WILL_CREATE]: 'added',
  [ResourceImpact.WILL_IMPORT]: 'added',
  [ResourceImpact.WILL_UPDATE]: 'changed',
  [ResourceImpact.NO_CHANGE]: 'changed',
  [ResourceImpact.MAY_REPLACE]: 'may be replaced',
  [ResourceImpact.WILL_REPLACE]: 'replaced',
  [ResourceImpact.WILL_DESTROY]: 'deleted',
  [ResourceImpact.WILL_ORPHAN]: 'deleted',
};

/** A text for people, unless a new one makes CloudFormation replace the resource. */
function isComment(type: string): (update: [string, { changeImpact?: ResourceImpact }]) => boolean {
  return ([property, { changeImpact }]) =>
    /^(AlarmDescription|Description|Comment)$/.test(property) &&
    !REPLACING.includes(changeImpact) &&
    !type.startsWith('Custom::');
}

function rawOf(stack: CanonicalStack | undefined): Raw {
  const resources = (stack?.template.Resources ?? {}) as Raw;
  return Object.fromEntries(Object.entries(resources).filter(([logicalId]) => logicalId in (stack?.resources ?? {})));
}

/**
 * The new template with everything put back that differs from the old one in form alone, so that the comparison of the CDK,
 * which knows what CloudFormation replaces, sees what is really new.
 */
function onlyRealChanges(old: CanonicalStack | undefined, now: CanonicalStack | undefined): Raw {
  const oldRaw = rawOf(old);
  return Object.fromEntries(
    Object.entries(rawOf(now)).map(([logicalId, raw]) => {
      const before = old?.resources[logicalId];
      const after = now?.resources[logicalId];
      if (before === undefined || after === undefined) {
        return [logicalId, raw];
      }
      const oldOne = oldRaw[logicalId];
      return [
        logicalId,
        {
          ...keptWhereEqual(raw, oldOne, after, before),
          Metadata: oldOne.Metadata,
          Properties: keptWhereEqual(
            raw.Properties ?? {},
            oldOne.Properties ?? {},
            after.Properties ?? {},
            before.Properties ?? {},
          ),
        },
      ];
    }),
  );
}

function keptWhereEqual(raw: object, oldRaw: object, after: object, before: object): Record<string, unknown> {
  const [values, oldValues, canonical, oldCanonical] = [raw, oldRaw, after, before] as Record<string, unknown>[];
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      equal(canonical[key], oldCanonical[key]) ? oldValues[key] : value,
    ]),
  );
}

function sectionChanges(old: CanonicalStack | undefined, now: CanonicalStack | undefined): SectionChange[] {
  if (old === undefined || now === undefined) {
    return [];
  }
  const leaves = leafChanges(ownSections(old), ownSections(now)).filter(({ path }) => !path.endsWith('.Description'));
  return leaves.length === 0 ? [] : [{ stack: now.id, leaves }];
}

/** Without the exports that the CDK makes for references between stacks: they follow what uses them. */
function ownSections({ sections }: CanonicalStack): Record<string, unknown> {
  const outputs = Object.entries((sections.Outputs ?? {}) as Template).filter(([name]) => !isPlumbing(name));
  return { ...sections, Outputs: Object.fromEntries(outputs) };
}

function isPlumbing(outputName: string): boolean {
  return outputName.startsWith('ExportsOutput');
}

function codeChanges(old: CanonicalStack | undefined, now: CanonicalStack | undefined): string[] {
  const [oldRaw, nowRaw] = [rawOf(old), rawOf(now)];
  return Object.entries(nowRaw)
    .filter(([logicalId, raw]) => {
      const before = oldRaw[logicalId] as Raw[string] | undefined;
      const code = (of: Raw[string]) => of.Properties?.Code ?? of.Properties?.Content;
      return (
        before !== undefined &&
        code(raw) !== undefined &&
        !equal(code(before), code(raw)) &&
        equal(old?.resources[logicalId], now?.resources[logicalId])
      );
    })
    .map(([logicalId]) => `${now?.id ?? ''}/${logicalId}`);
}
