import { Duration } from 'aws-cdk-lib';

/** What SageMaker takes. */
const MAX_WAIT = Duration.hours(1);
const MIN_EXECUTION = Duration.minutes(10);
const MAX_EXECUTION = Duration.hours(8);
const MAX_CANARY_PERCENT = 50;
const MIN_LINEAR_PERCENT = 10;
const MAX_LINEAR_PERCENT = 50;

/** Instances start, containers load and instances go, besides the waits of the policy. */
const TIME_FOR_INSTANCES = Duration.minutes(30);

const DEFAULT_BAKE_TIME = Duration.minutes(5);
const DEFAULT_LINEAR_PERCENT = 25;

/** What every way of moving traffic may say. */
export interface ShiftOptions {
  /**
   * How long the old instances stay after all traffic has moved; nothing reacts by itself any more then.
   *
   * @default Duration.seconds(0)
   */
  readonly terminationWait?: Duration;

  /**
   * When an update that has not ended goes back; ten minutes to eight hours, and longer than all of its waits.
   *
   * @default - the waits and half an hour
   */
  readonly maxExecution?: Duration;
}

/** All traffic at once. */
export interface AllAtOnceOptions extends ShiftOptions {
  /**
   * How long the guardrail alarms watch the new instances before the old ones go. They need three minutes to go off;
   * with none, nothing undoes the update by itself.
   *
   * @default Duration.minutes(5)
   */
  readonly bakeTime?: Duration;
}

/** A part of the traffic first, then the rest. */
export interface CanaryOptions extends ShiftOptions {
  /** Percent of the capacity that goes first, at most 50. */
  readonly percent: number;

  /**
   * How long the guardrail alarms watch the canary, and then the whole.
   *
   * @default Duration.minutes(5)
   */
  readonly bakeTime?: Duration;
}

/** Equal steps. */
export interface LinearOptions extends ShiftOptions {
  /**
   * Percent of the capacity in each step, 10 to 50.
   *
   * @default 25
   */
  readonly percent?: number;

  /**
   * How long the guardrail alarms watch after each step.
   *
   * @default Duration.minutes(5)
   */
  readonly interval?: Duration;
}

/** How traffic moves to a new version. A rollback always moves all of it at once. */
export class ShiftPolicy {
  /** Moves all traffic at once. */
  public static allAtOnce(options: AllAtOnceOptions = {}): ShiftPolicy {
    return new ShiftPolicy('ALL_AT_ONCE', 100, 1, options.bakeTime ?? DEFAULT_BAKE_TIME, options);
  }

  /** Moves a part first, and the rest if no guardrail alarm goes off meanwhile. */
  public static canary(options: CanaryOptions): ShiftPolicy {
    requireWholePercent(options.percent, 1, MAX_CANARY_PERCENT);
    return new ShiftPolicy('CANARY', options.percent, 2, options.bakeTime ?? DEFAULT_BAKE_TIME, options);
  }

  /** Moves equal parts, as long as no guardrail alarm goes off. */
  public static linear(options: LinearOptions = {}): ShiftPolicy {
    const percent = options.percent ?? DEFAULT_LINEAR_PERCENT;
    requireWholePercent(percent, MIN_LINEAR_PERCENT, MAX_LINEAR_PERCENT);
    return new ShiftPolicy('LINEAR', percent, Math.ceil(100 / percent), options.interval ?? DEFAULT_BAKE_TIME, options);
  }

  /** Wait after each step. */
  public readonly waitTime: Duration;

  /** How long the old instances stay at the end. */
  public readonly terminationWait: Duration;

  /** When an update that has not ended goes back. */
  public readonly maxExecution: Duration;

  private constructor(
    /** SageMaker's name for the way: `ALL_AT_ONCE`, `CANARY` or `LINEAR`. */
    public readonly type: string,
    /** Percent of the capacity in a step. */
    public readonly stepPercent: number,
    steps: number,
    waitTime: Duration,
    options: ShiftOptions,
  ) {
    this.waitTime = waitTime;
    this.terminationWait = options.terminationWait ?? Duration.seconds(0);
    requireAtMost('wait between steps', this.waitTime, MAX_WAIT);
    requireAtMost("'terminationWait'", this.terminationWait, MAX_WAIT);

    const waits = Duration.seconds(steps * waitTime.toSeconds() + this.terminationWait.toSeconds());
    this.maxExecution =
      options.maxExecution ??
      Duration.seconds(Math.min(waits.toSeconds() + TIME_FOR_INSTANCES.toSeconds(), MAX_EXECUTION.toSeconds()));
    requireAtMost("'maxExecution'", this.maxExecution, MAX_EXECUTION);
    if (this.maxExecution.toSeconds() < MIN_EXECUTION.toSeconds()) {
      throw new Error(`'maxExecution' is ${this.maxExecution.toHumanString()}, must be at least 10 minutes`);
    }
    if (this.maxExecution.toSeconds() <= waits.toSeconds()) {
      throw new Error(
        `'maxExecution' (${this.maxExecution.toSeconds()}s) must be longer than all waits of the policy (${waits.toSeconds()}s), make the waits shorter or the steps larger`,
      );
    }
  }
}

function requireWholePercent(percent: number, min: number, max: number): void {
  if (!Number.isInteger(percent) || percent < min || percent > max) {
    throw new Error(`'percent' is ${percent}, must be a whole number from ${min} to ${max}`);
  }
}

function requireAtMost(what: string, value: Duration, max: Duration): void {
  if (value.toSeconds() > max.toSeconds()) {
    throw new Error(`${what} is ${value.toHumanString()}, must be at most ${max.toHumanString()}`);
  }
}
