import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';

/** Every endpoint config of ours has this one variant, so its metrics go on through each release. */
const VARIANT_NAME = 'AllTraffic';
const NAMESPACE = 'AWS/SageMaker';
const PERIOD = Duration.minutes(1);

/** A metric of an endpoint as SageMaker emits it. */
export function endpointMetric(
  endpointName: string,
  metricName: string,
  statistic: string,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace: NAMESPACE,
    metricName,
    dimensionsMap: { EndpointName: endpointName, VariantName: VARIANT_NAME },
    statistic,
    period: PERIOD,
    ...options,
  });
}
