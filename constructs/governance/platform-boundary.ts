import { Stack, Token } from 'aws-cdk-lib';
import { type IManagedPolicy, ManagedPolicy } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import { boundaryStatements } from './boundary-statements';
import { DEFAULT_QUALIFIER } from './delivery-role';

/** Settings of a boundary. */
export interface PlatformBoundaryProps {
  /** Environment whose roles it bounds. */
  readonly environmentName: string;

  /**
   * Name of the policy. It has one, since roles name it where they cannot refer to it.
   *
   * @default 'mlops-<environment>-boundary'
   */
  readonly policyName?: string;

  /**
   * Accounts from whose environments versions come.
   *
   * @default - none: no role reads objects of another account
   */
  readonly sourceAccounts?: string[];

  /**
   * Qualifier with which the account was bootstrapped.
   *
   * @default 'hnb659fds', which `cdk bootstrap` takes by default
   */
  readonly qualifier?: string;
}

/**
 * What the roles of an environment can do at most, whatever their own policies say; name it as the permissions boundary of
 * those roles, and of the role of the bootstrap by which CloudFormation works.
 *
 * They reach the services that the platform uses, and what has the environment's prefix. Only CloudFormation's role changes
 * roles, keys' policies, functions and trails, and it makes no role without this boundary. Nobody under it changes it, takes
 * it off a role, ends the audit trail, or deletes evidence, which is in buckets of the stack `mlops-<environment>-governance`.
 */
export class PlatformBoundary extends Construct {
  /** The policy, to name as a boundary. */
  public readonly managedPolicy: IManagedPolicy;

  constructor(scope: Construct, id: string, props: PlatformBoundaryProps) {
    super(scope, id);
    const { environmentName, sourceAccounts = [], qualifier = DEFAULT_QUALIFIER } = props;
    this.validate(props);
    const policyName = props.policyName ?? `${resourcePrefix(environmentName)}-boundary`;
    const { partition, account } = Stack.of(this);
    this.managedPolicy = new ManagedPolicy(this, 'Resource', {
      managedPolicyName: policyName,
      description: `What the roles of ${resourcePrefix(environmentName)} can do at most`,
      statements: boundaryStatements({
        partition,
        account,
        environmentName,
        qualifier,
        sourceAccounts,
        boundaryArn: `arn:${partition}:iam::${account}:policy/${policyName}`,
      }),
    });
    const reason = 'a boundary gives no right: it says what the policies of roles can give at most';
    explainWildcards(this, { wildcard: '*', reason }, { wildcard: ':', reason });
  }

  private validate({ environmentName, policyName, sourceAccounts = [], qualifier }: PlatformBoundaryProps): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, environmentName);
    problems.requirePattern(
      'policyName',
      policyName,
      /^[\w+=,.@-]{1,128}$/,
      "1 to 128 letters, digits and '_+=,.@-', without a path",
    );
    problems.requirePattern('qualifier', qualifier, /^[a-z0-9]{1,10}$/, '1 to 10 lower-case letters and digits');
    for (const account of Token.isUnresolved(sourceAccounts) ? [] : sourceAccounts) {
      problems.requirePattern('sourceAccounts', account, /^\d{12}$/, 'the 12 digits of an account');
    }
    problems.throwIfAny();
  }
}
