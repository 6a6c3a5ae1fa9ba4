import fc from 'fast-check';
import { chiSquareTail } from '../../../../lambda/monitor/drift/chi-square';

/** `scipy.stats.chi2.sf(statistic, degrees)` of SciPy 1.x. */
const SCIPY: [statistic: number, degrees: number, tail: number][] = [
  [1, 1, 0.31731050786291115],
  [3.84, 1, 0.05004352124870519],
  [10, 10, 0.44049328506521257],
  [0.5, 9, 0.9999695662588389],
  [16.92, 9, 0.04998360638750561],
  [100, 9, 1.5735176303753876e-17],
  [500, 10, 4.4147360999137545e-101],
  [1200, 10, 1.4408034326399483e-251],
  [30, 100, 0.9999999999990944],
  [150, 100, 0.0009039320423540184],
  [0.001, 3, 0.9999915920809419],
];

test.each(SCIPY)('the tail beyond %d with %d degrees of freedom is that of SciPy', (statistic, degrees, tail) => {
  // WHEN
  const ratio = chiSquareTail(statistic, degrees) / tail;

  // THEN the far tail is exact too, where 1 - cdf would be 0
  expect(Math.abs(ratio - 1)).toBeLessThan(1e-11);
});

test('nothing lies beyond infinity, everything beyond zero', () => {
  expect(chiSquareTail(Infinity, 3)).toBe(0);
  expect(chiSquareTail(0, 3)).toBe(1);
});

test('the tail falls as the statistic grows, and stays a probability', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 0, max: 2000, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
      fc.integer({ min: 1, max: 300 }),
      (statistic, step, degrees) => {
        const [near, far] = [chiSquareTail(statistic, degrees), chiSquareTail(statistic + step, degrees)];
        return near <= 1 && far >= 0 && far <= near * (1 + 1e-12);
      },
    ),
  );
});

test.each([0, -1, 1.5])('fails for %d degrees of freedom', degrees => {
  expect(() => chiSquareTail(1, degrees)).toThrow(`'degrees' is ${degrees}, must be a whole number of at least 1`);
});

test('fails for a negative statistic', () => {
  expect(() => chiSquareTail(-1, 2)).toThrow("'statistic' is -1, must be at least 0");
});
