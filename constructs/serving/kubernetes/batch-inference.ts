import { Duration } from 'aws-cdk-lib';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Problems } from '../../private/validation';
import type { BatchChartProps } from './batch-chart';
import type { ModelPodProps } from './model-pod';

const DEFAULT_PARALLELISM = 1;
const DEFAULT_TIMEOUT = Duration.hours(6);
const MAX_PARALLELISM = 100;

/** Predictions of whole files, by a Job on the cluster. */
export interface BatchInference {
  /** Bucket in which the CSV files lie and to which the predictions go. */
  readonly bucket: IBucket;

  /** Prefix under which the files to predict lie; ends with a slash. */
  readonly inputPrefix: string;

  /** Prefix under which the predictions go; ends with a slash; neither lies in the other. */
  readonly outputPrefix: string;

  /**
   * Pods that share the files.
   *
   * @default 1
   */
  readonly parallelism?: number;

  /**
   * Time after which a batch that has not ended is stopped.
   *
   * @default Duration.hours(6)
   */
  readonly timeout?: Duration;
}

/** Pods that share the files. */
export function batchParallelism(batch: BatchInference | undefined): number {
  return batch === undefined ? 0 : (batch.parallelism ?? DEFAULT_PARALLELISM);
}

/** What the chart makes of it. */
export function batchChartProps(batch: BatchInference, pod: ModelPodProps, namespace: string): BatchChartProps {
  return {
    ...pod,
    namespace,
    parallelism: batchParallelism(batch),
    timeoutSeconds: (batch.timeout ?? DEFAULT_TIMEOUT).toSeconds(),
  };
}

/** Notes what would predict its own predictions, or nothing. */
export function checkBatch(problems: Problems, batch: BatchInference): void {
  for (const property of ['inputPrefix', 'outputPrefix'] as const) {
    problems.requirePattern(
      `batch.${property}`,
      batch[property],
      /^[^/*?$]([^*?$]*[^/*?$])?\/$/,
      "a prefix that ends with a slash and does not begin with one, such as 'rain/input/'",
    );
  }
  problems.require(
    !batch.inputPrefix.startsWith(batch.outputPrefix) || batch.inputPrefix === batch.outputPrefix,
    `'batch.inputPrefix' is '${batch.inputPrefix}' in 'batch.outputPrefix' '${batch.outputPrefix}', where predictions could overwrite it, must be another prefix`,
  );
  problems.require(
    !batch.outputPrefix.startsWith(batch.inputPrefix),
    `'batch.outputPrefix' is '${batch.outputPrefix}' in 'batch.inputPrefix' '${batch.inputPrefix}', whose files are predicted, must be another prefix`,
  );
  const parallelism = batchParallelism(batch);
  problems.require(
    Number.isInteger(parallelism) && parallelism >= 1 && parallelism <= MAX_PARALLELISM,
    `'batch.parallelism' is ${parallelism}, must be a whole number from 1 to ${MAX_PARALLELISM}`,
  );
}
