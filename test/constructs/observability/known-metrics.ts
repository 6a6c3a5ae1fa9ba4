import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  METRIC_NAMES,
  METRIC_NAMESPACE,
  RELEASE_METRIC_NAMES,
  RELEASE_METRIC_NAMESPACE,
  SERVING_METRIC_NAMES,
  TRAINING_METRIC_NAMES,
  TRAINING_METRIC_NAMESPACE,
} from '../../../lambda/shared/contracts';
import type { ShownMetric } from '../../support/dashboards';

/** Metrics of one namespace that come with the same dimensions. */
interface KnownMetrics {
  /** Where it is written, or the code that puts them. */
  readonly source: string;
  readonly namespace: RegExp;
  readonly names: readonly string[];
  /** In the order of the alphabet. */
  readonly dimensions: readonly string[];
}

/** The model server tells its names to nobody but CloudWatch, so they are read out of its code. */
const GUARDRAIL = 'images/model-server/model_server/guardrail.py';
const ofPods = [
  ...readFileSync(join(__dirname, '..', '..', '..', GUARDRAIL), 'utf8').matchAll(/\("(\w+)", "(?:Microseconds|None)"/g),
].map(([, name]) => name);

const EXECUTIONS = ['ExecutionsStarted', 'ExecutionsSucceeded', 'ExecutionsFailed', 'ExecutionsTimedOut'];

/** Every metric that a dashboard of ours may show: AWS documents it, or code of ours puts it. */
const KNOWN: readonly KnownMetrics[] = [
  {
    source: 'https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html, endpoint invocation metrics',
    namespace: /^AWS\/SageMaker$/,
    names: ['Invocations', 'Invocation5XXErrors', 'InvocationModelErrors', 'ModelLatency'],
    dimensions: ['EndpointName', 'VariantName'],
  },
  {
    source: 'https://docs.aws.amazon.com/sagemaker/latest/dg/monitoring-cloudwatch.html, endpoint instance metrics',
    namespace: /^\/aws\/sagemaker\/Endpoints$/,
    names: ['CPUUtilization', 'MemoryUtilization'],
    dimensions: ['EndpointName', 'VariantName'],
  },
  {
    source: 'https://docs.aws.amazon.com/step-functions/latest/dg/procedure-cw-metrics.html',
    namespace: /^AWS\/States$/,
    names: [...EXECUTIONS, 'ExecutionsAborted', 'ExecutionTime'],
    dimensions: ['StateMachineArn'],
  },
  {
    source:
      'https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html',
    namespace: /^AWS\/SQS$/,
    names: ['ApproximateNumberOfMessagesVisible'],
    dimensions: ['QueueName'],
  },
  {
    source: 'https://docs.aws.amazon.com/firehose/latest/dev/monitoring-with-cloudwatch-metrics.html',
    namespace: /^AWS\/Firehose$/,
    names: ['IncomingRecords', 'FailedConversion.Records', 'DeliveryToS3.DataFreshness'],
    dimensions: ['DeliveryStreamName'],
  },
  {
    source: 'https://docs.aws.amazon.com/athena/latest/ug/query-metrics-viewing.html',
    namespace: /^AWS\/Athena$/,
    names: ['ProcessedBytes'],
    dimensions: ['QueryState', 'QueryType', 'WorkGroup'],
  },
  {
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html',
    namespace: /^AWS\/Billing$/,
    names: ['EstimatedCharges'],
    dimensions: ['Currency'],
  },
  {
    source:
      'https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/monitor_estimated_charges_with_cloudwatch.html',
    namespace: /^AWS\/Billing$/,
    names: ['EstimatedCharges'],
    dimensions: ['Currency', 'ServiceName'],
  },
  {
    source: 'lambda/monitor/handler.ts',
    namespace: new RegExp(`^${METRIC_NAMESPACE}$`),
    names: METRIC_NAMES,
    dimensions: ['Environment', 'Model'],
  },
  {
    source: 'lambda/shared/release-metrics.ts',
    namespace: new RegExp(`^${RELEASE_METRIC_NAMESPACE}$`),
    names: RELEASE_METRIC_NAMES,
    dimensions: ['Environment'],
  },
  {
    source: 'lambda/shared/release-metrics.ts',
    namespace: new RegExp(`^${RELEASE_METRIC_NAMESPACE}$`),
    names: SERVING_METRIC_NAMES,
    dimensions: ['Environment', 'Model'],
  },
  {
    source: 'lambda/pipeline-control/handler.ts',
    namespace: new RegExp(`^${TRAINING_METRIC_NAMESPACE}$`),
    names: TRAINING_METRIC_NAMES,
    dimensions: ['Environment', 'Model'],
  },
  {
    source: GUARDRAIL,
    namespace: /^MLOps\/Serving\/[a-z0-9]+\/[a-z0-9-]+$/,
    names: ofPods,
    dimensions: ['Model'],
  },
];

/** Whether a metric is one of those, with exactly its dimensions. */
export function isKnown({ namespace, metricName, dimensions }: ShownMetric): boolean {
  return KNOWN.some(
    known =>
      known.namespace.test(namespace) &&
      known.names.includes(metricName) &&
      known.dimensions.join() === Object.keys(dimensions).sort().join(),
  );
}
