import { ArnFormat, Stack } from 'aws-cdk-lib';
import { type IGrantable, type IOidcProvider, type IPrincipal, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { requireEnvironmentName } from '../private/name-rules';
import { settingsParameterName } from '../private/names';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import type { IPipelineController } from '../training/pipeline-controller';
import { DeliveryRole } from './delivery-role';

/** Settings of a role by which merges train. */
export interface MergeRoleProps {
  /** Environment whose models are trained. */
  readonly environmentName: string;

  /** What trains them. */
  readonly pipeline: IPipelineController;

  /** Host and path of who signs the tokens, without `https://`, such as `token.actions.githubusercontent.com`. */
  readonly issuer: string;

  /**
   * Provider of that issuer in this account, which has one at most of each.
   *
   * @default - one is made
   */
  readonly provider?: IOidcProvider;

  /**
   * For whom a token must be made.
   *
   * @default 'sts.amazonaws.com'
   */
  readonly audience?: string;

  /** Exactly who may take the role, such as `repo:acme/models:ref:refs/heads/main`: what only merged code has. */
  readonly subjects: string[];

  /**
   * Name of the stack whose outputs tell `mlops` where the parts of the platform are.
   *
   * @default - the stack of this construct
   */
  readonly stackName?: string;
}

/**
 * A role by which a team's CI says that a commit was merged, and no more: it has the rights of `mlops train MODEL --commit SHA`
 * in one environment. It deploys nothing, approves nothing and releases nothing.
 *
 * The models of an environment share their pipeline, and IAM does not see what an execution is started with: whoever takes
 * the role may start a training of any of them, held up by the guard. Teams that must not have environments of their own.
 */
export class MergeRole extends Construct implements IGrantable {
  /** The role itself. */
  public readonly role: IRole;

  public readonly grantPrincipal: IPrincipal;

  constructor(scope: Construct, id: string, props: MergeRoleProps) {
    super(scope, id);
    const { environmentName, pipeline, issuer, provider, audience, subjects, stackName } = props;
    this.validate(props);
    const { role } = new DeliveryRole(this, 'Resource', { issuer, provider, audience, subjects });
    this.role = role;
    this.grantPrincipal = role.grantPrincipal;

    const stack = Stack.of(this);
    pipeline.grantStart(this);
    for (const [action, service, resource] of [
      // where the pipeline is
      ['cloudformation:DescribeStacks', 'cloudformation', `stack/${stackName ?? stack.stackName}/*`],
      // whether a merge trains this model here
      ['ssm:GetParameter', 'ssm', `parameter${settingsParameterName(environmentName, '*', 'training')}`],
    ] as const) {
      role.addToPrincipalPolicy(
        new PolicyStatement({
          actions: [action],
          resources: [stack.formatArn({ service, resource, arnFormat: ArnFormat.NO_RESOURCE_NAME })],
        }),
      );
    }
    // what became of an earlier start of the same commit
    pipeline.runsTable.grant(this, 'dynamodb:Query');
    const { encryptionKey } = pipeline.runsTable;
    if (encryptionKey !== undefined) {
      role.addToPrincipalPolicy(
        new PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [encryptionKey.keyArn],
          // the lake has the same key
          conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${stack.region}.${stack.urlSuffix}` } },
        }),
      );
    }
    explainWildcards(
      this,
      {
        wildcard: '/*/training',
        actions: ['ssm:GetParameter'],
        reason: 'a new model trains on merges without a change to the role; its settings hold no secrets',
      },
      {
        wildcard: ':stack/',
        actions: ['cloudformation:DescribeStacks'],
        reason: 'the id of one stack, which AWS gives it',
      },
    );
  }

  private validate({ environmentName, subjects }: MergeRoleProps): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, environmentName);
    for (const subject of subjects) {
      problems.require(
        !subject.endsWith(':pull_request'),
        `'subjects' has '${subject}', which any pull request has, must be what only merged code has; name a branch or an environment`,
      );
    }
    problems.throwIfAny();
  }
}
