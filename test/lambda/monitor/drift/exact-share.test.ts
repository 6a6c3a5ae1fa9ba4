import { exactShareTest } from '../../../../lambda/monitor/drift/exact-share';

/** `min(1, 2 min(cdf(k), sf(k - 1)))` of `scipy.stats.hypergeom`. */
test.each([
  [{ referenceRows: 20000, referenceHits: 0, currentRows: 500, currentHits: 1 }, 0.04878048780487805],
  [{ referenceRows: 20000, referenceHits: 20, currentRows: 200, currentHits: 2 }, 0.03956605782473422],
  [{ referenceRows: 1000, referenceHits: 30, currentRows: 100, currentHits: 0 }, 0.11008944665088603],
  [{ referenceRows: 100, referenceHits: 90, currentRows: 100, currentHits: 99 }, 0.009658115943518335],
])('%j has the p-value of SciPy', (rows, pValue) => {
  expect(exactShareTest(rows)).toBeCloseTo(pValue, 12);
});

test('equal shares are no surprise', () => {
  expect(exactShareTest({ referenceRows: 100, referenceHits: 5, currentRows: 100, currentHits: 5 })).toBe(1);
});

test('an impossible difference is a probability still', () => {
  expect(exactShareTest({ referenceRows: 1e6, referenceHits: 0, currentRows: 5000, currentHits: 900 })).toBe(0);
});
