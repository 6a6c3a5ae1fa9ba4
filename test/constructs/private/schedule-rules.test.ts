import { assert, constantFrom, integer, property, tuple } from 'fast-check';
import { scheduleProblem, timeZoneProblem } from '../../../constructs/private/schedule-rules';

test.each([
  'rate(1 minute)',
  'rate(7 days)',
  'at(2027-01-31T03:00:00)',
  'cron(0 3 ? * MON *)',
  'cron(0/15 8-17 ? * MON-FRI *)',
  'cron(0 10 L * ? 2026-2030)',
  'cron(15,45 */2 1W JAN,JUL ? *)',
  'cron(0 9 ? * 2#1 *)',
  'cron(0 9 ? * 6L *)',
])('takes %s', expression => {
  expect(scheduleProblem(expression)).toBeUndefined();
});

test.each([
  [
    'rate(0 minutes)',
    "must be a whole number of minutes, hours or days, at least one minute, such as 'rate(15 minutes)'",
  ],
  [
    'rate(30 seconds)',
    "must be a whole number of minutes, hours or days, at least one minute, such as 'rate(15 minutes)'",
  ],
  [
    'rate(0.5 hours)',
    "must be a whole number of minutes, hours or days, at least one minute, such as 'rate(15 minutes)'",
  ],
  ['daily', "must be 'rate(…)', 'cron(…)' or 'at(…)', such as 'rate(7 days)'"],
  ['at(tomorrow)', "must be a time without a zone, such as 'at(2027-01-31T03:00:00)'"],
  ['at(2027-13-31T03:00:00)', "must be a time without a zone, such as 'at(2027-01-31T03:00:00)'"],
  [
    'cron(0 3 * * *)',
    "has 5 fields, must have the six minutes, hours, day of the month, month, day of the week, year, such as 'cron(0 3 ? * MON *)'",
  ],
  ['cron(60 3 ? * MON *)', "has '60' as its minutes, must be from 0 to 59"],
  ['cron(0 3 ? * MONDAY *)', "has 'MONDAY' as its day of the week, must be from 1 to 7, or SUN to SAT"],
  ['cron(0 3 ? 0 MON *)', "has '0' as its month, must be from 1 to 12, or JAN to DEC"],
  ['cron(0 17-8 ? * MON *)', "has '17-8' as its hours, must be from 0 to 23"],
  ['cron(0/0 3 ? * MON *)', "has '0/0' as its minutes, must be from 0 to 59"],
  [
    'cron(0 3 * * * *)',
    "must have '?' as its day of the month or as its day of the week, and something else as the other",
  ],
  [
    'cron(0 3 ? * ? *)',
    "must have '?' as its day of the month or as its day of the week, and something else as the other",
  ],
])('refuses %s', (expression, problem) => {
  expect(scheduleProblem(expression)).toBe(problem);
});

test('takes every hour of every day of the week, and no hour or day that there is not', () => {
  assert(
    property(tuple(integer({ min: -5, max: 99 }), integer({ min: -5, max: 99 })), ([hour, day]) => {
      const right = hour >= 0 && hour <= 23 && day >= 1 && day <= 7;
      expect(scheduleProblem(`cron(0 ${hour} ? * ${day} *)`) === undefined).toBe(right);
    }),
  );
});

test('takes every zone that there is', () => {
  assert(
    property(constantFrom(...Intl.supportedValuesOf('timeZone'), 'UTC'), zone => {
      expect(timeZoneProblem(zone)).toBeUndefined();
    }),
  );
  expect(timeZoneProblem('Europe/Berln')).toMatch('IANA');
});
