import { judgeFeatures, judgePrediction } from '../../../../lambda/monitor/drift/verdict';
import { shareOf, Simulation } from './simulation';

const RULE = { q: 0.01, minExcess: 0.02 };
const FEATURES = 25;
const TRIES = 200;

const anyDrift = (simulation: Simulation, window: Parameters<Simulation['window']>[0]): boolean =>
  [...judgeFeatures(simulation.window(window), RULE).values()].some(verdict => verdict.drifted);

describe('what the rule finds, 25 features at once', () => {
  test('a false alarm in at most 2 % of windows of 500', () => {
    const simulation = new Simulation(7, FEATURES);

    expect(shareOf(TRIES, () => anyDrift(simulation, { rows: 500 }))).toBeLessThanOrEqual(0.02);
  });

  test('a mean shifted by 0.35 standard deviations in at least 95 % of windows of 500', () => {
    const simulation = new Simulation(11, FEATURES);

    const found = shareOf(
      TRIES,
      () => judgeFeatures(simulation.window({ rows: 500, shift: 0.35 }), RULE).get('f0')?.drifted === true,
    );

    expect(found).toBeGreaterThanOrEqual(0.95);
  });

  test('missing values that jump from none to 5 % of 1,000 rows, always', () => {
    const simulation = new Simulation(13, FEATURES);
    const missing = { reference: 0, current: 0.05 };

    expect(shareOf(20, () => anyDrift(simulation, { rows: 1000, missing }))).toBe(1);
  });

  test.each([100, 200])('no alarm at a few missing values of %d rows that are as rare in the reference', rows => {
    // GIVEN one in a thousand; with chi-square alone, 35 % of windows of 200 were called drifted
    const simulation = new Simulation(17, FEATURES);
    const missing = { reference: 0.001, current: 0.001 };

    expect(shareOf(TRIES, () => anyDrift(simulation, { rows, missing }))).toBeLessThanOrEqual(0.02);
  });
});

describe('judgeFeatures', () => {
  const reference = [1000, 1000, 1000, 0];

  test('calls a significant trifle no drift', () => {
    // GIVEN half a million rows, in which 1 % more is beyond chance
    const verdicts = judgeFeatures(
      new Map([['f', { reference: [1e6, 1e6, 0], current: [255_000, 245_000, 0] }]]),
      RULE,
    );

    // THEN
    expect(verdicts.get('f')).toMatchObject({ drifted: false, values: { significant: true } });
  });

  test('calls a large difference of few rows no drift', () => {
    const verdicts = judgeFeatures(new Map([['f', { reference, current: [4, 8, 3, 0] }]]), RULE);

    expect(verdicts.get('f')).toMatchObject({ drifted: false, values: { significant: false } });
  });

  test('judges missing values by themselves, with both shares', () => {
    const verdicts = judgeFeatures(new Map([['f', { reference, current: [316, 317, 317, 50] }]]), RULE);

    expect(verdicts.get('f')).toMatchObject({
      drifted: true,
      missing: { significant: true, referenceShare: 0, currentShare: 0.05, bins: 2 },
    });
  });

  test('has nothing to say of missing values while there are none', () => {
    const verdicts = judgeFeatures(new Map([['f', { reference, current: [300, 300, 300, 0] }]]), RULE);

    expect(verdicts.get('f')?.missing).toBeUndefined();
  });

  test('keeps a feature of one bin in the answer', () => {
    const verdicts = judgeFeatures(new Map([['constant', { reference: [1000, 0], current: [500, 0] }]]), RULE);

    expect(verdicts.get('constant')).toEqual({ drifted: false });
  });

  test('calls a feature that only comes missing drifted', () => {
    const verdicts = judgeFeatures(new Map([['f', { reference, current: [0, 0, 0, 600] }]]), RULE);

    expect(verdicts.get('f')?.drifted).toBe(true);
  });
});

describe('judgePrediction', () => {
  test('gives the excess of a significant difference', () => {
    const verdict = judgePrediction({ reference: [700, 300, 0], current: [500, 0, 0] }, RULE);

    expect(verdict.significant).toBe(true);
    expect(verdict.excess).toBeGreaterThan(0.02);
    expect(verdict.excess).toBe(verdict.comparison?.excess);
  });

  test('gives 0 where chance may have done it', () => {
    expect(judgePrediction({ reference: [700, 300, 0], current: [345, 155, 0] }, RULE)).toMatchObject({
      significant: false,
      excess: 0,
    });
  });

  test('gives 0 without predictions', () => {
    expect(judgePrediction({ reference: [700, 300, 0], current: [0, 0, 0] }, RULE)).toEqual({
      significant: false,
      excess: 0,
    });
  });
});
