import { AS_WRITTEN, ourSections, readable, type References } from './readable';

/** A template as a CloudFormation stack would get it. */
export type Template = Readonly<Record<string, unknown>>;

/** A stack as the cloud assembly has it. */
export interface SynthesisedStack {
  /** Id within its stage, by which people know it: `Data`. */
  readonly id: string;
  /** Name in CloudFormation: what decides whether two templates are of the same stack. */
  readonly stackName: string;
  readonly terminationProtection: boolean;
  /** Account and region, as far as they are known. */
  readonly target: string;
  readonly template: Template;
}

/** A resource of a template. */
export interface Resource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
  readonly DependsOn?: readonly string[];
}

/** A stack in the form in which two of them are compared. */
export interface CanonicalStack extends SynthesisedStack {
  readonly resources: Readonly<Record<string, Resource>>;
  /** What the template holds beside resources. */
  readonly sections: Readonly<Record<string, unknown>>;
}

/** Lists whose order means nothing to AWS. */
const SETS = [
  'AlarmActions',
  'AttributeDefinitions',
  'DependsOn',
  'Dimensions',
  'InsufficientDataActions',
  'ManagedPolicyArns',
  'OKActions',
  'Policies',
  'Roles',
  'SecurityGroupEgress',
  'SecurityGroupIds',
  'SecurityGroupIngress',
  'SubnetIds',
  'Tags',
];

/** Text for people, at any depth below a property. */
const COMMENTS = ['Comment', 'Description'];

/**
 * All stacks of an environment in a form in which what is equal to AWS is equal: references name the resource wherever it
 * is exported, order and comments are gone, hashes of code are masked.
 */
export function canonicalStacks(stacks: readonly SynthesisedStack[]): CanonicalStack[] {
  return stacks.map(stack => {
    const ours = readable(ourSections(stack.template), referencesIn(stack, stacks)) as Record<string, unknown>;
    const { Resources = {}, ...sections } = without(ours, 'Metadata', 'Description');
    return {
      ...stack,
      resources: Object.fromEntries(
        Object.entries(Resources as Record<string, Resource>).map(([id, resource]) => [
          id,
          canonicalResource(resource),
        ]),
      ),
      sections: ordered(sections) as Record<string, unknown>,
    };
  });
}

function canonicalResource(resource: Resource): Resource {
  const { Properties = {}, DependsOn, ...others } = without(resource, 'Metadata') as Partial<Resource>;
  // what a custom resource does with a comment, nobody knows
  const isCustom = /^(Custom::|AWS::CloudFormation::CustomResource$)/.test(resource.Type);
  const commentless = Object.entries(Properties).map(([key, value]) => [key, isCustom ? value : uncommented(value)]);
  return ordered({
    ...others,
    // one dependency may stand without a list
    ...(DependsOn === undefined ? {} : { DependsOn: [DependsOn].flat() }),
    Properties: Object.fromEntries(commentless) as Resource['Properties'],
  }) as Resource;
}

function without(value: object, ...keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(value).filter(([key]) => !keys.includes(key)));
}

function uncommented(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(uncommented);
  }
  return typeof value === 'object' && value !== null
    ? Object.fromEntries(
        Object.entries(value)
          .filter(([key, inner]) => !(COMMENTS.includes(key) && typeof inner === 'string'))
          .map(([key, inner]) => [key, uncommented(inner)]),
      )
    : value;
}

/** Keys in order, and lists whose order means nothing. */
function ordered(value: unknown, isSet = false, inStatement = false): unknown {
  if (Array.isArray(value)) {
    const items = value.map(item => ordered(item, false, inStatement));
    return isSet ? sortedByText(items) : items;
  }
  if (typeof value !== 'object' || value === null) {
    // in a statement, one action and a list of one are the same
    return value;
  }
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]: [string, unknown]) => {
        const policy = inStatement || isStatements(key, inner);
        const listed = policy && typeof inner !== 'object' && LISTS_IN_STATEMENT.includes(key) ? [inner] : inner;
        return [key, ordered(listed, policy || SETS.includes(key), policy)];
      }),
  );
}

const LISTS_IN_STATEMENT = ['Action', 'NotAction', 'Resource', 'NotResource', 'AWS', 'Service', 'Federated'];

function isStatements(key: string, value: unknown): boolean {
  return key === 'Statement' && (Array.isArray(value) || (typeof value === 'object' && value !== null));
}

function sortedByText(items: readonly unknown[]): unknown[] {
  return items
    .map(item => ({ item, text: JSON.stringify(item) }))
    .sort((a, b) => (a.text < b.text ? -1 : 1))
    .map(({ item }) => item);
}

/** References of one stack, written so that the same resource has the same name in all stacks of the environment. */
function referencesIn(stack: SynthesisedStack, stacks: readonly SynthesisedStack[]): References {
  const outputs = (of: SynthesisedStack) =>
    Object.entries((of.template.Outputs ?? {}) as Record<string, { Value: unknown; Export?: { Name: unknown } }>);
  const textOf = (of: SynthesisedStack, value: unknown): string => String(readable(value, referencesIn(of, stacks)));
  return {
    own: name => (name.startsWith('AWS::') ? AS_WRITTEN.own(name) : `\${${stack.id}/${name}}`),
    imported: exportName => {
      for (const of of stacks) {
        const exported = outputs(of).find(([, { Export }]) => Export?.Name === exportName);
        if (exported !== undefined) {
          return textOf(of, exported[1].Value);
        }
      }
      return AS_WRITTEN.imported(exportName);
    },
    outputOf: (stackName, outputName) => {
      const of = stacks.find(other => other.stackName === stackName);
      const output = of && outputs(of).find(([name]) => name === outputName);
      return of === undefined || output === undefined
        ? AS_WRITTEN.outputOf(stackName, outputName)
        : textOf(of, output[1].Value);
    },
  };
}
