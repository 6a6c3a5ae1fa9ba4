import fc from 'fast-check';
import { isHeldOut, splitProblem, splitRows } from '../../../lambda/pipeline-data/split';

const rows = Array.from({ length: 20_000 }, (_, i) => `${i / 7},${i % 2}`);

describe('splitRows', () => {
  test('holds out about the share that was asked', () => {
    // four standard deviations of a binomial with 20,000 rows
    expect(Math.abs(splitRows(rows, 0.25).holdout.length / rows.length - 0.25)).toBeLessThan(0.0125);
  });

  test('keeps every row once, in order, and equal rows on one side', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string()),
        fc.double({ min: 0.01, max: 0.99, noNaN: true }),
        (some: string[], share: number) => {
          const doubled = [...some, ...some];
          const { train, holdout } = splitRows(doubled, share);

          expect([...train, ...holdout].sort()).toEqual([...doubled].sort());
          expect(train.filter(row => holdout.includes(row))).toEqual([]);
          expect(train).toEqual(doubled.filter(row => !isHeldOut(row, share)));
        },
      ),
    );
  });

  test('holds a row out in every snapshot, whatever else is in it', () => {
    const held = splitRows(rows.slice(0, 100), 0.3).holdout;

    expect(splitRows(rows.slice(50), 0.3).holdout).toEqual(
      expect.arrayContaining(held.filter(row => rows.indexOf(row) >= 50)),
    );
  });

  test('holds out more when the share grows, and lets none go', () => {
    const small = splitRows(rows.slice(0, 1000), 0.1).holdout;
    const large = new Set(splitRows(rows.slice(0, 1000), 0.2).holdout);

    expect(small.every(row => large.has(row))).toBe(true);
  });
});

describe('splitProblem', () => {
  test('is nothing when both sides have both labels', () => {
    expect(splitProblem({ train: ['1,0', '1,1'], holdout: ['2,0', '2,1'] })).toBeUndefined();
  });

  test.each([
    ['train', { train: ['1,0', '2,0'], holdout: ['2,0', '2,1'] }, /'train'.* has 2 rows, 0 of them with the label 1/],
    ['holdout', { train: ['1,0', '1,1'], holdout: ['2,1'] }, /'holdout'.* has 1 rows, 1 of them with the label 1/],
    ['empty', { train: ['1,0', '1,1'], holdout: [] }, /'holdout'.* has 0 rows/],
  ])('names the side that lacks a label: %s', (_side, split, message) => {
    expect(splitProblem(split)).toMatch(message);
  });
});
