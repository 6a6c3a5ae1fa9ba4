import { PutMetricDataCommand, type CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { RELEASE_METRIC_NAMESPACE, type ReleaseMetricName, type ServingMetricName } from './contracts';

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

/** What is told of one model; what is not known is not told. */
export interface ModelMetrics {
  /** Number of the version that serves, as the ledger has it. */
  readonly version?: string;
  readonly instances?: number;
}

/** Publishes which version of each model serves and on how many instances, so that a dashboard shows when it changed. */
export async function publishModelMetrics(
  cloudWatch: CloudWatchClient,
  environmentName: string,
  models: ReadonlyMap<string, ModelMetrics>,
): Promise<void> {
  const data = [...models].flatMap(([model, { version, instances }]) => {
    const values: Partial<Record<ServingMetricName, number>> = {
      ...(version === undefined ? {} : { ServingVersion: Number(version) }),
      ...(instances === undefined ? {} : { ServingInstances: instances }),
    };
    return Object.entries(values).map(([MetricName, Value]) => ({
      MetricName,
      Value,
      Dimensions: [
        { Name: 'Model', Value: model },
        { Name: 'Environment', Value: environmentName },
      ],
    }));
  });
  for (let sent = 0; sent < data.length; sent += DATA_PER_CALL) {
    await cloudWatch.send(
      new PutMetricDataCommand({
        Namespace: RELEASE_METRIC_NAMESPACE,
        MetricData: data.slice(sent, sent + DATA_PER_CALL),
      }),
    );
  }
}
