import { leastJsonBytes } from './least-bytes';
import { type Finding, isObject, type Limit, listed, referred, resourcesOf, type Template } from './template';

/**
 * What IAM takes of all inline policies of one role, of users and groups less:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 */
export const MAX_INLINE_BYTES = 10240;
export const MAX_MANAGED_BYTES = 6144;
/** The quota of a new account; it can be raised to 4,096. */
const MAX_TRUST_BYTES = 2048;
const MAX_MANAGED_POLICIES = 10;
/** Each statement that lets somebody invoke a function goes into the one policy of the function. */
const MAX_FUNCTION_POLICY_BYTES = 20480;
/** What Lambda makes of a permission, without what the template says of it. */
const PERMISSION_FRAME = { Sid: '', Effect: 'Allow', Principal: { Service: '' }, Action: '', Resource: '' };

/** A policy that a resource has, or is. */
interface PolicyOf {
  readonly type: string;
  readonly property: string;
  readonly maxBytes: number;
  readonly fix: string;
}

const POLICIES: readonly PolicyOf[] = [
  {
    type: 'AWS::IAM::ManagedPolicy',
    property: 'PolicyDocument',
    maxBytes: MAX_MANAGED_BYTES,
    fix: 'make two policies of it, or name fewer resources by a common prefix',
  },
  {
    type: 'AWS::IAM::Role',
    property: 'AssumeRolePolicyDocument',
    maxBytes: MAX_TRUST_BYTES,
    fix: 'trust fewer principals, or trust an account and choose by a condition; where the quota was raised, acknowledge this',
  },
  {
    type: 'AWS::S3::BucketPolicy',
    property: 'PolicyDocument',
    maxBytes: 20480,
    fix: 'grant by the roles of this account, and name other accounts instead of each of their roles',
  },
  {
    type: 'AWS::KMS::Key',
    property: 'KeyPolicy',
    maxBytes: 32768,
    fix: "let the key's account decide by IAM policies, and name other accounts instead of each of their roles",
  },
  {
    type: 'AWS::SNS::TopicPolicy',
    property: 'PolicyDocument',
    maxBytes: 30720,
    fix: 'name accounts instead of each of their roles',
  },
];

/** Policies that the services would not take for their size. */
export const policyLimits: readonly Limit[] = [
  { name: 'policy-size', findings: template => POLICIES.flatMap(policy => tooLarge(template, policy)) },
  { name: 'inline-policies-size', findings: inlineTooLarge },
  { name: 'managed-policies-of-role', findings: tooManyManagedPolicies },
  { name: 'function-policy-size', findings: functionPolicyTooLarge },
];

function tooLarge(template: Template, { type, property, maxBytes, fix }: PolicyOf): Finding[] {
  return resourcesOf(template, type).flatMap(([logicalId, properties]) => {
    const bytes = leastJsonBytes(properties[property]);
    if (bytes <= maxBytes) return [];
    return [
      {
        logicalId,
        location: `Properties/${property}`,
        message: `'${property}' has ${bytes} bytes or more, must have at most ${maxBytes}: ${fix}`,
      },
    ];
  });
}

/** Inline policies stand in their role, or in resources of their own that name it. */
function inlineTooLarge(template: Template): Finding[] {
  const bytesOf = new Map<string, number>();
  const count = (role: string | undefined, document: unknown): void => {
    if (role !== undefined) bytesOf.set(role, (bytesOf.get(role) ?? 0) + leastJsonBytes(document));
  };
  for (const [logicalId, { Policies }] of resourcesOf(template, 'AWS::IAM::Role')) {
    for (const policy of listed(Policies)) count(logicalId, isObject(policy) ? policy.PolicyDocument : undefined);
  }
  for (const [, { Roles, PolicyDocument }] of resourcesOf(template, 'AWS::IAM::Policy')) {
    for (const role of listed(Roles)) count(referred(role), PolicyDocument);
  }
  return [...bytesOf]
    .filter(([logicalId, bytes]) => bytes > MAX_INLINE_BYTES && template.Resources?.[logicalId] !== undefined)
    .map(([logicalId, bytes]) => ({
      logicalId,
      location: 'Properties/Policies',
      message: `the inline policies of the role have ${bytes} bytes or more together, must have at most ${MAX_INLINE_BYTES}: move some to a managed policy, or name fewer resources by a common prefix`,
    }));
}

function tooManyManagedPolicies(template: Template): Finding[] {
  const attached = resourcesOf(template, 'AWS::IAM::ManagedPolicy').flatMap(([, { Roles }]) =>
    listed(Roles).map(referred),
  );
  return resourcesOf(template, 'AWS::IAM::Role').flatMap(([logicalId, { ManagedPolicyArns }]) => {
    const policies = listed(ManagedPolicyArns).length + attached.filter(role => role === logicalId).length;
    if (policies <= MAX_MANAGED_POLICIES) return [];
    return [
      {
        logicalId,
        location: 'Properties/ManagedPolicyArns',
        message: `the role has ${policies} managed policies, must have at most ${MAX_MANAGED_POLICIES}: join some of them; where the quota was raised, acknowledge this`,
      },
    ];
  });
}

function functionPolicyTooLarge(template: Template): Finding[] {
  const bytesOf = new Map<string, number>();
  for (const [, { FunctionName, Action, Principal, SourceArn }] of resourcesOf(template, 'AWS::Lambda::Permission')) {
    const target = referred(FunctionName);
    if (target === undefined) continue;
    const bytes = leastJsonBytes(PERMISSION_FRAME) + [Action, Principal, SourceArn].map(leastJsonBytes).reduce(add);
    bytesOf.set(target, (bytesOf.get(target) ?? 0) + bytes);
  }
  return [...bytesOf]
    .filter(([, bytes]) => bytes > MAX_FUNCTION_POLICY_BYTES)
    .map(([logicalId, bytes]) => ({
      logicalId,
      location: 'Type',
      message: `the permissions of the function have ${bytes} bytes or more together, must have at most ${MAX_FUNCTION_POLICY_BYTES}: let one rule or topic call it for many, or a role by its own policy`,
    }));
}

function add(one: number, other: number): number {
  return one + other;
}
