import { TimeZone } from 'aws-cdk-lib';
import fc from 'fast-check';
import { scheduleProblem } from '../../../../constructs/private/schedule-rules';
import { type AwakeHours, Weekday } from '../../../../constructs/serving/idle-policy';
import { nodeHours } from '../../../../constructs/serving/kubernetes/node-hours';

const WEEK = Object.values(Weekday);
const DAY = 24 * 60;
const timeZone = TimeZone.EUROPE_BERLIN;

function clock(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map(part => String(part).padStart(2, '0')).join(':');
}

/** Minutes of the week at which a cron is due. */
function firings(cron: string): number[] {
  const [, minute, hour, days] = /^cron\((\d+) (\d+) \? \* ([A-Z,]+) \*\)$/.exec(cron) ?? [];
  return days.split(',').map(day => WEEK.indexOf(day as Weekday) * DAY + Number(hour) * 60 + Number(minute));
}

/** Whether there are nodes at a minute of the week: what was due last began them. */
function hasNodes({ begin, end }: { begin: string; end: string }, minute: number): boolean {
  const since = (cron: string) => Math.min(...firings(cron).map(due => (minute - due + 7 * DAY) % (7 * DAY)));
  return since(begin) < since(end);
}

const anyHours = fc
  .record({
    days: fc.subarray(WEEK, { minLength: 1 }),
    from: fc.integer({ min: 0, max: DAY - 1 }),
    length: fc.integer({ min: 1, max: DAY }),
  })
  .map(({ days, from, length }) => ({ days, from, to: Math.min(from + length, DAY) }));

function hoursOf({ days, from, to }: { days: Weekday[]; from: number; to: number }): AwakeHours {
  return { days, from: clock(from), to: clock(to), timeZone };
}

/** Minutes of the week in which models are up. */
function awakeMinutes({ days, from, to }: { days: Weekday[]; from: number; to: number }): [number, number][] {
  return days.map(day => [WEEK.indexOf(day) * DAY + from, WEEK.indexOf(day) * DAY + to]);
}

describe('nodes', () => {
  test('come 15 minutes before the hours and go 30 minutes after, Monday to Friday', () => {
    expect(nodeHours({ from: '07:00', to: '20:00', timeZone })).toEqual({
      begin: 'cron(45 6 ? * MON,TUE,WED,THU,FRI *)',
      end: 'cron(30 20 ? * MON,TUE,WED,THU,FRI *)',
    });
  });

  test('of hours that end with the day go on the next day', () => {
    expect(nodeHours({ days: [Weekday.SATURDAY, Weekday.SUNDAY], from: '10:00', to: '24:00', timeZone })?.end).toBe(
      'cron(30 0 ? * SUN,MON *)',
    );
  });

  test('of hours that begin with the day come the day before', () => {
    expect(nodeHours({ days: [Weekday.MONDAY, Weekday.THURSDAY], from: '00:10', to: '09:00', timeZone })?.begin).toBe(
      'cron(55 23 ? * SUN,WED *)',
    );
  });

  test('stay from day to day where there is no time between them', () => {
    expect(nodeHours({ from: '00:00', to: '24:00', timeZone })).toEqual({
      begin: 'cron(45 23 ? * SUN *)',
      end: 'cron(30 0 ? * SAT *)',
    });
  });

  test.each([
    ['22:15', true],
    ['22:16', false],
  ])('have a rest of an hour or none: hours from midnight to %s', (to, rests) => {
    const found = nodeHours({ days: WEEK, from: '00:00', to, timeZone });
    expect(found !== undefined).toBe(rests);
  });

  test('are there whenever models are up, and from a quarter of an hour before to half an hour after', () => {
    fc.assert(
      fc.property(anyHours, hours => {
        const found = nodeHours(hoursOf(hours));
        if (found === undefined) return;
        for (const [from, to] of awakeMinutes(hours)) {
          for (const minute of [from - 15, from, Math.floor((from + to) / 2), to, to + 29]) {
            expect([minute, hasNodes(found, (minute + 7 * DAY) % (7 * DAY))]).toEqual([minute, true]);
          }
        }
      }),
    );
  });

  test('are gone wherever there is an hour for it', () => {
    fc.assert(
      fc.property(anyHours, fc.integer({ min: 0, max: 7 * DAY - 1 }), (hours, minute) => {
        // GIVEN a minute that nobody's hours are near
        const near = awakeMinutes(hours).some(([from, to]) =>
          [-7 * DAY, 0, 7 * DAY].some(week => minute + week >= from - 75 && minute + week < to + 90),
        );
        fc.pre(!near);

        // THEN
        const found = nodeHours(hoursOf(hours));
        expect(found !== undefined && hasNodes(found, minute)).toBe(false);
        expect(found).toBeDefined();
      }),
    );
  });

  test('are called for by expressions that EventBridge Scheduler takes', () => {
    fc.assert(
      fc.property(anyHours, hours => {
        const { begin, end } = nodeHours(hoursOf(hours)) ?? {};
        for (const cron of [begin, end]) {
          expect(cron === undefined ? undefined : scheduleProblem(cron)).toBeUndefined();
        }
      }),
    );
  });
});
