import { Duration, Token } from 'aws-cdk-lib';
import type { IDataLake } from '../data/data-lake';
import type { IInferenceLog } from '../data/inference-log';
import type { Problems } from '../private/validation';

const MIN_DURATION = Duration.minutes(1);
/** The release holds the model's lock for all of it. */
const MAX_DURATION = Duration.hours(24);
const MAX_LOG_DELAY = Duration.hours(1);

/** As long as the monitor waits by default before it counts. */
const DEFAULT_LOG_DELAY = Duration.minutes(15);
const DEFAULT_MIN_REQUESTS = 500;
const DEFAULT_MAX_DISAGREEMENT = 0.05;
const DEFAULT_MAX_ERROR_RATE = 0.01;

/**
 * What a new version must do before any of its answers reaches anybody: it gets a copy of each request for a while, and
 * its answers are compared with those of the version that serves.
 */
export interface ShadowPolicy {
  /** Lake in which the model's inference log lies. */
  readonly dataLake: IDataLake;

  /** How long the version gets copies before it is compared; one minute to 24 hours. */
  readonly duration: Duration;

  /**
   * How long a row of the inference log may be on its way; longer than its buffering, at most an hour.
   *
   * @default Duration.minutes(15)
   */
  readonly logDelay?: Duration;

  /**
   * Requests that both versions must have answered; fewer end the release.
   *
   * @default 500
   */
  readonly minRequests?: number;

  /**
   * Share of the compared requests whose prediction may differ.
   *
   * @default 0.05
   */
  readonly maxDisagreement?: number;

  /**
   * How far the scores may lie apart, on average over the compared requests.
   *
   * @default - as far as they like, if the predictions agree
   */
  readonly maxScoreDifference?: number;

  /**
   * By how much the share of requests that the new version does not answer with 2XX may exceed that of the one that serves.
   *
   * @default 0.01
   */
  readonly maxErrorRate?: number;

  /**
   * Time in which the new version must answer 99 of 100 requests.
   *
   * @default - the `maxLatency` of the service
   */
  readonly maxLatency?: Duration;
}

/** What a shadow depends on beside its own settings. */
interface Shadowed {
  readonly inferenceLog?: IInferenceLog;
  readonly warmStandby?: Duration;
  readonly canShadow: boolean;
}

/** The shape is `shadow` of `servingSettings` in `lambda/shared/contracts.ts`. */
export function shadowSettings(
  shadow: ShadowPolicy,
  { inferenceLog, maxLatency }: { inferenceLog?: IInferenceLog; maxLatency: Duration },
): Record<string, unknown> {
  return {
    durationSeconds: shadow.duration.toSeconds(),
    logDelaySeconds: (shadow.logDelay ?? DEFAULT_LOG_DELAY).toSeconds(),
    minRequests: shadow.minRequests ?? DEFAULT_MIN_REQUESTS,
    maxDisagreement: shadow.maxDisagreement ?? DEFAULT_MAX_DISAGREEMENT,
    ...(shadow.maxScoreDifference === undefined ? {} : { maxScoreDifference: shadow.maxScoreDifference }),
    maxErrorRate: shadow.maxErrorRate ?? DEFAULT_MAX_ERROR_RATE,
    maxLatencyMilliseconds: (shadow.maxLatency ?? maxLatency).toMilliseconds(),
    database: shadow.dataLake.databaseName,
    inferenceLogTable: inferenceLog?.tableName ?? '',
    workgroup: shadow.dataLake.workgroupName,
  };
}

/** Notes what SageMaker would refuse at the first shadow, and what could never be compared. */
export function checkShadow(problems: Problems, shadow: ShadowPolicy, shadowed: Shadowed): void {
  problems.require(
    shadowed.warmStandby === undefined,
    "'shadow' is given with 'warmStandby', must be without it, since SageMaker takes one production variant beside a shadow and the standby is a second one; leave one of the two out",
  );
  problems.require(
    shadowed.inferenceLog !== undefined,
    "'shadow' is given without 'inferenceLog', must be with it, since the answers are compared by the log; give the model's 'InferenceLog'",
  );
  problems.require(
    shadowed.canShadow,
    "'shadow' is given with a 'releaseController' that may not compare, must be with one that may; give the controller the lake as its 'shadowDataLake'",
  );
  requireDuration(problems, 'shadow.duration', shadow.duration, MIN_DURATION, MAX_DURATION);
  requireDuration(problems, 'shadow.logDelay', shadow.logDelay, Duration.seconds(0), MAX_LOG_DELAY);
  const { minRequests, maxLatency, maxScoreDifference } = shadow;
  if (minRequests !== undefined && !Token.isUnresolved(minRequests)) {
    problems.require(
      Number.isInteger(minRequests) && minRequests >= 1,
      `'shadow.minRequests' is ${minRequests}, must be a whole number of at least 1`,
    );
  }
  problems.requireRange('shadow.maxDisagreement', shadow.maxDisagreement, 0, 1);
  problems.requireRange('shadow.maxErrorRate', shadow.maxErrorRate, 0, 1);
  problems.requireRange('shadow.maxScoreDifference', maxScoreDifference, 0, Number.MAX_VALUE);
  if (maxLatency !== undefined && !maxLatency.isUnresolved()) {
    problems.require(
      maxLatency.toMilliseconds() > 0,
      `'shadow.maxLatency' is ${maxLatency.toMilliseconds()} ms, must be more than 0, or no version ever serves`,
    );
  }
}

function requireDuration(
  problems: Problems,
  property: string,
  value: Duration | undefined,
  min: Duration,
  max: Duration,
): void {
  if (value === undefined || value.isUnresolved()) return;
  const seconds = value.toSeconds({ integral: false });
  problems.require(
    seconds >= min.toSeconds() && seconds <= max.toSeconds(),
    `'${property}' is ${value.toHumanString()}, must be from ${min.toHumanString()} to ${max.toHumanString()}`,
  );
}
