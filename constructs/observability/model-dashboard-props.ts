import type { IInferenceLog } from '../data/inference-log';
import type { IModelMonitor } from '../monitoring/model-monitor';
import type { IServedModel } from '../serving/served-model';

/** Settings of a model's dashboard. */
export interface ModelDashboardProps {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model that is shown. */
  readonly modelName: string;

  /** What serves it. */
  readonly service: IServedModel;

  /** What watches it. */
  readonly monitor: IModelMonitor;

  /**
   * Log of its predictions.
   *
   * @default - the delivery of the log is not shown
   */
  readonly inferenceLog?: IInferenceLog;

  /**
   * Name of the dashboard; an account has one of a name, in all regions together.
   *
   * @default - `mlops-ENVIRONMENT-MODEL`
   */
  readonly dashboardName?: string;

  /**
   * Page to which the dashboard sends whoever sees a red alarm.
   *
   * @default - the runbook of this repository
   */
  readonly runbookUrl?: string;
}
