import type { CanonicalStack, Resource } from './canonical';
import { isRecord, textOf, valuesAt } from './values';

/** Whose policy it is: an identity's rights, who may use a resource, or who may take a role. */
export type PolicyKind = 'identity' | 'resource' | 'trust';

/** One action on one resource by one principal: a statement's smallest part. */
export interface Right {
  readonly kind: PolicyKind;
  /** Role, bucket, key … that the policy is of, wherever the template keeps it: `Platform/PipelineRole624FA559`. */
  readonly holder: string;
  readonly effect: 'Allow' | 'Deny';
  /** `Action` or `NotAction`, and so for the others. */
  readonly action: Term;
  readonly resource: Term;
  readonly principal: Term;
  /** Operator, key and values, as the statement has them. */
  readonly condition: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Where the template has the statement. */
  readonly stack: string;
  readonly logicalId: string;
}

/** What a part of a statement names, or names what is left out. */
export interface Term {
  readonly value: string;
  readonly not: boolean;
}

/** Every right that the stacks of an environment give or deny, whichever resource and property has the policy. */
export function rightsOf(stacks: readonly CanonicalStack[]): Right[] {
  const attached = attachedPolicies(stacks);
  return stacks.flatMap(stack =>
    Object.entries(stack.resources).flatMap(([logicalId, resource]) => {
      const at = { stack: stack.id, logicalId };
      const own = `${stack.id}/${logicalId}`;
      return [
        ...documentsIn(resource.Properties ?? {}).flatMap(({ path, statements }) => {
          const kind = kindOf(resource.Type, path);
          return holdersOf(resource, own, attached.get(own) ?? []).flatMap(holder =>
            statements.flatMap(statement => rights(statement, { ...at, kind, holder })),
          );
        }),
        ...permissionOf(resource).flatMap(statement =>
          rights(statement, { ...at, kind: 'resource', holder: nameOf(String(resource.Properties?.FunctionName)) }),
        ),
        ...managedPoliciesOf(resource).flatMap(statement =>
          rights(statement, { ...at, kind: 'identity', holder: own }),
        ),
      ];
    }),
  );
}

/** A holder that is itself a resource of the stacks. */
export function isHolderIn(stacks: readonly CanonicalStack[], holder: string): boolean {
  return stacks.some(({ id, resources }) => holder.startsWith(`${id}/`) && holder.slice(id.length + 1) in resources);
}

type Statement = Record<string, unknown>;
type At = Pick<Right, 'stack' | 'logicalId' | 'kind' | 'holder'>;

/** Every policy document in a value: whatever has a list of statements with an effect. */
function documentsIn(
  value: unknown,
  path: readonly string[] = [],
): { path: readonly string[]; statements: Statement[] }[] {
  if (Array.isArray(value)) {
    return value.flatMap(item => documentsIn(item, path));
  }
  if (!isRecord(value)) {
    return [];
  }
  const statements = [value.Statement].flat().filter(isRecord);
  return statements.some(({ Effect }) => Effect === 'Allow' || Effect === 'Deny')
    ? [{ path, statements }]
    : Object.entries(value).flatMap(([key, inner]) => documentsIn(inner, [...path, key]));
}

function kindOf(type: string, [property]: readonly string[]): PolicyKind {
  if (property === 'AssumeRolePolicyDocument') {
    return 'trust';
  }
  return /^AWS::(IAM::|SSO::PermissionSet)/.test(type) ? 'identity' : 'resource';
}

/** Properties that name what a policy is attached to. */
const TARGETS = ['Bucket', 'Queues.*', 'Topics.*', 'SecretId', 'EventBusName', 'ModelPackageGroupName', 'ResourceArn'];

function holdersOf({ Type, Properties }: Resource, own: string, attachedTo: readonly string[]): string[] {
  const names = (paths: readonly string[]) =>
    paths.flatMap(path => valuesAt({ Type, Properties }, path)).map(value => nameOf(String(value)));
  if (/^AWS::IAM::(ManagedPolicy|(Role|User|Group)?Policy)$/.test(Type)) {
    const identities = [
      ...names(['Roles.*', 'Users.*', 'Groups.*', 'RoleName', 'UserName', 'GroupName']),
      ...attachedTo,
    ];
    return identities.length > 0 ? identities : [own];
  }
  const targets = /Policy$/.test(Type) ? names(TARGETS) : [];
  return targets.length > 0 ? targets : [own];
}

