import { Stack } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { LostAlarm } from '../private/lost-alarm';
import { modelResourceName, resourcePrefix } from '../private/names';
import { PlatformFunction } from '../private/platform-function';

/** Settings of the way from an approval to a release. */
export interface ApprovalsProps {
  readonly environmentName: string;
  /** @default - all models */
  readonly modelName?: string;
  readonly stateMachine: IStateMachine;
  readonly notificationTopic: ITopic;
}

/** Starts a release for each version that is approved. */
export class Approvals extends Construct {
  public readonly function: IFunction;
  /** Approvals that could not be turned into a release, after all retries. */
  public readonly deadLetterQueue: IQueue;
  public readonly lostAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: ApprovalsProps) {
    super(scope, id);
    const { environmentName, modelName, stateMachine } = props;
    const approval = new PlatformFunction(this, 'Function', {
      handler: 'release-trigger',
      description: `Starts a release for each approved version in ${resourcePrefix(environmentName)}`,
      environment: { ENVIRONMENT: environmentName, RELEASE_MACHINE_ARN: stateMachine.stateMachineArn },
    });
    this.function = approval;
    stateMachine.grantStartExecution(approval);
    approval.addToRolePolicy(
      new PolicyStatement({
        actions: ['sagemaker:DescribeModelPackage'],
        resources: [
          Stack.of(this).formatArn({
            service: 'sagemaker',
            resource: 'model-package',
            resourceName: `${resourcePrefix(environmentName)}-*`,
          }),
        ],
      }),
    );
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue');
    approval.configureAsyncInvoke({ retryAttempts: 2, onFailure: new SqsDestination(this.deadLetterQueue) });
    new Rule(this, 'Rule', {
      description: `Releases each version that is approved in ${resourcePrefix(environmentName)}`,
      // one rule for all models: a function's policy has room for some fifty that may call it
      eventPattern: {
        source: ['aws.sagemaker'],
        detailType: ['SageMaker Model Package State Change'],
        detail: {
          ModelPackageGroupName:
            modelName === undefined
              ? [{ prefix: `${resourcePrefix(environmentName)}-` }]
              : [modelResourceName(environmentName, modelName)],
          ModelApprovalStatus: ['Approved'],
        },
      },
      targets: [new LambdaFunction(approval)],
    });
    this.lostAlarm = new LostAlarm(this, 'LostAlarm', {
      alarmDescription:
        'An approval in the model registry could not be turned into a release: see the queue for the event, then approve the version again',
      queue: this.deadLetterQueue,
      notificationTopic: props.notificationTopic,
    });
  }
}
