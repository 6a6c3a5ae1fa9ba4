import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';

/** Namespace of what became of trainings; `TRAINING_METRIC_NAMESPACE` of `lambda/shared/contracts.ts`, as a test holds. */
export const TRAINING_METRIC_NAMESPACE = 'MLOps/Training';
const PERIOD = Duration.minutes(5);

/** A metric of a model's trainings, told by the pipeline's last step. */
export function trainingMetric(
  environmentName: string,
  modelName: string,
  metricName: string,
  statistic: string,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: TRAINING_METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { Model: modelName, Environment: environmentName },
    statistic,
    period: PERIOD,
    ...options,
  });
}