/** Roles by the managed policies of the same environment that they name. */
function attachedPolicies(stacks: readonly CanonicalStack[]): Map<string, string[]> {
  const found = new Map<string, string[]>();
  for (const { id, resources } of stacks) {
    for (const [logicalId, resource] of Object.entries(resources)) {
      for (const policy of valuesAt(resource, 'ManagedPolicyArns.*').map(value => nameOf(String(value)))) {
        found.set(policy, [...(found.get(policy) ?? []), `${id}/${logicalId}`]);
      }
    }
  }
  return found;
}

/** `${Data/Lake.Arn}` names `Data/Lake`; any other text names itself. */
function nameOf(reference: string): string {
  return /^\$\{([^}]*)\}$/.exec(reference)?.[1].replace(/\.[A-Za-z]+$/, '') ?? reference;
}

/** A permission of Lambda says in properties what a policy says in a statement. */
function permissionOf({ Type, Properties = {} }: Resource): Statement[] {
  if (Type !== 'AWS::Lambda::Permission') {
    return [];
  }
  const { Action, Principal, FunctionName, SourceArn, SourceAccount, PrincipalOrgID, FunctionUrlAuthType } = Properties;
  const condition = Object.entries({
    'aws:SourceArn': SourceArn,
    'aws:SourceAccount': SourceAccount,
    'aws:PrincipalOrgID': PrincipalOrgID,
    'lambda:FunctionUrlAuthType': FunctionUrlAuthType,
  }).filter(([, value]) => value !== undefined);
  const service = /\.amazonaws\.com$/.test(String(Principal));
  return [
    {
      Effect: 'Allow',
      Action,
      Resource: FunctionName,
      Principal: Principal === '*' ? '*' : { [service ? 'Service' : 'AWS']: Principal },
      ...(condition.length > 0 ? { Condition: { StringLike: Object.fromEntries(condition) } } : {}),
    },
  ];
}

/** A policy of AWS or of another stack: what it allows is not in the template, so it counts as an action of its own. */
function managedPoliciesOf(resource: Resource): Statement[] {
  return valuesAt(resource, 'ManagedPolicyArns.*')
    .map(String)
    .filter(arn => !/^\$\{[^}]*\/[^}]*\}$/.test(arn))
    .map(arn => ({ Effect: 'Allow', Action: `policy ${arn}`, Resource: '*' }));
}

function rights(statement: Statement, at: At): Right[] {
  const condition = (isRecord(statement.Condition) ? statement.Condition : {}) as Right['condition'];
  return terms(statement, 'Action').flatMap(action =>
    terms(statement, 'Resource').flatMap(resource =>
      principalsOf(statement).map(principal => ({
        ...at,
        effect: statement.Effect as Right['effect'],
        action,
        resource,
        principal,
        condition,
      })),
    ),
  );
}

/** Without any, it is everything: a trust has no resource, and an identity's policy no principal. */
function terms(statement: Statement, name: 'Action' | 'Resource'): Term[] {
  const not = `Not${name}` in statement;
  const values = [statement[not ? `Not${name}` : name] ?? '*'].flat();
  // all that is left out belongs together
  return not
    ? [{ value: values.map(textOf).sort().join(', '), not }]
    : values.map(value => ({ value: textOf(value), not }));
}

function principalsOf(statement: Statement): Term[] {
  const not = 'NotPrincipal' in statement;
  const principal = statement[not ? 'NotPrincipal' : 'Principal'];
  if (principal === undefined) {
    return [{ value: '', not: false }];
  }
  const values = isRecord(principal)
    ? Object.entries(principal).flatMap(([type, names]) =>
        [names].flat().map(name => (name === '*' && type === 'AWS' ? '*' : `${type} ${textOf(name)}`)),
      )
    : [textOf(principal)];
  return not ? [{ value: values.sort().join(', '), not }] : values.map(value => ({ value, not }));
}
