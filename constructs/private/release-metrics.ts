import { Duration } from 'aws-cdk-lib';
import { Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { allowMetrics } from './metric-rights';

/** Namespace of the release machinery's metrics; `RELEASE_METRIC_NAMESPACE` of `lambda/shared/contracts.ts`, as a test holds. */
const RELEASE_METRIC_NAMESPACE = 'MLOps/Release';

/** Which of an environment's metrics, and how it is read. */
export interface ReleaseMetricProps {
  readonly environmentName: string;
  readonly metricName: string;
  readonly statistic: string;
  readonly period: Duration;
}

/** A metric of the release machinery: one for all models of an environment. */
export function releaseMetric({ environmentName, ...options }: ReleaseMetricProps): Metric {
  return new Metric({
    ...options,
    namespace: RELEASE_METRIC_NAMESPACE,
    dimensionsMap: { Environment: environmentName },
  });
}

/** Number of the version of a model that the ledger says serves, told by each look of the reconciler. */
export function servingVersionMetric(environmentName: string, modelName: string, options?: MetricOptions): Metric {
  return servingMetric('ServingVersion', environmentName, modelName, options);
}

/** Instances that run for a model on SageMaker, of every version, told by each look of the reconciler. */
export function servingInstancesMetric(environmentName: string, modelName: string, options?: MetricOptions): Metric {
  return servingMetric('ServingInstances', environmentName, modelName, options);
}

function servingMetric(
  metricName: string,
  environmentName: string,
  modelName: string,
  options?: MetricOptions,
): Metric {
  return new Metric({
    namespace: RELEASE_METRIC_NAMESPACE,
    metricName,
    dimensionsMap: { Model: modelName, Environment: environmentName },
    statistic: Stats.MAXIMUM,
    period: Duration.minutes(5),
    ...options,
  });
}

/** Lets a function publish metrics of the release machinery. */
export function allowReleaseMetrics(grantee: LambdaFunction): void {
  allowMetrics(grantee, RELEASE_METRIC_NAMESPACE);
}
