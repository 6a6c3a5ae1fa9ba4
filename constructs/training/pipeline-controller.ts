import { Annotations, Arn, ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import {
  AttributeType,
  BillingMode,
  type ITable,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { type Grant, type IGrantable, type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import {
  DefinitionBody,
  type IStateMachine,
  LogLevel,
  QueryLanguage,
  StateMachine,
  StateMachineType,
} from 'aws-cdk-lib/aws-stepfunctions';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { MachineLogs } from '../private/machine-logs';
import { allowImageLookup, MEANT_IMAGE_LOOKUP } from '../private/image-lookup';
import { allowMetrics } from '../private/metric-rights';
import { requireEnvironmentName, requireModelName } from '../private/name-rules';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import { PipelineDefinition, TOLD_ERRORS } from './pipeline-definition';
import { grantControl, grantData, grantJobs, MEANT_WILDCARDS } from './pipeline-permissions';
import { PipelineStarts } from './pipeline-starts';
import { TRAINING_METRIC_NAMESPACE } from './training-metrics';

const DEFAULT_TIMEOUT = Duration.days(7);
const MAX_TIMEOUT = Duration.days(365);
/** The five days that a job may run at most, and time to find it an instance: the job's own limit comes first. */
const JOB_TIMEOUT = Duration.hours(126);
/** Lambda's limit: hashing a large model, or validating large files, takes its time. */
const STEP_TIMEOUT = Duration.minutes(15);
const CONTROL_MEMORY_MB = 512;
/** Memory brings processor: parsing is bound by one. */
const DATA_MEMORY_MB = 3008;

/** Trains the models of an environment: one state machine and three functions, however many models there are. */
export interface IPipelineController extends IConstruct {
  /** Takes a `pipelineInput` and ends with a `pipelineOutput` (`lambda/shared/contracts.ts`). */
  readonly stateMachine: IStateMachine;

  /** Runs, executions and the guard's state of every model. */
  readonly runsTable: ITable;

  /** Starts the state machine from an event of a landed batch or of a schedule. */
  readonly triggerFunction: IFunction;

  /** Lets the grantee start the pipeline by hand. */
  grantStart(grantee: IGrantable): Grant;
}

/** Settings of a pipeline controller. */
export interface PipelineControllerProps {
  /** Environment whose models are trained. */
  readonly environmentName: string;

  /**
   * The only model whose landed batches start it.
   *
   * @default - all models of the environment
   */
  readonly modelName?: string;

  /** Lake from which they are trained, and whose key everything here is encrypted under. */
  readonly dataLake: IDataLake;

  /**
   * Where people are told: of a version that waits for them, of a failure, of a stop. The policy of an imported topic,
   * and of the topic's key, must let `cloudwatch.amazonaws.com` publish, or alarms are not heard.
   */
  readonly notificationTopic: ITopic;

  /** The release ledger: what it says serves is the champion. */
  readonly ledgerTable: ITable;

  /**
   * Time after which an execution is stopped.
   *
   * @default Duration.days(7)
   */
  readonly timeout?: Duration;

  /**
   * What happens to the runs table when it leaves the stack. `DESTROY` keeps it all the same unless `deleteData` is
   * true too: it says which inputs were trained already.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Second word on the deletion of the runs table, beside `RemovalPolicy.DESTROY`.
   *
   * @default false
   */
  readonly deleteData?: boolean;
}

/** A pipeline controller that another stack or app made. */
export interface PipelineControllerAttributes {
  /** State machine of the pipeline. */
  readonly stateMachine: IStateMachine;

  /** Table of runs. */
  readonly runsTable: ITable;

  /** Function that starts the pipeline. */
  readonly triggerFunction: IFunction;
}

/**
 * The training pipeline of an environment: guard, validate, snapshot, claim, train, evaluate, gate, register.
 *
 * Equal inputs never train twice, and whatever an execution comes to is recorded with its reason.
 */
export class PipelineController extends Construct implements IPipelineController {
  /** Uses a controller that exists already. */
  public static fromPipelineControllerAttributes(
    scope: Construct,
    id: string,
    attributes: PipelineControllerAttributes,
  ): IPipelineController {
    class ImportedPipelineController extends Construct implements IPipelineController {
      public readonly stateMachine = attributes.stateMachine;
      public readonly runsTable = attributes.runsTable;
      public readonly triggerFunction = attributes.triggerFunction;
      public grantStart(grantee: IGrantable): Grant {
        return this.stateMachine.grantStartExecution(grantee);
      }
    }
    return new ImportedPipelineController(scope, id);
  }

  public readonly stateMachine: IStateMachine;
  public readonly runsTable: ITable;
  public readonly triggerFunction: IFunction;

  /** Function that decides: guard, claim, gate, register, record of a failure. */
  public readonly controlFunction: IFunction;

  /** Function that moves rows: validate, snapshot. */
  public readonly dataFunction: IFunction;

  /** Role by which jobs are started: who takes its rights stops all training. */
  public readonly jobStarterRole: IRole;

  /** Events that could not be turned into a start. */
  public readonly lostStartsQueue: IQueue;

  /** Every alarm of it. */
  public readonly alarms: IAlarm[];

  constructor(scope: Construct, id: string, props: PipelineControllerProps) {
    super(scope, id);
    const timeout = props.timeout ?? DEFAULT_TIMEOUT;
    this.validate(props, timeout);
    const { dataLake, environmentName } = props;
    this.runsTable = this.createRunsTable(props);
    const buckets = {
      RAW_BUCKET: dataLake.rawBucket.bucketName,
      CURATED_BUCKET: dataLake.curatedBucket.bucketName,
      SNAPSHOT_BUCKET: dataLake.snapshotBucket.bucketName,
    };
    const control = new PlatformFunction(this, 'Control', {
      handler: 'pipeline-control',
      description: `Training pipeline of ${environmentName}: guard, claim, gate, register`,
      timeout: STEP_TIMEOUT,
      memorySize: CONTROL_MEMORY_MB,
      environment: {
        ...buckets,
        ENVIRONMENT: environmentName,
        ARTIFACT_BUCKET: dataLake.artifactBucket.bucketName,
        RUNS_TABLE: this.runsTable.tableName,
        LEDGER_TABLE: props.ledgerTable.tableName,
        NOTIFICATION_TOPIC_ARN: props.notificationTopic.topicArn,
      },
    });
    const data = new PlatformFunction(this, 'Data', {
      handler: 'pipeline-data',
      description: `Training pipeline of ${environmentName}: validate, snapshot`,
      timeout: STEP_TIMEOUT,
      memorySize: DATA_MEMORY_MB,
      environment: buckets,
    });
    grantControl(control, { ...props, runsTable: this.runsTable });
    allowMetrics(control, TRAINING_METRIC_NAMESPACE);
    // a version remembers which image its tag meant
    allowImageLookup(control);
    grantData(data, dataLake);

    const definition = new PipelineDefinition(this, 'Definition', {
      controlFunction: control,
      dataFunction: data,
      jobTimeout: JOB_TIMEOUT,
    });
    const machineLogs = new MachineLogs(this, 'Logs', { retention: RetentionDays.ONE_YEAR });
    const stateMachine = new StateMachine(this, 'Resource', {
      stateMachineType: StateMachineType.STANDARD,
      queryLanguage: QueryLanguage.JSONATA,
      definitionBody: DefinitionBody.fromChainable(definition.start),
      comment: `Training pipeline of ${environmentName}`,
      timeout,
      tracingEnabled: true,
      logs: {
        level: LogLevel.ALL,
        includeExecutionData: true,
        destination: machineLogs,
      },
    });
    grantJobs(stateMachine, environmentName);
    this.stateMachine = stateMachine;
    this.jobStarterRole = stateMachine.role;
    this.letReadExecutions(control);

    const starts = new PipelineStarts(this, 'Starts', {
      environmentName,
      modelName: props.modelName,
      dataLake,
      stateMachine: this.stateMachine,
      untoldFailures: machineLogs.metricUntoldFailures(TOLD_ERRORS),
      notificationTopic: props.notificationTopic,
    });

    this.controlFunction = control;
    this.dataFunction = data;
    this.triggerFunction = starts.triggerFunction;
    this.lostStartsQueue = starts.lostStartsQueue;
    this.alarms = starts.alarms;
    explainWildcards(this, ...MEANT_WILDCARDS, MEANT_IMAGE_LOOKUP);
  }

  /** Lets the grantee start the pipeline by hand. */
  public grantStart(grantee: IGrantable): Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }

  private validate(props: PipelineControllerProps, timeout: Duration): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    if (props.modelName !== undefined) {
      requireModelName(problems, props.modelName);
    }
    problems.require(
      timeout.isUnresolved() || timeout.toSeconds() > JOB_TIMEOUT.toSeconds(),
      `'timeout' is ${timeout.toHumanString()}, must be longer than a job may take, ${JOB_TIMEOUT.toHumanString()}`,
    );
    problems.require(
      timeout.isUnresolved() || timeout.toSeconds() <= MAX_TIMEOUT.toSeconds(),
      `'timeout' is ${timeout.toHumanString()}, must be at most ${MAX_TIMEOUT.toHumanString()}, as long as Step Functions keeps an execution`,
    );
    problems.require(
      props.deleteData !== true || props.removalPolicy === RemovalPolicy.DESTROY,
      `'deleteData' is true but 'removalPolicy' is not RemovalPolicy.DESTROY, set both or neither`,
    );
    problems.throwIfAny();
  }

  private createRunsTable(props: PipelineControllerProps): Table {
    const mayGo = props.removalPolicy === RemovalPolicy.DESTROY && props.deleteData === true;
    if (props.removalPolicy === RemovalPolicy.DESTROY && !mayGo) {
      Annotations.of(this).addWarningV2(
        'mlops-blueprint:runs-kept',
        "the runs table is kept although 'removalPolicy' is DESTROY, set 'deleteData' to true as well to delete it",
      );
    }
    // not TableV2: with a key of ours it refuses a stack that is not bound to a region
    return new Table(this, 'Runs', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.dataLake.encryptionKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // costs nothing until somebody reads it, as `AuditRecords` does
      stream: StreamViewType.NEW_IMAGE,
      deletionProtection: !mayGo,
      // not RETAIN_ON_UPDATE_OR_DELETE: a protected table would hold up the way back of a failed creation
      removalPolicy: mayGo ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
  }

  /** The claim asks whether another execution lives. In a policy of its own, since the machine needs the function. */
  private letReadExecutions(control: PlatformFunction): void {
    const { resourceName: machineName } = Arn.split(this.stateMachine.stateMachineArn, ArnFormat.COLON_RESOURCE_NAME);
    new Policy(this, 'ReadExecutions', {
      roles: control.role === undefined ? [] : [control.role],
      statements: [
        new PolicyStatement({
          actions: ['states:DescribeExecution'],
          resources: [
            Stack.of(this).formatArn({
              service: 'states',
              resource: 'execution',
              resourceName: `${machineName ?? ''}:*`,
              arnFormat: ArnFormat.COLON_RESOURCE_NAME,
            }),
          ],
        }),
      ],
    });
  }
}
