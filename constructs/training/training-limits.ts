import type { Duration } from 'aws-cdk-lib';

/** What a challenger must reach to be registered. */
export interface TrainingGate {
  /**
   * Smallest area under the ROC curve on held-out rows.
   *
   * @default 0.5
   */
  readonly minAuc?: number;

  /**
   * How far above the champion's AUC, on the same held-out rows, the challenger's must lie.
   *
   * @default 0
   */
  readonly minImprovement?: number;
}

/** What keeps a training from starting. A person's start skips all of it but the cap. */
export interface TrainingGuard {
  /**
   * Least time between the starts of two trainings.
   *
   * @default Duration.hours(6)
   */
  readonly minInterval?: Duration;

  /**
   * Most trainings in 24 hours; the cap on what it costs, for a person too.
   *
   * @default 4
   */
  readonly maxRunsPerDay?: number;

  /**
   * Rows that must have landed since the last training for new data, or a schedule, to start one.
   *
   * @default 1000
   */
  readonly minNewRowsOnNewData?: number;

  /**
   * Rows that must have landed since the last training for a retrain reaction to start one.
   *
   * @default 1
   */
  readonly minNewRowsOnRetrain?: number;

  /**
   * Challengers in a row that may lose at the gate before only a person starts the next training.
   *
   * @default 2
   */
  readonly maxLostChallengers?: number;
}
