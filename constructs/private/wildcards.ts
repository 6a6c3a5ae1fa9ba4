import { Stack, Validations } from 'aws-cdk-lib';
import { CfnManagedPolicy, CfnPolicy, CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';

/** A wildcard in a policy that is meant, and why. */
export interface MeantWildcard {
  /**
   * Part of the action or the resource, as it stands in the template: `kms:GenerateDataKey*`, `/inference_log/`, or
   * `*` for all resources.
   */
  readonly wildcard: string;
  /** The only actions for which the wildcard is meant; all of the statement's without it. */
  readonly actions?: string[];
  readonly reason: string;
}

const meantBelow = new WeakMap<IConstruct, MeantWildcard[]>();

/**
 * Says beside the policies of `subject` why their wildcards are meant; any other wildcard stays a finding of cdk-nag.
 *
 * A finding is named by the resolved ARN, which is known only after every reference between stacks is resolved: hence
 * the validation, which runs then.
 */
export function explainWildcards(subject: IConstruct, ...meant: MeantWildcard[]): void {
  // the policies of a function lie with its role, which may lie beside it
  const scope: IConstruct = (subject as Partial<IFunction>).role ?? subject;
  const before = meantBelow.get(scope);
  meantBelow.set(scope, [...(before ?? []), ...meant]);
  // the first look at what lies below takes all that is said of it
  if (before !== undefined) return;
  scope.node.addValidation({
    validate: () => {
      scope.node.findAll().filter(isPolicy).forEach(explain);
      return [];
    },
  });
}

/** Explained before, further up or down: whoever asks first takes what all of them say. */
const explainedPolicies = new WeakSet<PolicyHolder>();

function explain(policy: PolicyHolder): void {
  if (explainedPolicies.has(policy)) return;
  explainedPolicies.add(policy);
  // statements with the same resources are merged, so what is said further up counts as well
  const meantHere = policy.node.scopes.flatMap(ancestor => meantBelow.get(ancestor) ?? []);
  for (const [finding, reasons] of explainedFindings(policy, meantHere)) {
    Validations.of(policy).acknowledge({
      id: `AwsSolutions-IAM5[${finding}]`,
      reason: [...new Set(reasons)].join('; '),
    });
  }
}

/** What has statements: a policy, or a role that has some in itself. */
type PolicyHolder = CfnPolicy | CfnManagedPolicy | CfnRole;

function isPolicy(construct: IConstruct): construct is PolicyHolder {
  return [CfnPolicy, CfnManagedPolicy, CfnRole].some(kind => construct instanceof kind);
}

interface Statement {
  readonly Action?: string | string[];
  readonly Resource?: unknown;
}

/** Findings of a policy, as cdk-nag names them, of which every statement that makes them is explained. */
function explainedFindings(policy: PolicyHolder, meant: MeantWildcard[]): Map<string, string[]> {
  const explained = new Map<string, string[]>();
  const unexplained = new Set<string>();
  for (const statement of statementsOf(policy)) {
    const actions = [statement.Action ?? []].flat();
    const resources = [statement.Resource ?? []].flat().map(flatten);
    const findings = [
      ...actions.map(text => ({ name: `Action::${text}`, text })),
      ...resources.map(text => ({ name: `Resource::${text}`, text })),
    ];
    for (const { name, text } of findings.filter(finding => finding.text.includes('*'))) {
      const explanations = meant.filter(candidate => means(candidate, text, actions));
      // one explanation may tell of a part of the actions only
      const told = (action: string) => explanations.some(({ actions: only }) => only?.includes(action) ?? true);
      if (explanations.length > 0 && actions.every(told)) {
        explained.set(name, [...(explained.get(name) ?? []), ...explanations.map(({ reason }) => reason)]);
      } else {
        unexplained.add(name);
      }
    }
  }
  unexplained.forEach(name => explained.delete(name));
  return explained;
}

/** Of a policy, or of those that a role has in itself. */
function statementsOf(policy: PolicyHolder): Statement[] {
  const resolved = (value: unknown): unknown => Stack.of(policy).resolve(value);
  const documents =
    policy instanceof CfnRole
      ? ((resolved(policy.policies) ?? []) as CfnRole.PolicyProperty[]).map(
          ({ policyDocument }): unknown => policyDocument,
        )
      : [resolved(policy.policyDocument)];
  return documents.flatMap(document => (document as { Statement?: Statement[] }).Statement ?? []);
}

function means(meant: MeantWildcard, text: string, actions: string[]): boolean {
  // `*` alone must be the whole of it, or it would mean everything
  const sameText = meant.wildcard === '*' ? text === '*' : text.includes(meant.wildcard);
  return sameText && (meant.actions?.some(action => actions.includes(action)) ?? true);
}

/** A reference as one line, as cdk-nag writes it: `<LogicalId.Attribute>`. */
export function flatten(value: unknown): string {
  if (typeof value === 'string') {
    return value.replaceAll('${', '<').replaceAll('}', '>');
  }
  const [intrinsic, argument] = Object.entries(value as Record<string, unknown>)[0];
  switch (intrinsic) {
    case 'Ref':
      return `<${flatten(argument)}>`;
    case 'Fn::GetAtt':
      return `<${(argument as unknown[]).map(flatten).join('.')}>`;
    case 'Fn::ImportValue':
    case 'Fn::Sub':
      return flatten(argument);
    case 'Fn::Join': {
      const [delimiter, items] = argument as [string, unknown[]];
      return items.map(flatten).join(delimiter);
    }
    default:
      return JSON.stringify(value);
  }
}
