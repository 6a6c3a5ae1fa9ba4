import fc from 'fast-check';
import { compare, MIN_EXPECTED_ROWS, poolRareBins, sum } from '../../../../lambda/monitor/drift/two-samples';

const counts = (bins: number) => fc.array(fc.integer({ min: 0, max: 5000 }), { minLength: bins, maxLength: bins });
const samples = fc
  .integer({ min: 2, max: 12 })
  .chain(bins => fc.record({ reference: counts(bins), current: counts(bins) }))
  .filter(({ reference, current }) => sum(reference) > 0 && sum(current) > 0);

describe('compare', () => {
  test('is the two-sample chi-square of SciPy', () => {
    // GIVEN scipy.stats.chi2_contingency([[100, 200, 300], [30, 40, 80]], correction=False)
    const comparison = compare({ reference: [100, 200, 300], current: [30, 40, 80] });

    // THEN
    expect(comparison?.pValue).toBeCloseTo(0.25936273773499996, 10);
    expect(comparison?.bins).toBe(3);
  });

  test('takes the PSI that chance alone makes off the excess', () => {
    // GIVEN
    const comparison = compare({ reference: [50, 50], current: [50, 50] });

    // THEN
    expect(comparison?.psi).toBe(0);
    expect(comparison?.excess).toBeCloseTo(-(1 / 100 + 1 / 100));
    expect(comparison?.pValue).toBe(1);
  });

  test('leaves a bin out that is empty in both', () => {
    expect(compare({ reference: [5, 0, 5], current: [4, 0, 6] })).toEqual(
      compare({ reference: [5, 5], current: [4, 6] }),
    );
  });

  test.each([
    { reference: [10], current: [10] },
    { reference: [10, 0], current: [3, 0] },
    { reference: [0, 0], current: [3, 1] },
    { reference: [3, 1], current: [0, 0] },
  ])('has nothing to say of %j', given => {
    expect(compare(given)).toBeUndefined();
  });

  test('does not depend on the order of the bins', () => {
    fc.assert(
      fc.property(samples, given => {
        const forward = compare(given);
        const backward = compare({
          reference: [...given.reference].reverse(),
          current: [...given.current].reverse(),
        });
        expect(backward?.psi ?? 0).toBeCloseTo(forward?.psi ?? 0, 9);
        expect(backward?.bins).toBe(forward?.bins);
        expect(Math.abs((backward?.pValue ?? 1) - (forward?.pValue ?? 1))).toBeLessThan(1e-9);
      }),
    );
  });
});

describe('poolRareBins', () => {
  test('puts the rarest together until enough rows are expected', () => {
    // GIVEN 100 current rows of 1100: a bin needs 55 rows of both to expect 5
    const pooled = poolRareBins({ reference: [500, 20, 450, 30], current: [50, 2, 40, 8] });

    // THEN
    expect(pooled).toEqual({ reference: [50, 450, 500], current: [10, 40, 50] });
  });

  test('takes a common bin in where the rare ones are not enough', () => {
    expect(poolRareBins({ reference: [10, 400, 590], current: [0, 50, 50] })).toEqual({
      reference: [410, 590],
      current: [50, 50],
    });
  });

  test('leaves common bins alone', () => {
    expect(poolRareBins({ reference: [500, 500], current: [50, 50] })).toEqual({
      reference: [500, 500],
      current: [50, 50],
    });
  });

  test('keeps every row, and expects enough in each bin that remains', () => {
    fc.assert(
      fc.property(samples, given => {
        const pooled = poolRareBins(given);
        const [n, m] = [sum(given.reference), sum(given.current)];
        expect(sum(pooled.reference)).toBe(n);
        expect(sum(pooled.current)).toBe(m);
        const expected = pooled.reference.map((rows, bin) => (m * (rows + (pooled.current[bin] ?? 0))) / (n + m));
        expect(pooled.reference.length === 1 || expected.every(rows => rows >= MIN_EXPECTED_ROWS)).toBe(true);
      }),
    );
  });

  test('does not depend on the order of the bins', () => {
    fc.assert(
      fc.property(samples, given => {
        expect(
          poolRareBins({ reference: [...given.reference].reverse(), current: [...given.current].reverse() }),
        ).toEqual(poolRareBins(given));
      }),
    );
  });
});
