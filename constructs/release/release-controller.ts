import { Duration, Stack, Token } from 'aws-cdk-lib';
import type { IAlarm, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { Grant, IGrantable, IRole } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
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
import { Construct } from 'constructs';
import { requireScheduleInterval } from '../private/function-schedule';
import { LostAlarm } from '../private/lost-alarm';
import { MachineLogs } from '../private/machine-logs';
import { requireEnvironmentName, requireModelName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import { BatchStarter } from '../serving/kubernetes/batch-starter';
import { ClusterAccessPurpose } from '../serving/kubernetes/cluster-access';
import { Approvals } from './approvals';
import { ChatTargets, requireChatTargets } from './chat-targets';
import { ClusterNetwork } from './cluster-network';
import { allowComparisons } from './comparison-permissions';
import { MachineAlarms } from './machine-alarms';
import { Notifications } from './notifications';
import type {
  IReleaseController,
  ReleaseControllerAttributes,
  ReleaseControllerProps,
} from './release-controller-props';
import { ReleaseLedger } from './release-ledger';
import { allowEndpointKeys, allowRelease, allowServingCleanup } from './release-permissions';
import { ReleaseReconciler } from './release-reconciler';
import { explainReleaseWildcards } from './release-wildcards';
import { ReleaseWorkflow, TOLD_ERRORS } from './release-workflow';
import { VersionCollector } from './version-collector';

const DEFAULT_POLL_INTERVAL = Duration.seconds(5);
const MAX_POLL_SECONDS = 60;
const DEFAULT_RECONCILE_INTERVAL = Duration.minutes(5);

/** Longer than a release can wait for another one, move traffic and go back again. */
const MACHINE_TIMEOUT = Duration.days(3);
const STEP_TIMEOUT = Duration.minutes(2);
const STEP_MEMORY_MB = 512;
/** As long as a function may run; an endpoint takes minutes to go. */
const CLEANUP_TIMEOUT = Duration.minutes(15);

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
      public readonly templateReaders = attributes.templateReaders ?? [];
      public readonly canShadow = attributes.canShadow ?? false;
      public readonly endpointKeys = attributes.endpointKeys ?? [];
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
  public readonly templateReaders: IRole[];
  public readonly canShadow: boolean;
  public readonly endpointKeys: IKey[];

  /** Starts a release when the registry says that a version was approved. */
  public readonly approvalFunction: IFunction;

  /** Approvals that could not be turned into a release, after all retries. */
  public readonly approvalDeadLetterQueue: IQueue;

  /** Goes off when an approval was lost. */
  public readonly approvalLostAlarm: IAlarm;

  /** Finishes what died, and finds what no release moved. */
  public readonly reconcilerFunction: IFunction;

  /**
   * Starts batches and tells how they go; nothing without a `servingCluster`. For its input see `batchRequest` in
   * `lambda/shared/batch-contract.ts`.
   */
  public readonly batchFunction?: IFunction;

  /** Goes off while a model serves something else than the ledger says. */
  public readonly driftAlarm: IAlarm;

  /** Goes off when the models have not all been looked at for a while. */
  public readonly reconcilerSilentAlarm: IAlarm;

  /** Every alarm of it. */
  public readonly alarms: IAlarm[];

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

    const { servingCluster: cluster } = props;
    const description = `Steps of a release in ${resourcePrefix(props.environmentName)}`;
    const network = cluster === undefined ? undefined : new ClusterNetwork(this, 'Network', { cluster, description });
    const step = new PlatformFunction(this, 'StepFunction', {
      handler: 'release-step',
      description,
      network,
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
    network?.letIn(step.executionRole, props.environmentName, ClusterAccessPurpose.RELEASE);
    if (props.shadowDataLake !== undefined) allowComparisons(step, props.shadowDataLake);
    this.canShadow = props.shadowDataLake !== undefined;
    this.endpointKeys = props.endpointKeys ?? [];
    allowEndpointKeys(step, this.endpointKeys);
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
    const machine = new MachineAlarms(this, 'MachineAlarms', {
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
      cluster,
    });
    this.reconcilerFunction = reconciler.function;
    this.driftAlarm = reconciler.driftAlarm;
    this.reconcilerSilentAlarm = reconciler.silentAlarm;

    this.alarms = [...machine.alarms, approvals.lostAlarm, reconciler.driftAlarm, reconciler.silentAlarm];
    this.templateReaders = cluster === undefined ? [] : [step.executionRole, reconciler.executionRole];
    if (cluster !== undefined) {
      const { environmentName } = props;
      const { ledgerTable } = this;
      const batches = new BatchStarter(this, 'Batches', { environmentName, ledgerTable, cluster });
      this.batchFunction = batches.function;
      this.templateReaders.push(batches.executionRole);
      const collector = new VersionCollector(this, 'Collector', {
        environmentName,
        ledgerTable,
        cluster,
        notificationTopic,
        interval: reconcileInterval,
      });
      this.alarms.push(collector.silentAlarm);
      const queue = cluster.nodeScheduleDeadLetterQueue;
      if (queue !== undefined) {
        const alarmDescription =
          "The nodes of the cluster could not be ended or started at the models' hours: look into the dead-letter queue, then scale the group by hand";
        this.alarms.push(new LostAlarm(this, 'NodesLostAlarm', { alarmDescription, queue, notificationTopic }));
      }
    }

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
    const addresses = props.emailAddresses ?? [];
    for (const twice of new Set(addresses.filter((address, index) => addresses.indexOf(address) !== index))) {
      problems.add(`'emailAddresses' has '${twice}' twice, must name each once`);
    }
    if (props.modelName !== undefined) {
      requireModelName(problems, props.modelName);
    }
    problems.require(
      props.encryptionKey === undefined || !Token.isUnresolved(Stack.of(this).region),
      "'encryptionKey' is given in a stack whose region is not known, must be in one whose region is, since DynamoDB wants the key by region; give the stack 'env: { region: … }'",
    );
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
