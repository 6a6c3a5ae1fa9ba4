import { asWords, count, decimal, duration, moment, plural, secondsBetween } from '../../../rehearsal/report/words';

test.each([
  [0.04, '0.0 s'],
  [58.34, '58.3 s'],
  [60, '1 minute'],
  [125, '2 minutes 5 s'],
  [3600, '1 hour'],
  [3660, '1 hour 1 minute'],
  [3 * 86_400 + 4 * 3600 + 59, '3 days 4 hours'],
])('%d seconds are %s', (seconds, words) => {
  expect(duration(seconds)).toBe(words);
});

test('counts have thousands separators, and nouns their number', () => {
  expect(count(12345)).toBe('12,345');
  expect(plural(1, 'act')).toBe('1 act');
  expect(plural(0, 'act')).toBe('0 acts');
});

test('moments are told in UTC', () => {
  expect(moment('2026-11-24T03:04:05.678Z')).toBe('24 Nov 2026, 03:04:05 UTC');
});

test('a time that is none is told as it stands', () => {
  expect(moment('soon')).toBe('soon');
});

test('seconds between two times keep their fraction', () => {
  expect(secondsBetween('2026-11-24T03:04:05.000Z', '2026-11-24T03:04:06.250Z')).toBe(1.25);
});

test('a value that was not measured is a dash', () => {
  expect(decimal(null)).toBe('—');
  expect(decimal(undefined)).toBe('—');
  expect(decimal(0)).toBe('0.00');
});

test('names are told as words', () => {
  expect(asWords('trainingJobArn')).toBe('training job arn');
  expect(asWords('prediction-drift')).toBe('prediction drift');
});
