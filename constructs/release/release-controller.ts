import { Duration, type RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IAlarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  DefinitionBody,
  type IStateMachine,
  LogLevel,
  StateMachine,
  QueryLanguage,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { requireScheduleInterval } from '../private/function-schedule';
import { MachineLogs } from '../private/machine-logs';
import { requireEnvironmentName, requireModelName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import { Approvals } from './approvals';
import { ChatTargets, requireChatTargets, type SlackChannel, type TeamsChannel } from './chat-targets';
import { allowComparisons } from './comparison-permissions';
import { MachineAlarms } from './machine-alarms';
import { Notifications } from './notifications';
import { ReleaseLedger } from './release-ledger';
import { allowRelease, allowServingCleanup } from './release-permissions';
import { ReleaseReconciler } from './release-reconciler';
import { explainReleaseWildcards } from './release-wildcards';
import { ReleaseWorkflow, TOLD_ERRORS } from './release-workflow';

const DEFAULT_POLL_INTERVAL = Duration.seconds(5);
const MAX_POLL_SECONDS = 60;
const DEFAULT_RECONCILE_INTERVAL = Duration.minutes(5);

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

  /** Whether it may compare the answers of a version that shadows. */
  readonly canShadow: boolean;

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
   * Lake in which the inference logs of models lie whose new versions shadow first: the controller compares by them.
   *
   * @default - none; it may read no log, and no model's service may have a `shadow`
   */
  readonly shadowDataLake?: IDataLake;

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
   * How often all models are looked at: for what a release that died left half done, and for what serves although no
   * release made it. Whole minutes, at most an hour.
   *
   * @default Duration.minutes(5)
   */
  readonly reconcileInterval?: Duration;

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

  /**
   * Whether it was made with a `shadowDataLake`.
   *
   * @default false
   */
  readonly canShadow?: boolean;
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
      public readonly canShadow = attributes.canShadow ?? false;
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
  public readonly canShadow: boolean;

  /** Starts a release when the registry says that a version was approved. */
  public readonly approvalFunction: IFunction;

  /** Approvals that could not be turned into a release, after all retries. */
  public readonly approvalDeadLetterQueue: IQueue;

  /** Goes off when an approval was lost. */
  public readonly approvalLostAlarm: IAlarm;

  /** Finishes what died, and finds what no release moved. */
  public readonly reconcilerFunction: IFunction;

  /** Goes off while a model serves something else than the ledger says. */
  public readonly driftAlarm: IAlarm;

  /** Goes off when the models have not all been looked at for a while. */
  public readonly reconcilerSilentAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: ReleaseControllerProps) {
    super(scope, id);
    const pollInterval = props.pollInterval ?? DEFAULT_POLL_INTERVAL;
    const reconcileInterval = props.reconcileInterval ?? DEFAULT_RECONCILE_INTERVAL;
    this.validate(props, pollInterval, reconcileInterval);

    this.ledgerTable = new ReleaseLedger(this, 'Ledger', {
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy,
      deleteData: props.deleteData,
    });
    this.notificationTopic =
      props.notificationTopic ??
      new Notifications(this, 'Notifications', {
        environmentName: props.environmentName,
        encryptionKey: props.encryptionKey,
        heard: [props.emailAddresses, props.slackChannels, props.teamsChannels].some(heard => (heard ?? []).length > 0),
      });
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
    if (props.shadowDataLake !== undefined) allowComparisons(step, props.shadowDataLake);
    this.canShadow = props.shadowDataLake !== undefined;
    const machineLogs = new MachineLogs(this, 'MachineLogs', { retention: RetentionDays.ONE_YEAR });
    this.stateMachine = this.createStateMachine(step, machineLogs);

    const { stateMachine, notificationTopic } = this;
    const approvals = new Approvals(this, 'Approvals', {
      environmentName: props.environmentName,
      modelName: props.modelName,
      stateMachine,
      notificationTopic,
    });
    this.approvalFunction = approvals.function;
    this.approvalDeadLetterQueue = approvals.deadLetterQueue;
    this.approvalLostAlarm = approvals.lostAlarm;
    new MachineAlarms(this, 'MachineAlarms', {
      stateMachine,
      untoldFailures: machineLogs.metricUntoldFailures(TOLD_ERRORS),
      notificationTopic,
    });

    const reconciler = new ReleaseReconciler(this, 'Reconciler', {
      environmentName: props.environmentName,
      ledgerTable: this.ledgerTable,
      stateMachine,
      notificationTopic,
      interval: reconcileInterval,
    });
    this.reconcilerFunction = reconciler.function;
    this.driftAlarm = reconciler.driftAlarm;
    this.reconcilerSilentAlarm = reconciler.silentAlarm;

    const cleanup = new PlatformFunction(this, 'CleanupFunction', {
      handler: 'serving-cleanup',
      description: `Deletes what releases made for a model whose stack goes from ${resourcePrefix(props.environmentName)}`,
      timeout: CLEANUP_TIMEOUT,
      environment: {},
    });
    allowServingCleanup(cleanup, props.environmentName);
    this.cleanupServiceToken = cleanup.functionArn;

    explainReleaseWildcards(this, props.environmentName);
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

  private validate(props: ReleaseControllerProps, pollInterval: Duration, reconcileInterval: Duration): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireChatTargets(problems, props);
    if (props.modelName !== undefined) {
      requireModelName(problems, props.modelName);
    }
    problems.requireRange('pollInterval', pollInterval.toSeconds({ integral: false }), 1, MAX_POLL_SECONDS);
    requireScheduleInterval(problems, 'reconcileInterval', reconcileInterval);
    problems.throwIfAny();
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
}
