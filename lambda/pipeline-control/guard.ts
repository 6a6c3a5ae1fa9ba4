import type { PipelineInput, TrainingSettings } from '../shared/contracts';
import type { PipelineState } from './records';

/** Who or what started the pipeline. */
export type TriggerKind = PipelineInput['trigger']['kind'];

/** Limits on training, from the model's settings. */
export type GuardLimits = TrainingSettings['guard'];

const DAY_MS = 24 * 60 * 60 * 1000;

/** Trainings within the day before `now`. */
export function trainingsOfTheLastDay(state: PipelineState, now: Date): string[] {
  return state.trainings.filter(at => now.getTime() - Date.parse(at) < DAY_MS);
}

/** Why such a start is none of this model's; nothing if it is. A person's always is, and so is what its alarms ask for. */
export function triggerRefusal(
  { triggers }: Pick<TrainingSettings, 'triggers'>,
  kind: TriggerKind,
): string | undefined {
  if (kind === 'new-data' && triggers?.newData === false) {
    return "new data starts no training of this model here, 'newData' of its triggers is false";
  }
  if (kind === 'merge' && triggers?.merge !== true) {
    return "a merge starts no training of this model here, 'merge' of its triggers is false";
  }
  return undefined;
}

/**
 * Why a model may not be trained now; nothing if it may. A person's start skips the interval and the count of lost
 * challengers, since it is how a person says to go on, and so does a commit that people merged, which would never be trained
 * otherwise; nothing skips the daily cap, which is there for the bill.
 */
export function trainingRefusal(
  limits: GuardLimits,
  kind: TriggerKind,
  state: PipelineState,
  now: Date,
): string | undefined {
  const today = trainingsOfTheLastDay(state, now).length;
  if (today >= limits.maxRunsPerDay) {
    return `${today} trainings were started in the last 24 hours, 'maxRunsPerDay' is ${limits.maxRunsPerDay}`;
  }
  if (kind === 'manual' || kind === 'merge') {
    return undefined;
  }
  if (state.lostChallengers >= limits.maxLostChallengers) {
    return (
      `the last ${state.lostChallengers} challengers lost at the gate, 'maxLostChallengers' is ` +
      `${limits.maxLostChallengers}; a person must look at it and start the next training by hand`
    );
  }
  if (state.lastTrainingAt !== undefined) {
    const next = new Date(Date.parse(state.lastTrainingAt) + limits.minIntervalSeconds * 1000);
    if (now < next) {
      return (
        `the last training was started at ${state.lastTrainingAt}, 'minIntervalSeconds' is ` +
        `${limits.minIntervalSeconds}, so the next may start at ${next.toISOString()}`
      );
    }
  }
  return undefined;
}

/** New rows that a start needs; a schedule brings no evidence that the model got worse, so it needs as many as data. */
export function newRowsNeeded(limits: GuardLimits, kind: TriggerKind): number {
  switch (kind) {
    case 'manual':
    case 'merge':
      return 0;
    case 'retrain':
      return limits.minNewRowsOnRetrain;
    case 'new-data':
    case 'schedule':
      return limits.minNewRowsOnNewData;
  }
}

/** Why there are too few new rows; nothing if there are enough. */
export function newRowsRefusal(limits: GuardLimits, kind: TriggerKind, newRows: number): string | undefined {
  const needed = newRowsNeeded(limits, kind);
  return newRows >= needed
    ? undefined
    : `${newRows} rows have landed since the last training, a start by '${kind}' needs ${needed}`;
}
