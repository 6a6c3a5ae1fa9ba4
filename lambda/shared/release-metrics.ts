import { PutMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { RELEASE_METRIC_NAMESPACE, SERVING_VERSION_METRIC, type ReleaseMetricName } from './contracts';

/** What CloudWatch takes in one call. */
const DATA_PER_CALL = 1000;

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

/** Publishes which version of each model serves, so that a dashboard can show when it changed. */
export async function publishServingVersions(
  cloudWatch: CloudWatchClient,
  environmentName: string,
  versions: ReadonlyMap<string, string>,
): Promise<void> {
  const data = [...versions].map(([model, version]) => ({
    MetricName: SERVING_VERSION_METRIC,
    Value: Number(version),
    Dimensions: [
      { Name: 'Model', Value: model },
      { Name: 'Environment', Value: environmentName },
    ],
  }));
  for (let sent = 0; sent < data.length; sent += DATA_PER_CALL) {
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: RELEASE_METRIC_NAMESPACE,
        MetricData: data.slice(sent, sent + DATA_PER_CALL),
      }),
    );
  }
}
