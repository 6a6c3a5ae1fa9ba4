import { Stack } from 'aws-cdk-lib';
import { CfnBudgetsAction } from 'aws-cdk-lib/aws-budgets';
import { Effect, type IRole, ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/** All by which SageMaker begins to compute for a training. */
const STARTS = [
  'sagemaker:CreateAutoMLJob',
  'sagemaker:CreateAutoMLJobV2',
  'sagemaker:CreateHyperParameterTuningJob',
  'sagemaker:CreateProcessingJob',
  'sagemaker:CreateTrainingJob',
  'sagemaker:CreateTransformJob',
];

/** Settings of a stop. */
export interface TrainingStopProps {
  readonly budgetName: string;
  readonly roles: IRole[];
  /** Where people are told that it came to it. */
  readonly notificationTopic: ITopic;
}

/**
 * Takes the start of new jobs from roles once the whole of a budget is spent, without asking anybody; a person gives it
 * back: https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-action-review.html
 */
export class TrainingStop extends Construct {
  constructor(scope: Construct, id: string, props: TrainingStopProps) {
    super(scope, id);
    const { budgetName, roles, notificationTopic } = props;
    const stack = Stack.of(this);
    const policy = new ManagedPolicy(this, 'Policy', {
      description: `Starts no job any more: the budget ${budgetName} is spent`,
      statements: [
        new PolicyStatement({
          sid: 'BudgetIsSpent',
          effect: Effect.DENY,
          actions: STARTS,
          // a denial: whatever the role may start
          resources: ['*'],
        }),
      ],
    });
    const executionRole = new Role(this, 'Role', {
      description: `Attaches the policy that stops new jobs when the budget ${budgetName} is spent`,
      assumedBy: new ServicePrincipal('budgets.amazonaws.com', {
        conditions: {
          StringEquals: { 'aws:SourceAccount': stack.account },
          ArnLike: { 'aws:SourceArn': `arn:${stack.partition}:budgets::${stack.account}:budget/${budgetName}` },
        },
      }),
    });
    executionRole.addToPolicy(
      new PolicyStatement({
        // a person reverses the action: nothing that AWS documents does so when a new month begins
        actions: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
        resources: roles.map(({ roleArn }) => roleArn),
        conditions: { ArnEquals: { 'iam:PolicyARN': policy.managedPolicyArn } },
      }),
    );
    const action = new CfnBudgetsAction(this, 'Resource', {
      budgetName,
      actionType: 'APPLY_IAM_POLICY',
      approvalModel: 'AUTOMATIC',
      notificationType: 'ACTUAL',
      actionThreshold: { type: 'PERCENTAGE', value: 100 },
      definition: {
        iamActionDefinition: { policyArn: policy.managedPolicyArn, roles: roles.map(({ roleName }) => roleName) },
      },
      executionRoleArn: executionRole.roleArn,
      subscribers: [{ type: 'SNS', address: notificationTopic.topicArn }],
    });
    // AWS asks whether the role may when the action is made
    action.node.addDependency(executionRole);
  }
}
