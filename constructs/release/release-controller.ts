import { Annotations, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  Alarm,
  type IAlarm,
  ComparisonOperator,
  type Metric,
  type MetricOptions,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { AttributeType, Billing, type ITableV2, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type Grant, type IGrantable, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Rule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { SqsDestination } from 'aws-cdk-lib/aws-lambda-destinations';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { type ITopic, Topic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  DefinitionBody,
  type IStateMachine,
  LogLevel,
  StateMachine,
  QueryLanguage,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import { tellOn } from '../private/alarm-topic';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { MachineLogs } from '../private/machine-logs';
import { requireEnvironmentName, requireModelName } from '../private/name-rules';
import { modelResourceName, resourcePrefix } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import { ChatTargets, requireChatTargets, type SlackChannel, type TeamsChannel } from './chat-targets';
import { allowRelease, allowServingCleanup } from './release-permissions';
import { ReleaseWorkflow, TOLD_ERRORS } from './release-workflow';

const DEFAULT_POLL_INTERVAL = Duration.seconds(5);
const MAX_POLL_SECONDS = 60;

/** Longer than a release can wait for another one, move traffic and go back again. */
const MACHINE_TIMEOUT = Duration.days(3);
const STEP_TIMEOUT = Duration.minutes(2);
const STEP_MEMORY_MB = 512;
/** As long as a function may run; an endpoint takes minutes to go. */
const CLEANUP_TIMEOUT = Duration.minutes(15);

/** Everything through which a version comes to serve, or leaves. One for all models of an environment. */
export interface IReleaseController extends IConstruct {
  /** The only way in which anything changes what serves; for its input see `releaseInput` in `lambda/shared/contracts.ts`. */
  readonly stateMachine: IStateMachine;

  /** What serves, what served, and every release. Only the release machine writes it, but for records of reactions. */
  readonly ledgerTable: ITableV2;

  /** Where people are told. */
  readonly notificationTopic: ITopic;

  /** Service token of the custom resource that cleans up behind a model's stack. */
  readonly cleanupServiceToken: string;

  /** Lets the grantee ask for releases and rollbacks. */
  grantRelease(grantee: IGrantable): Grant;
}

/** Settings of a release controller. */
export interface ReleaseControllerProps {
  /** Environment whose models it releases. */
  readonly environmentName: string;

  /**
   * The only model whose approvals start releases.
   *
   * @default - all models of the environment
   */
  readonly modelName?: string;

  /** Bucket in which the versions' artifacts and baselines lie. */
  readonly artifactBucket: IBucket;

  /**
   * Key of ledger and notifications.
   *
   * @default - keys of the services
   */
  readonly encryptionKey?: IKey;

  /**
   * Topic on which people are told. The policy of an imported one, and of its key, must let `cloudwatch.amazonaws.com`
   * publish, or alarms are not heard.
   *
   * @default - a new one
   */
  readonly notificationTopic?: ITopic;

  /**
   * Addresses that get the notifications; each must confirm once.
   *
   * @default - none
   */
  readonly emailAddresses?: string[];

  /**
   * Slack channels that get the notifications, by Amazon Q Developer in chat applications.
   *
   * @default - none
   */
  readonly slackChannels?: SlackChannel[];

  /**
   * Channels of Microsoft Teams that get the notifications, by Amazon Q Developer in chat applications.
   *
   * @default - none
   */
  readonly teamsChannels?: TeamsChannel[];

  /**
   * Shortest wait between two looks at an endpoint that changes, a second to a minute.
   *
   * @default Duration.seconds(5)
   */
  readonly pollInterval?: Duration;

  /**
   * What happens to the ledger when it leaves the stack. `DESTROY` keeps it all the same, with a warning, unless
   * `deleteData` is true too.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Second word on the deletion of the ledger, with `RemovalPolicy.DESTROY`; without it the table is protected against
   * deletion as well.
   *
   * @default false
   */
  readonly deleteData?: boolean;
}

/** A release controller that another stack or app made. */
export interface ReleaseControllerAttributes {
  /** The release machine. */
  readonly stateMachine: IStateMachine;

  /** The ledger. */
  readonly ledgerTable: ITableV2;

  /** Where people are told. */
  readonly notificationTopic: ITopic;

  /** Service token of the cleanup. */
  readonly cleanupServiceToken: string;
}

/**
 * Releases versions, rolls them back, and remembers both: ledger, release machine, notifications.
 *
 * Adding a model adds nothing here.
 */
export class ReleaseController extends Construct implements IReleaseController {
  /** Uses a controller that exists already. */
  public static fromReleaseControllerAttributes(
    scope: Construct,
    id: string,
    attributes: ReleaseControllerAttributes,
  ): IReleaseController {
    class ImportedReleaseController extends Construct implements IReleaseController {
      public readonly stateMachine = attributes.stateMachine;
      public readonly ledgerTable = attributes.ledgerTable;
      public readonly notificationTopic = attributes.notificationTopic;
      public readonly cleanupServiceToken = attributes.cleanupServiceToken;
      public grantRelease(grantee: IGrantable): Grant {
        return this.stateMachine.grantStartExecution(grantee);
      }
    }
    return new ImportedReleaseController(scope, id);
  }

  public readonly stateMachine: IStateMachine;
  public readonly ledgerTable: ITableV2;
  public readonly notificationTopic: ITopic;
  public readonly cleanupServiceToken: string;

  /** Starts a release when the registry says that a version was approved. */
  public readonly approvalFunction: IFunction;

  /** Approvals that could not be turned into a release, after all retries. */
  public readonly approvalDeadLetterQueue: Queue;

  /** Goes off when an approval was lost. */
  public readonly approvalLostAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: ReleaseControllerProps) {
    super(scope, id);
    const pollInterval = props.pollInterval ?? DEFAULT_POLL_INTERVAL;
    this.validate(props, pollInterval);

    this.ledgerTable = this.createLedger(props);
    this.notificationTopic = props.notificationTopic ?? this.createTopic(props);
    for (const address of props.emailAddresses ?? []) {
      this.notificationTopic.addSubscription(new EmailSubscription(address));
    }
    const { slackChannels, teamsChannels } = props;
    if ([...(slackChannels ?? []), ...(teamsChannels ?? [])].length > 0) {
      const { notificationTopic } = this;
      new ChatTargets(this, 'ChatTargets', { notificationTopic, slackChannels, teamsChannels });
    }

    const step = new PlatformFunction(this, 'StepFunction', {
      handler: 'release-step',
      description: `Steps of a release in ${resourcePrefix(props.environmentName)}`,
      timeout: STEP_TIMEOUT,
      memorySize: STEP_MEMORY_MB,
      environment: {
        ENVIRONMENT: props.environmentName,
        LEDGER_TABLE: this.ledgerTable.tableName,
        NOTIFICATION_TOPIC_ARN: this.notificationTopic.topicArn,
        MODEL_PACKAGE_ARN_PREFIX: `${Stack.of(this).formatArn({ service: 'sagemaker', resource: 'model-package' })}/`,
        POLL_SECONDS: String(pollInterval.toSeconds()),
      },
    });
    allowRelease(step, {
      environmentName: props.environmentName,
      artifactBucket: props.artifactBucket,
      encryptionKey: props.encryptionKey,
      ledgerTable: this.ledgerTable,
      notificationTopic: this.notificationTopic,
    });
    const machineLogs = new MachineLogs(this, 'MachineLogs', { retention: RetentionDays.ONE_YEAR });
    this.stateMachine = this.createStateMachine(step, machineLogs);

    const approvalFunction = new PlatformFunction(this, 'ApprovalFunction', {
      handler: 'release-trigger',
      description: `Starts a release for each approved version in ${resourcePrefix(props.environmentName)}`,
      environment: { ENVIRONMENT: props.environmentName, RELEASE_MACHINE_ARN: this.stateMachine.stateMachineArn },
    });
    this.stateMachine.grantStartExecution(approvalFunction);
    approvalFunction.addToRolePolicy(
      new PolicyStatement({
        actions: ['sagemaker:DescribeModelPackage'],
        resources: [
          Stack.of(this).formatArn({
            service: 'sagemaker',
            resource: 'model-package',
            resourceName: `${resourcePrefix(props.environmentName)}-*`,
          }),
        ],
      }),
    );
    this.approvalFunction = approvalFunction;
    this.approvalDeadLetterQueue = new DeadLetterQueue(this, 'ApprovalDeadLetterQueue');
    approvalFunction.configureAsyncInvoke({
      retryAttempts: 2,
      onFailure: new SqsDestination(this.approvalDeadLetterQueue),
    });
    new Rule(this, 'ApprovalRule', {
      description: `Releases each version that is approved in ${resourcePrefix(props.environmentName)}`,
      // one rule for all models: a function's policy has room for some fifty that may call it
      eventPattern: {
        source: ['aws.sagemaker'],
        detailType: ['SageMaker Model Package State Change'],
        detail: {
          ModelPackageGroupName:
            props.modelName === undefined
              ? [{ prefix: `${resourcePrefix(props.environmentName)}-` }]
              : [modelResourceName(props.environmentName, props.modelName)],
          ModelApprovalStatus: ['Approved'],
        },
      },
      targets: [new LambdaFunction(approvalFunction)],
    });
    this.approvalLostAlarm = this.createApprovalLostAlarm();
    this.pageWhatNoStepCanTell(machineLogs);

    const cleanup = new PlatformFunction(this, 'CleanupFunction', {
      handler: 'serving-cleanup',
      description: `Deletes what releases made for a model whose stack goes from ${resourcePrefix(props.environmentName)}`,
      timeout: CLEANUP_TIMEOUT,
      environment: {},
    });
    allowServingCleanup(cleanup, props.environmentName);
    this.cleanupServiceToken = cleanup.functionArn;

    this.explain(props.environmentName);
  }

  public grantRelease(grantee: IGrantable): Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }

  /** Releases that were undone or failed. */
  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }

  /** Releases that ended well or were refused. */
  public metricSucceeded(options?: MetricOptions): Metric {
    return this.stateMachine.metricSucceeded(options);
  }

  /** How long releases take, from request to notification. */
  public metricTime(options?: MetricOptions): Metric {
    return this.stateMachine.metricTime(options);
  }

  private validate(props: ReleaseControllerProps, pollInterval: Duration): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireChatTargets(problems, props);
    if (props.modelName !== undefined) {
      requireModelName(problems, props.modelName);
    }
    problems.requireRange('pollInterval', pollInterval.toSeconds({ integral: false }), 1, MAX_POLL_SECONDS);
    problems.throwIfAny();
  }

  private createLedger(props: ReleaseControllerProps): TableV2 {
    const mayGo = props.removalPolicy === RemovalPolicy.DESTROY && props.deleteData === true;
    if (props.removalPolicy === RemovalPolicy.DESTROY && !mayGo) {
      Annotations.of(this).addWarningV2(
        'mlops-blueprint:ledger-kept',
        "the ledger is kept although 'removalPolicy' is DESTROY, set 'deleteData' to true as well to delete it",
      );
    }
    return new TableV2(this, 'Ledger', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption:
        props.encryptionKey === undefined
          ? TableEncryptionV2.dynamoOwnedKey()
          : TableEncryptionV2.customerManagedKey(props.encryptionKey),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: !mayGo,
      // not RETAIN_ON_UPDATE_OR_DELETE: a protected table would hold up the way back of a failed creation
      removalPolicy: mayGo ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
  }

  private createTopic(props: ReleaseControllerProps): Topic {
    if (![props.emailAddresses, props.slackChannels, props.teamsChannels].some(heard => (heard ?? []).length > 0)) {
      Annotations.of(this).addWarningV2(
        'mlops-blueprint:nobody-told',
        "nobody is told of a rollback or a failure: give 'emailAddresses', or a 'notificationTopic' that people listen to",
      );
    }
    const topic = new Topic(this, 'Notifications', {
      displayName: `${resourcePrefix(props.environmentName)}: models`,
      masterKey: props.encryptionKey,
      enforceSSL: true,
    });
    // CloudWatch publishes as itself, so the key's own policy must let it
    props.encryptionKey?.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      true,
    );
    return topic;
  }

  private createStateMachine(step: IFunction, machineLogs: MachineLogs): StateMachine {
    return new StateMachine(this, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(new ReleaseWorkflow(this, 'Workflow', { stepFunction: step }).start),
      queryLanguage: QueryLanguage.JSONATA,
      comment: 'The only way in which anything changes what serves',
      timeout: MACHINE_TIMEOUT,
      tracingEnabled: true,
      logs: {
        destination: machineLogs,
        level: LogLevel.ALL,
        includeExecutionData: true,
      },
    });
  }

  private createApprovalLostAlarm(): Alarm {
    const alarm = new Alarm(this, 'ApprovalLostAlarm', {
      alarmDescription:
        'An approval in the model registry could not be turned into a release: see the queue for the event, then approve the version again',
      metric: this.approvalDeadLetterQueue.metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(5) }),
      threshold: 1,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(tellOn(this.notificationTopic));
    return alarm;
  }

  /** A step records and tells what fails; these end with no step left to do so, and leave the lock to its expiry. */
  private pageWhatNoStepCanTell(machineLogs: MachineLogs): void {
    const options = { period: Duration.minutes(5), statistic: 'Sum' };
    const ends = [
      { id: 'TimedOutAlarm', how: 'was stopped by its timeout', metric: this.stateMachine.metricTimedOut(options) },
      { id: 'AbortedAlarm', how: 'was aborted', metric: this.stateMachine.metricAborted(options) },
      { id: 'UntoldAlarm', how: 'failed and nobody was told', metric: machineLogs.metricUntoldFailures(TOLD_ERRORS) },
    ];
    for (const { id, how, metric } of ends) {
      const alarm = new Alarm(this, id, {
        alarmDescription: `A release ${how}, and may have left its work half done: ask for the version again, which finishes or undoes it`,
        metric,
        threshold: 1,
        evaluationPeriods: 1,
        comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      });
      alarm.addAlarmAction(tellOn(this.notificationTopic));
    }
  }

  private explain(environmentName: string): void {
    explainWildcards(
      this,
      {
        wildcard: `/${resourcePrefix(environmentName)}-*`,
        reason: "names of this environment's endpoints, configs, models and packages; they are made while it runs",
      },
      { wildcard: `/mlops/${environmentName}/*`, reason: 'settings and roles of the models, which other stacks make' },
      {
        wildcard: '*',
        actions: ['sagemaker:ListEndpointConfigs', 'sagemaker:ListModels'],
        reason: 'SageMaker lists by no resource',
      },
      { wildcard: '*', actions: ['cloudwatch:DescribeAlarms'], reason: 'CloudWatch describes alarms by no resource' },
      {
        wildcard: '*',
        actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
        reason: 'X-Ray knows no resource to write to',
      },
      {
        wildcard: '*',
        actions: [
          'xray:PutTraceSegments',
          'xray:PutTelemetryRecords',
          'xray:GetSamplingRules',
          'xray:GetSamplingTargets',
        ],
        reason: 'X-Ray knows no resource to write to',
      },
      {
        wildcard: '*',
        actions: [
          'logs:CreateLogDelivery',
          'logs:GetLogDelivery',
          'logs:UpdateLogDelivery',
          'logs:DeleteLogDelivery',
          'logs:ListLogDeliveries',
          'logs:PutResourcePolicy',
          'logs:DescribeResourcePolicies',
          'logs:DescribeLogGroups',
        ],
        reason: 'deliveries of logs have no resource',
      },
      { wildcard: '.Arn>:*', actions: ['lambda:InvokeFunction'], reason: 'versions of one function' },
      {
        wildcard: '/*',
        actions: ['s3:GetObject'],
        reason: "every model's artifacts and baselines",
      },
      ...['kms:ReEncrypt*', 'kms:GenerateDataKey*'].map(wildcard => ({
        wildcard,
        reason: 'the forms of one KMS operation, on one key',
      })),
    );
  }
}
