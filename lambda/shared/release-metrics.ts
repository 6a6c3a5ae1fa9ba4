import { PutMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { RELEASE_METRIC_NAMESPACE, type ReleaseMetricName } from './contracts';

/** Publishes metrics of the release machinery, of all models of an environment. */
export async function publishReleaseMetrics(
  cloudWatch: CloudWatchClient,
  environmentName: string,
  values: Partial<Record<ReleaseMetricName, number>>,
): Promise<void> {
  await cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: RELEASE_METRIC_NAMESPACE,
      MetricData: Object.entries(values).map(([MetricName, Value]) => ({
        MetricName,
        Value,
        Dimensions: [{ Name: 'Environment', Value: environmentName }],
      })),
    }),
  );
}
