import fc from 'fast-check';
import { rejectedAt } from '../../../../lambda/monitor/drift/benjamini-hochberg';

const probability = fc.double({ min: 0, max: 1, noNaN: true });

test('rejects by rank, in the order of the input', () => {
  // GIVEN lines at 0.0125, 0.025, 0.0375, 0.05
  const pValues = [0.6, 0.01, 0.03, 0.024];

  // WHEN
  const rejected = rejectedAt(pValues, 0.05);

  // THEN
  expect(rejected).toEqual([false, true, true, true]);
});

test('a small p-value takes those below it along, though they lie over their own lines', () => {
  expect(rejectedAt([0.04, 0.045, 0.05], 0.05)).toEqual([true, true, true]);
});

test('one hypothesis is rejected at q itself', () => {
  expect(rejectedAt([0.01], 0.01)).toEqual([true]);
  expect(rejectedAt([0.0101], 0.01)).toEqual([false]);
});

test('no hypotheses, no rejections', () => {
  expect(rejectedAt([], 0.01)).toEqual([]);
});

test('never rejects less than Bonferroni, nor anything above q', () => {
  fc.assert(
    fc.property(
      fc.array(probability, { maxLength: 40 }),
      fc.double({ min: 0.001, max: 0.5, noNaN: true }),
      (pValues, q) =>
        rejectedAt(pValues, q).every((rejected, index) => {
          const p = pValues[index] ?? 1;
          return (rejected || p > q / pValues.length) && (!rejected || p <= q);
        }),
    ),
  );
});
