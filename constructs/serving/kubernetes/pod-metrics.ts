import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';

const PERIOD = Duration.minutes(1);

/**
 * Namespace of what a model's pods tell of themselves. One for each model: IAM bounds who puts metrics by namespace and
 * not by dimension, so in a common one a model could roll back its neighbour by metrics in its name.
 */
export function podMetricNamespace(environmentName: string, modelName: string): string {
  return `MLOps/Serving/${environmentName}/${modelName}`;
}

/**
 * A metric of a model's pods, put by the model server each minute (`images/model-server/model_server/guardrail.py`). The
 * names and units are those of a SageMaker endpoint.
 */
export function podMetric(
  environmentName: string,
  modelName: string,
  metricName: string,
  statistic: string,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: podMetricNamespace(environmentName, modelName),
    metricName,
    dimensionsMap: { Model: modelName },
    statistic,
    period: PERIOD,
    ...options,
  });
}
