import { judgeShadow, type ShadowComparison } from '../../../lambda/release-step/shadow-verdict';
import { variantLoad } from '../../../lambda/release-step/variant-load';
import { AGREEING } from './support/world';

const LIMITS = { minRequests: 100, maxDisagreement: 0.05, maxErrorRate: 0.01, maxLatencyMilliseconds: 100 };

describe('a comparison', () => {
  test('that is within every limit is good, and says what was seen', () => {
    expect(judgeShadow(LIMITS, AGREEING)).toEqual({
      good: true,
      reason:
        '812 requests compared, 1.2 % answered otherwise, scores differ by 0.01 on average; it failed 0 of 815 requests (99 of 100 within 14 ms), the one that serves 1 of 815 (99 of 100 within 12 ms)',
    });
  });

  test.each<[string, Partial<ShadowComparison>, object, string]>([
    ['disagrees', { disagreeing: 41 }, {}, '5 % were answered otherwise, more than 5 %'],
    [
      'scores elsewhere',
      { scoreDifference: 0.2 },
      { maxScoreDifference: 0.1 },
      'scores differ by 0.2 on average, more than 0.1',
    ],
    [
      'fails more',
      { challenger: { requests: 1000, errors: 12 } },
      {},
      'it failed 1.2 % of its requests and the one that serves 0.1 %, more than 1 % apart',
    ],
    [
      'is slow',
      { challenger: { requests: 815, errors: 0, p99Milliseconds: 250 } },
      {},
      'it takes 250 ms for 99 of 100 answers, more than 100 ms',
    ],
  ])('of a version that %s is against it', (_, seen, limits, reason) => {
    const verdict = judgeShadow({ ...LIMITS, ...limits }, { ...AGREEING, ...seen });
    expect(verdict.good).toBe(false);
    expect(verdict.tooFew).toBeUndefined();
    expect(verdict.reason.startsWith(reason)).toBe(true);
  });

  test('says all that is against it, not only the first', () => {
    const { reason } = judgeShadow(LIMITS, {
      ...AGREEING,
      disagreeing: 400,
      challenger: { requests: 815, errors: 0, p99Milliseconds: 250 },
    });
    expect(reason).toMatch(/^49 % were answered otherwise.*; it takes 250 ms .*; of all: 812 requests compared/);
  });

  test('of too few requests is no word for or against it', () => {
    expect(judgeShadow(LIMITS, { ...AGREEING, compared: 99, disagreeing: 99 })).toMatchObject({
      good: false,
      tooFew: true,
      reason: expect.stringMatching(/^only 99 requests could be compared, must be at least 100/) as string,
    });
  });

  test.each<[string, ShadowComparison['challenger'], RegExp]>([
    [
      'nothing, as where they are late',
      { requests: 0, errors: 0 },
      /^its metrics tell of only 0 requests, must be at least 100, so its failures and its speed are not known; 812 requests compared/,
    ],
    [
      'a part of its requests',
      { requests: 99, errors: 0, p99Milliseconds: 14 },
      /^its metrics tell of only 99 requests, must be at least 100/,
    ],
  ])('whose metrics tell %s is no word for or against it', (_, challenger, reason) => {
    expect(judgeShadow(LIMITS, { ...AGREEING, challenger })).toMatchObject({
      good: false,
      tooFew: true,
      reason: expect.stringMatching(reason) as string,
    });
  });

  test('of answers that were not timed says so', () => {
    const { reason } = judgeShadow(LIMITS, { ...AGREEING, challenger: { requests: 815, errors: 0 } });
    expect(reason).toContain('it failed 0 of 815 requests (latency not measured), the one that serves');
  });

  test('whose answers are against it needs no metrics to be', () => {
    const seen = { ...AGREEING, disagreeing: 400, challenger: { requests: 0, errors: 0 } };
    expect(judgeShadow(LIMITS, seen)).toMatchObject({
      good: false,
      reason: expect.stringMatching(/^49 % were answered otherwise/) as string,
    });
    expect(judgeShadow(LIMITS, seen).tooFew).toBeUndefined();
  });

  test.each<[string, Partial<ShadowComparison>]>([
    ['exactly what is allowed', { compared: 100, disagreeing: 5 }],
    [
      'as many failures as the one that serves has by its callers',
      { champion: { requests: 100, errors: 30 }, challenger: { requests: 100, errors: 30, p99Milliseconds: 14 } },
    ],
    ['no score', { scoreDifference: undefined }],
    ['requests that are counted but not timed', { challenger: { requests: 815, errors: 0 } }],
  ])('with %s is good', (_, seen) => {
    expect(judgeShadow({ ...LIMITS, maxScoreDifference: 0.1 }, { ...AGREEING, ...seen }).good).toBe(true);
  });
});

describe("a variant's load", () => {
  test('is the sum of its minutes, and each latency counts by the requests of its minute', () => {
    const load = variantLoad({
      requests: new Map([
        [0, 90],
        [1, 10],
      ]),
      errors: new Map([[1, 2]]),
      p99: new Map([
        [0, 10_000],
        [1, 110_000],
      ]),
    });
    expect(load).toEqual({ requests: 100, errors: 2, p99Milliseconds: 20 });
  });

  test('of no requests has no latency', () => {
    expect(variantLoad({ requests: new Map(), errors: new Map(), p99: new Map() })).toEqual({ requests: 0, errors: 0 });
  });
});
