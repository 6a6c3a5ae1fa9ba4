import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { METRIC_NAMESPACE } from './monitor-permissions';

/** A model's metrics by name; dimensions are model and environment only. */
export class ModelMetrics {
  constructor(
    private readonly environmentName: string,
    private readonly modelName: string,
  ) {}

  public metric(metricName: string, options?: MetricOptions): Metric {
    return new Metric({
      namespace: METRIC_NAMESPACE,
      metricName,
      dimensionsMap: { Model: this.modelName, Environment: this.environmentName },
      ...options,
    });
  }
}
