import fc from 'fast-check';
import {
  newRowsRefusal,
  trainingRefusal,
  trainingsOfTheLastDay,
  triggerRefusal,
  type TriggerKind,
} from '../../../lambda/pipeline-control/guard';
import { INITIAL_STATE, type PipelineState } from '../../../lambda/pipeline-control/records';
import { NOW, SETTINGS } from './fixtures';

const LIMITS = SETTINGS.guard;
const KINDS: TriggerKind[] = ['new-data', 'retrain', 'schedule', 'manual', 'merge'];
const ago = (seconds: number): string => new Date(NOW.getTime() - seconds * 1000).toISOString();
const state = (change: Partial<PipelineState>): PipelineState => ({ ...INITIAL_STATE, ...change });

describe('trainingRefusal', () => {
  test.each(KINDS)('lets a model be trained for the first time by %s', kind => {
    expect(trainingRefusal(LIMITS, kind, INITIAL_STATE, NOW)).toBeUndefined();
  });

  test.each(KINDS)('refuses %s over the daily cap', kind => {
    const full = state({ trainings: [ago(60), ago(7200), ago(86_399)] });

    expect(trainingRefusal(LIMITS, kind, full, NOW)).toBe(
      "3 trainings were started in the last 24 hours, 'maxRunsPerDay' is 3",
    );
  });

  test('forgets a training after a day', () => {
    expect(
      trainingRefusal(LIMITS, 'manual', state({ trainings: [ago(60), ago(7200), ago(86_400)] }), NOW),
    ).toBeUndefined();
  });

  test.each(['new-data', 'retrain', 'schedule'] as const)('refuses %s within the interval', kind => {
    expect(trainingRefusal(LIMITS, kind, state({ lastTrainingAt: ago(3599) }), NOW)).toBe(
      `the last training was started at ${ago(3599)}, 'minIntervalSeconds' is 3600, so the next may start at ${ago(-1)}`,
    );
    expect(trainingRefusal(LIMITS, kind, state({ lastTrainingAt: ago(3600) }), NOW)).toBeUndefined();
  });

  test.each(['new-data', 'retrain', 'schedule'] as const)('refuses %s after lost challengers', kind => {
    expect(trainingRefusal(LIMITS, kind, state({ lostChallengers: 2 }), NOW)).toMatch(
      /the last 2 challengers lost at the gate, 'maxLostChallengers' is 2; a person must look/,
    );
  });

  test.each(['manual', 'merge'] as const)('lets %s skip the interval and the lost challengers', kind => {
    const stopped = state({ lastTrainingAt: ago(1), lostChallengers: 5, trainings: [ago(1)] });

    expect(trainingRefusal(LIMITS, kind, stopped, NOW)).toBeUndefined();
  });

  test('never lets more than the cap start within any day, whoever starts', () => {
    const starts = fc.array(fc.tuple(fc.constantFrom(...KINDS), fc.integer({ min: 0, max: 20_000 })), {
      maxLength: 60,
    });
    fc.assert(
      fc.property(starts, attempts => {
        let now = NOW.getTime();
        let known = INITIAL_STATE;
        const started: number[] = [];
        for (const [kind, seconds] of attempts) {
          now += seconds * 1000;
          const at = new Date(now);
          if (trainingRefusal(LIMITS, kind, known, at) !== undefined) continue;
          started.push(now);
          const iso = at.toISOString();
          known = { ...known, trainings: [...trainingsOfTheLastDay(known, at), iso], lastTrainingAt: iso };
        }
        for (const from of started) {
          expect(started.filter(at => at >= from && at < from + 86_400_000).length).toBeLessThanOrEqual(
            LIMITS.maxRunsPerDay,
          );
        }
      }),
    );
  });
});

describe('triggerRefusal', () => {
  test('lets all but a merge start a training by default', () => {
    expect(KINDS.filter(kind => triggerRefusal({}, kind) !== undefined)).toEqual(['merge']);
  });

  test('refuses what the model does not take, and never a person', () => {
    const nothing = { triggers: { newData: false, merge: false } };

    expect(KINDS.filter(kind => triggerRefusal(nothing, kind) !== undefined)).toEqual(['new-data', 'merge']);
    expect(triggerRefusal(nothing, 'new-data')).toBe(
      "new data starts no training of this model here, 'newData' of its triggers is false",
    );
  });

  test('lets a merge start a training where it may', () => {
    expect(triggerRefusal({ triggers: { newData: true, merge: true } }, 'merge')).toBeUndefined();
  });
});

describe('newRowsRefusal', () => {
  test.each([
    ['new-data', 100],
    ['schedule', 100],
    ['retrain', 10],
    ['manual', 0],
    ['merge', 0],
  ] as const)('wants of %s %d new rows', (kind, needed) => {
    expect(newRowsRefusal(LIMITS, kind, needed)).toBeUndefined();
    expect(newRowsRefusal(LIMITS, kind, needed - 1)).toBe(
      `${needed - 1} rows have landed since the last training, a start by '${kind}' needs ${needed}`,
    );
  });
});
