import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';

/** Every endpoint config of ours has this one variant, so its metrics go on through each release. */
const VARIANT_NAME = 'AllTraffic';
const NAMESPACE = 'AWS/SageMaker';
/** Namespace of what an endpoint's instances tell of themselves. */
const INSTANCES_NAMESPACE = '/aws/sagemaker/Endpoints';
const PERIOD = Duration.minutes(1);

/** A metric of an endpoint as SageMaker emits it. */
export function endpointMetric(
  endpointName: string,
  metricName: string,
  statistic: string,
  options: MetricOptions = {},
): Metric {
  return variantMetric(NAMESPACE, endpointName, metricName, statistic, options);
}

function variantMetric(
  namespace: string,
  endpointName: string,
  metricName: string,
  statistic: string,
  options: MetricOptions = {},
): Metric {
  return new Metric({
    namespace,
    metricName,
    dimensionsMap: { EndpointName: endpointName, VariantName: VARIANT_NAME },
    statistic,
    period: PERIOD,
    ...options,
  });
}

/** How busy an endpoint's instances are, in percent: of one processor, so that four busy ones make 400, and of the memory. */
export function utilizationMetrics(endpointName: string): Metric[] {
  return ['CPUUtilization', 'MemoryUtilization'].map(metricName =>
    variantMetric(INSTANCES_NAMESPACE, endpointName, metricName, 'Average'),
  );
}
