import fc from 'fast-check';
import { wallClock, wantedAt } from '../../../lambda/release-reconciler/hours';
import { changeWanted } from '../../../lambda/release-reconciler/idle';
import { WEEKDAYS, type AwakeHours } from '../../../lambda/shared/contracts';
import type { LedgerState } from '../../../lambda/shared/ledger';

const OFFICE: AwakeHours = {
  days: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  from: '07:00',
  to: '20:00',
  timeZone: 'Europe/Berlin',
};
const at = (time: string): Date => new Date(`${time}:00.000Z`);
/** The wall clock's minute, as a time without a zone. */
const shown = (minutes: number): string => new Date(minutes * 60_000).toISOString().slice(0, 16);

describe('hours', () => {
  test.each([
    ['a morning before they begin', '2026-11-24T05:59', false, '2026-11-23T20:00'],
    ['the minute in which they begin', '2026-11-24T06:00', true, '2026-11-24T07:00'],
    ['the minute in which they end', '2026-11-24T19:00', false, '2026-11-24T20:00'],
    ['a Sunday', '2026-11-29T12:00', false, '2026-11-27T20:00'],
    ['a morning in summer', '2026-07-14T05:00', true, '2026-07-14T07:00'],
  ])('on %s', (_when, time, up, since) => {
    const wanted = wantedAt(OFFICE, at(time));

    expect([wanted.up, shown(wanted.since)]).toEqual([up, since]);
  });

  test('go on over midnight where one day ends and the next begins', () => {
    const hours: AwakeHours = { ...OFFICE, days: ['MON', 'TUE'], from: '00:00', to: '24:00' };

    const wanted = wantedAt(hours, at('2026-11-24T11:00'));

    expect([wanted.up, shown(wanted.since)]).toEqual([true, '2026-11-23T00:00']);
  });

  const minutes = fc.integer({ min: 0, max: 1440 });
  const clock = (time: number): string =>
    `${String(Math.floor(time / 60)).padStart(2, '0')}:${String(time % 60).padStart(2, '0')}`;
  const anyHours: fc.Arbitrary<AwakeHours> = fc
    .record({
      days: fc.subarray([...WEEKDAYS], { minLength: 1 }),
      ends: fc.uniqueArray(minutes, { minLength: 2, maxLength: 2 }),
      timeZone: fc.constantFrom('UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Pacific/Auckland'),
    })
    .map(({ days, ends, timeZone }) => {
      const [from = 0, to = 0] = [...ends].sort((one, other) => one - other);
      return { days, from: clock(from), to: clock(to), timeZone };
    });
  const anyTime = fc.date({ min: at('2026-01-01T00:00'), max: at('2027-12-31T00:00'), noInvalidDate: true });

  test('want it up on their days between from and to alone, since some time that was not after now', () => {
    fc.assert(
      fc.property(anyHours, anyTime, (hours, now) => {
        // GIVEN
        const clocks = new Date(wallClock(now, hours.timeZone) * 60_000);
        const time = clocks.toISOString().slice(11, 16);

        // WHEN
        const { up, since } = wantedAt(hours, now);

        // THEN
        const isDay = hours.days.includes(WEEKDAYS[clocks.getUTCDay()] ?? 'SUN');
        expect(up).toBe(isDay && time >= hours.from && time < hours.to);
        expect(since).toBeLessThanOrEqual(clocks.getTime() / 60_000);
      }),
    );
  });

  test('ask for one change at each of their ends and for none between, however often one looks', () => {
    fc.assert(
      fc.property(
        anyHours,
        anyTime,
        fc.array(fc.integer({ min: 1, max: 36 * 60 }), { maxLength: 60 }),
        (hours, start, gaps) => {
          let state: LedgerState = { model: 'rain', current: '1', healthy: ['1'], generation: 1 };
          let now = start;
          let last = -Infinity;
          for (const gap of gaps) {
            // WHEN
            const change = changeWanted(state, { awake: hours }, now)?.request;
            if (change !== undefined) {
              // THEN it is a change to what the hours want, and the only one since they last changed
              const { up, since } = wantedAt(hours, now);
              expect([change.action, since > last]).toEqual([up ? 'wake' : 'sleep', true]);
              last = since;
              const asleep = { since: now.toISOString(), requestedBy: change.requestedBy, reason: change.reason };
              state = up ? { ...state, asleep: undefined, wokenAt: now.toISOString() } : { ...state, asleep };
            }
            // THEN what was done is not asked for again
            expect(changeWanted(state, { awake: hours }, now)).toBeUndefined();
            now = new Date(now.getTime() + gap * 60_000);
          }
        },
      ),
    );
  });
});

describe('what a person did', () => {
  const awake: LedgerState = { model: 'rain', current: '1', healthy: ['1'], generation: 1 };
  const asleep = { since: '2026-11-24T11:00:00.000Z', requestedBy: 'ann', reason: 'r' };

  test('who wakes it in the night has it until the hours end the next time', () => {
    const woken = { ...awake, wokenAt: '2026-11-24T21:00:00.000Z' };

    expect(changeWanted(woken, { awake: OFFICE }, at('2026-11-25T02:00'))).toBeUndefined();
    expect(changeWanted(woken, { awake: OFFICE }, at('2026-11-25T19:00'))?.request.action).toBe('sleep');
  });

  test('a release in the night is up until the hours end the next time', () => {
    const released = { ...awake, activatedAt: '2026-11-24T21:00:00.000Z' };

    expect(changeWanted(released, { awake: OFFICE }, at('2026-11-24T22:00'))).toBeUndefined();
    expect(changeWanted(released, { awake: OFFICE }, at('2026-11-25T19:00'))?.request.action).toBe('sleep');
  });

  test('what was put to sleep by day sleeps until the hours begin', () => {
    expect(changeWanted({ ...awake, asleep }, { awake: OFFICE }, at('2026-11-24T18:00'))).toBeUndefined();
    expect(changeWanted({ ...awake, asleep }, { awake: OFFICE }, at('2026-11-25T06:00'))?.request.action).toBe('wake');
  });

  test('what has no hours sleeps and wakes on a word alone', () => {
    expect(changeWanted(awake, {}, at('2026-11-29T02:00'))).toBeUndefined();
    expect(changeWanted({ ...awake, asleep }, {}, at('2026-11-25T12:00'))).toBeUndefined();
  });

  test('what may sleep no more is woken', () => {
    expect(changeWanted({ ...awake, asleep }, undefined, at('2026-11-29T02:00'))?.request.action).toBe('wake');
  });

  test.each([
    [
      'sleep',
      '2026-11-25T05:58',
      '2026-11-25T06:00',
      { asleep: { ...asleep, since: at('2026-11-25T05:58').toISOString() } },
    ],
    ['wake', '2026-11-24T18:58', '2026-11-24T19:00', { wakeDecidedAt: at('2026-11-24T18:58').toISOString() }],
  ])(
    'a %s that the hours asked for at %s and that came about after they had changed is taken back',
    (action, _asked, then, done) => {
      const state = { ...awake, wokenAt: '2026-11-24T19:02:00.000Z', ...done };

      expect(changeWanted(state, { awake: OFFICE }, at(then))?.request.action).toBe(
        action === 'sleep' ? 'wake' : 'sleep',
      );
    },
  );

  test('what was never released does neither', () => {
    const never = { model: 'rain', healthy: [], generation: 0 };

    expect(changeWanted(never, { awake: OFFICE }, at('2026-11-29T02:00'))).toBeUndefined();
  });
});
