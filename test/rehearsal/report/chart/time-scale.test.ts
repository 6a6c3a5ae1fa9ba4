import * as fc from 'fast-check';
import { TimeScale } from '../../../../rehearsal/report/chart/time-scale';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const BREAK_AFTER = 30 * MINUTE;
const FOLD = 30;

function scaleOver(...moments: number[]): TimeScale {
  return TimeScale.over(moments, 50, 950, BREAK_AFTER, FOLD);
}

test('moments close together make one stretch over the whole width', () => {
  const scale = scaleOver(0, 10 * MINUTE, 35 * MINUTE);

  expect(scale.stretches).toHaveLength(1);
  expect([scale.left, scale.right]).toEqual([50, 950]);
});

test('a long gap is folded to a fixed width', () => {
  const scale = scaleOver(0, 10 * MINUTE, 3 * DAY, 3 * DAY + 10 * MINUTE);

  expect(scale.breaks).toHaveLength(1);
  expect(scale.breaks[0].x1 - scale.breaks[0].x0).toBeCloseTo(FOLD);
  expect(scale.isBroken(10 * MINUTE, 3 * DAY)).toBe(true);
  expect(scale.isBroken(0, 10 * MINUTE)).toBe(false);
});

test('moments outside the scale lie at its ends', () => {
  const scale = scaleOver(DAY, DAY + 10 * MINUTE);

  expect(scale.x(0)).toBe(scale.left);
  expect(scale.x(9 * DAY)).toBe(scale.right);
});

test('each stretch begins with a tick that names the day', () => {
  const noon = DAY / 2;
  const scale = scaleOver(noon, noon + 20 * MINUTE, noon + 3 * DAY, noon + 3 * DAY + 20 * MINUTE);

  expect(
    scale
      .ticks(60)
      .filter(({ day }) => day !== undefined)
      .map(({ day }) => day),
  ).toEqual(['1 Jan', '4 Jan']);
});

test('nothing at all is no error', () => {
  expect(scaleOver().ticks(60)).toEqual([]);
  expect(scaleOver().x(0)).toBe(0);
});

test('later is never further left, and everything lies on the page', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 90 * DAY }), { minLength: 1, maxLength: 30 }), moments => {
      // GIVEN
      const scale = scaleOver(...moments);

      // WHEN
      const places = [...moments].sort((a, b) => a - b).map(moment => scale.x(moment));

      // THEN
      places.forEach((x, index) => {
        expect(x).toBeGreaterThanOrEqual((places[index - 1] ?? 0) - 1e-9);
        expect(x).toBeGreaterThanOrEqual(50 - 1e-9);
        expect(x).toBeLessThanOrEqual(Math.max(950, scale.right) + 1e-9);
      });
    }),
  );
});

test('ticks keep their distance within a stretch', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 29 }), minutes => {
      const [scale] = [scaleOver(...Array.from({ length: 50 }, (_, index) => index * minutes * MINUTE))];

      const ticks = scale.ticks(60);

      ticks
        .slice(1)
        .forEach((tick, index) => expect(tick.x - (ticks[index]?.x ?? 0)).toBeGreaterThanOrEqual(60 - 1e-6));
    }),
  );
});
