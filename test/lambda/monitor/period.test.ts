import fc from 'fast-check';
import { iso, lastClosedPeriod, periodAt, periodsOf, windowOf } from '../../../lambda/monitor/period';

const HOURLY = { periodSeconds: 3600, windowPeriods: 24, graceSeconds: 900 };
const at = (text: string): number => Date.parse(text);

test('a period runs from its start for its length', () => {
  expect(periodAt('2026-11-24T03:00:00Z', HOURLY)).toEqual({
    start: at('2026-11-24T03:00:00Z'),
    end: at('2026-11-24T04:00:00Z'),
  });
});

test('fails for a start between two periods, and names the one before', () => {
  expect(() => periodAt('2026-11-24T03:30:00Z', HOURLY)).toThrow(
    "'periodStart' is '2026-11-24T03:30:00Z', must be a multiple of 3600 seconds since the epoch, such as '2026-11-24T03:00:00.000Z'",
  );
});

test('fails for what is no time', () => {
  expect(() => periodAt('yesterday', HOURLY)).toThrow("'periodStart' is 'yesterday', must be an ISO 8601 time");
});

test.each([
  ['2026-11-24T04:15:00Z', '2026-11-24T03:00:00.000Z'],
  ['2026-11-24T04:14:59Z', '2026-11-24T02:00:00.000Z'],
])('at %s the last closed period is that of %s', (now, start) => {
  expect(iso(lastClosedPeriod(at(now), HOURLY).start)).toBe(start);
});

test('windows are days of hours', () => {
  const window = windowOf(periodAt('2026-11-24T23:00:00Z', HOURLY), HOURLY);

  expect(iso(window.start)).toBe('2026-11-24T00:00:00.000Z');
  expect(iso(window.end)).toBe('2026-11-25T00:00:00.000Z');
});

test('each period lies in exactly one window, which is made of such periods', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1440 }),
      fc.integer({ min: 1, max: 30 }),
      fc.integer({ min: 0, max: 2 ** 41 }),
      (minutes, windowPeriods, time) => {
        const calendar = { periodSeconds: minutes * 60, windowPeriods, graceSeconds: 0 };
        const period = lastClosedPeriod(time, calendar);
        const window = windowOf(period, calendar);
        expect(period.end).toBeLessThanOrEqual(time);
        expect(period.end + calendar.periodSeconds * 1000).toBeGreaterThan(time);
        expect(periodsOf(window, calendar)).toContainEqual(period);
        expect(periodsOf(window, calendar).map(each => windowOf(each, calendar).start)).toEqual(
          new Array(windowPeriods).fill(window.start),
        );
      },
    ),
  );
});
