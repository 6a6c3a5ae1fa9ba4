import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { IStateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { DashboardModel } from './dashboard-model';

/** Settings of an environment's dashboard. */
export interface EnvironmentDashboardProps {
  /** Environment that is shown. */
  readonly environmentName: string;

  /** Its models; at most 350, which is what CloudWatch has room for on one dashboard. */
  readonly models: DashboardModel[];

  /** The release controller's state machine. */
  readonly releaseStateMachine: IStateMachine;

  /** The pipeline controller's state machine. */
  readonly pipelineStateMachine: IStateMachine;

  /** The monitor controller's state machine. */
  readonly monitorStateMachine: IStateMachine;

  /**
   * Queues of what could not be worked off, by what they hold, such as `approvals`.
   *
   * @default - lost events are not shown
   */
  readonly deadLetterQueues?: Record<string, IQueue>;

  /**
   * Alarms of the machinery that all models share. Those of one model are on its own dashboard.
   *
   * @default - no alarm is shown
   */
  readonly alarms?: IAlarm[];

  /**
   * Name of the lake's Athena workgroup.
   *
   * @default - what queries scan is not shown
   */
  readonly workgroupName?: string;

  /**
   * Whether the month's charges of the account are shown. CloudWatch knows them where the account's billing preferences
   * send them to it, in the region of its billing metrics alone.
   *
   * @default false
   */
  readonly accountCharges?: boolean;

  /**
   * Name of the dashboard; an account has one of a name, in all regions together.
   *
   * @default - `mlops-ENVIRONMENT`
   */
  readonly dashboardName?: string;

  /**
   * Page to which the dashboard sends whoever sees a red alarm.
   *
   * @default - the runbook of this repository
   */
  readonly runbookUrl?: string;
}
