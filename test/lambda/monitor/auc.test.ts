import fc from 'fast-check';
import { binnedAuc, SCORE_BINS } from '../../../lambda/monitor/auc';
import type { LabelCell } from '../../../lambda/monitor/label-counts';

const scored = fc.array(
  fc.record({ score: fc.double({ min: 0, max: 1, noNaN: true }), label: fc.constantFrom<0 | 1>(0, 1) }),
  { minLength: 2, maxLength: 60 },
);

function cells(rows: readonly { score: number; label: 0 | 1 }[]): LabelCell[] {
  return rows.map(({ score, label }) => ({
    period: 0,
    label,
    bin: Math.min(SCORE_BINS - 1, Math.floor(score * SCORE_BINS)),
    rows: 1,
  }));
}

function pairwiseAuc(rows: readonly { score: number; label: 0 | 1 }[]): number {
  const wins = rows
    .filter(row => row.label === 1)
    .flatMap(positive =>
      rows
        .filter(row => row.label === 0)
        .map(negative => (positive.score > negative.score ? 1 : positive.score === negative.score ? 0.5 : 0)),
    );
  return wins.reduce<number>((total, win) => total + win, 0) / wins.length;
}

test('a perfect order is 1, its reverse 0, one bin for all a half', () => {
  const of = (positive: number, negative: number): number | undefined =>
    binnedAuc(
      cells([
        { score: positive, label: 1 },
        { score: negative, label: 0 },
      ]),
    )?.auc;

  expect([of(0.9, 0.1), of(0.1, 0.9), of(0.505, 0.501)]).toEqual([1, 0, 0.5]);
});

test('has no value while a class is missing', () => {
  expect(binnedAuc(cells([{ score: 0.4, label: 1 }]))).toBeUndefined();
  expect(binnedAuc([])).toBeUndefined();
});

test('leaves rows without a label out', () => {
  const rows = cells([
    { score: 0.9, label: 1 },
    { score: 0.1, label: 0 },
  ]);

  expect(binnedAuc([...rows, { period: 0, rows: 1000 }])).toEqual(binnedAuc(rows));
});

test('lies within its binning error of the AUC of the scores themselves', () => {
  fc.assert(
    fc.property(scored, rows => {
      const binned = binnedAuc(cells(rows));
      if (binned === undefined) return;
      expect(Math.abs(binned.auc - pairwiseAuc(rows))).toBeLessThanOrEqual(binned.binningError + 1e-12);
    }),
  );
});

test('knows how uncertain it is', () => {
  // GIVEN Hanley and McNeil (1982), for AUC 0.5 of 50 and 50 rows
  const binned = binnedAuc([
    { period: 0, label: 1, bin: 5, rows: 50 },
    { period: 0, label: 0, bin: 5, rows: 50 },
  ]);

  // THEN the square root of (0.25 + 49 / 12 + 49 / 12) / 2500
  expect(binned?.standardError).toBeCloseTo(Math.sqrt((0.25 + 49 / 12 + 49 / 12) / 2500), 12);
});
