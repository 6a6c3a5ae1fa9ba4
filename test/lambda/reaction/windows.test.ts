import { badWindows, isWorse, type AlarmRule } from '../../../lambda/reaction/windows';

const HOUR = 3_600_000;
const START = Date.parse('2026-11-24T00:00:00Z');
const RULE: AlarmRule = {
  comparison: 'GreaterThanThreshold',
  threshold: 0.02,
  periodSeconds: 3600,
  evaluationWindows: 3,
  alarmingWindows: 2,
};

/** Values of windows of an hour, one after the other; nothing where a window was not judged. */
function hourly(...values: (number | undefined)[]) {
  return values.flatMap((value, index) =>
    value === undefined ? [] : [{ end: new Date(START + (index + 1) * HOUR).toISOString(), value }],
  );
}
const hour = (hours: number): number => START + hours * HOUR;

test('windows that ended before the version served are not counted', () => {
  const windows = hourly(0.3, 0.3, 0.5);
  expect(badWindows(RULE, windows, { since: hour(0) })).toMatchObject({ bad: 3 });
  expect(badWindows(RULE, windows, { since: hour(2) })).toEqual({ bad: 1, mean: 0.5 });
});

test('the window in which the version was activated is its own', () => {
  expect(badWindows(RULE, hourly(0.3, 0.3), { since: hour(1.5) })).toEqual({ bad: 1, mean: 0.3 });
});

test('no more windows are looked at than the alarm looks at', () => {
  expect(badWindows(RULE, hourly(0.3, 0, 0, 0.3), { since: hour(0) })).toMatchObject({ bad: 1 });
  expect(badWindows(RULE, hourly(0.3, undefined, 0.3), { since: hour(0) })).toMatchObject({ bad: 2 });
});

test('good windows after the newest bad one take nothing from it: an event may come late', () => {
  expect(badWindows(RULE, hourly(0.3, 0.3, 0, 0, 0), { since: hour(0) })).toMatchObject({ bad: 2 });
});

test('nothing is bad where nothing was judged', () => {
  expect(badWindows(RULE, [], { since: hour(0) })).toEqual({ bad: 0 });
});

test.each([
  ['GreaterThanThreshold', 0.02, 0],
  ['GreaterThanOrEqualToThreshold', 0.02, 1],
  ['LessThanThreshold', 0.02, 0],
  ['LessThanOrEqualToThreshold', 0.02, 1],
  ['LessThanThreshold', 0.01, 1],
  ['GreaterThanThreshold', 0.03, 1],
] as const)('%s of 0.02 by %d makes %d bad', (comparison, value, bad) => {
  expect(badWindows({ ...RULE, comparison }, hourly(value), { since: hour(0) }).bad).toBe(bad);
});

test('worse is further beyond the threshold', () => {
  expect(isWorse(RULE, 0.3, 0.2)).toBe(true);
  expect(isWorse(RULE, 0.2, 0.2)).toBe(false);
  expect(isWorse({ ...RULE, comparison: 'LessThanThreshold' }, 0.3, 0.2)).toBe(false);
});
