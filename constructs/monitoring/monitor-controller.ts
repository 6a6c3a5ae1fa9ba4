import { Duration, Stack } from 'aws-cdk-lib';
import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { type Grant, type IGrantable, type IRole, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import {
  DefinitionBody,
  type IStateMachine,
  LogLevel,
  QueryLanguage,
  StateMachine,
} from 'aws-cdk-lib/aws-stepfunctions';
import { Construct, type IConstruct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { InlineRole } from '../private/inline-role';
import { MachineLogs } from '../private/machine-logs';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import { allowMonitoring, allowQueries } from './monitor-permissions';
import { MonitorWorkflow } from './monitor-workflow';

/** Longer than both queries at their slowest. */
const MACHINE_TIMEOUT = Duration.hours(2);
const STEP_MEMORY_MB = 512;

/** What counts and judges the models' periods. One for all models of an environment. */
export interface IMonitorController extends IConstruct {
  /** Counts one period of one model; for its input see `monitorInput` in `lambda/shared/contracts.ts`. */
  readonly stateMachine: IStateMachine;

  /**
   * Role in which the schedules of all models start it; there is nothing else it may do.
   *
   * @default - each model's monitor makes one of its own
   */
  readonly scheduleRole?: IRole;

  /** Lets the grantee have periods counted. */
  grantCount(grantee: IGrantable): Grant;
}

/** Settings of a monitor controller. */
export interface MonitorControllerProps {
  /** Environment whose models it watches. */
  readonly environmentName: string;

  /** Lake with the models' logs, labels and baselines. */
  readonly dataLake: IDataLake;

  /** The release controller's ledger: it tells which version serves, and since when. */
  readonly ledgerTable: ITableV2;

  /** Where people are told that a period could not be counted. */
  readonly notificationTopic: ITopic;
}

/** A monitor controller that another stack or app made. */
export interface MonitorControllerAttributes {
  /** The monitor's state machine. */
  readonly stateMachine: IStateMachine;

  /**
   * Role in which schedules start it.
   *
   * @default - each model's monitor makes one of its own
   */
  readonly scheduleRole?: IRole;
}

/**
 * The machinery of the monitors: a state machine that reduces a period of a model's log to counts by one Athena query,
 * and judges a window by its counts.
 *
 * Adding a model adds nothing here.
 */
export class MonitorController extends Construct implements IMonitorController {
  /** Uses a controller that exists already. */
  public static fromMonitorControllerAttributes(
    scope: Construct,
    id: string,
    attributes: MonitorControllerAttributes,
  ): IMonitorController {
    class ImportedMonitorController extends Construct implements IMonitorController {
      public readonly stateMachine = attributes.stateMachine;
      public readonly scheduleRole = attributes.scheduleRole;
      public grantCount(grantee: IGrantable): Grant {
        return this.stateMachine.grantStartExecution(grantee);
      }
    }
    return new ImportedMonitorController(scope, id);
  }

  public readonly stateMachine: IStateMachine;
  public readonly scheduleRole?: IRole;

  constructor(scope: Construct, id: string, props: MonitorControllerProps) {
    super(scope, id);
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    problems.throwIfAny();

    const { dataLake } = props;
    const step = new PlatformFunction(this, 'StepFunction', {
      handler: 'monitor',
      description: `Steps of the monitors in ${resourcePrefix(props.environmentName)}`,
      memorySize: STEP_MEMORY_MB,
      environment: {
        ENVIRONMENT: props.environmentName,
        LEDGER_TABLE: props.ledgerTable.tableName,
        MODEL_PACKAGE_ARN_PREFIX: `${Stack.of(this).formatArn({ service: 'sagemaker', resource: 'model-package' })}/`,
        MONITORING_BUCKET: dataLake.monitoringBucket.bucketName,
        NOTIFICATION_TOPIC_ARN: props.notificationTopic.topicArn,
      },
    });
    allowMonitoring(step, props);
    const workflow = new MonitorWorkflow(this, 'Workflow', {
      stepFunction: step,
      databaseName: dataLake.databaseName,
      workgroupName: dataLake.workgroupName,
    });
    const machine = new StateMachine(this, 'Machine', {
      definitionBody: DefinitionBody.fromChainable(workflow.start),
      queryLanguage: QueryLanguage.JSONATA,
      comment: 'Counts one period of one model, and judges the window that it closes',
      timeout: MACHINE_TIMEOUT,
      tracingEnabled: true,
      logs: {
        destination: new MachineLogs(this, 'MachineLogs', { retention: RetentionDays.THREE_MONTHS }),
        level: LogLevel.ALL,
        includeExecutionData: true,
      },
    });
    allowQueries(machine, dataLake);
    this.stateMachine = machine;
    this.scheduleRole = new InlineRole(this, 'ScheduleRole', {
      description: `Schedules of the monitors in ${resourcePrefix(props.environmentName)}`,
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: {
          StringEquals: {
            'aws:SourceAccount': Stack.of(this).account,
            // the models' schedules are in no group of their own
            'aws:SourceArn': Stack.of(this).formatArn({
              service: 'scheduler',
              resource: 'schedule-group',
              resourceName: 'default',
            }),
          },
        },
      }),
    });
    this.grantCount(this.scheduleRole);
  }

  public grantCount(grantee: IGrantable): Grant {
    return this.stateMachine.grantStartExecution(grantee);
  }

  /** Periods that could not be counted. */
  public metricFailed(options?: MetricOptions): Metric {
    return this.stateMachine.metricFailed(options);
  }
}
