import fc from 'fast-check';
import { MAX_BATCHES, Selection } from '../../../lambda/pipeline-data/selection';

function select(maxRows: number, ...rows: number[]): string[] {
  const selection = new Selection(maxRows);
  rows.forEach((count, index) => {
    selection.offer(`b${index}`, count);
  });
  return selection.result().batchIds;
}

describe('Selection', () => {
  test('takes whole batches while they fit, and gives them back the oldest first', () => {
    expect(select(10, 4, 4, 4)).toEqual(['b1', 'b0']);
  });

  test('takes the newest batch though it alone is too large', () => {
    expect(select(10, 11, 1)).toEqual(['b0']);
  });

  test('ends at the first batch that does not fit', () => {
    expect(select(10, 4, 7, 1)).toEqual(['b0']);
  });

  test('passes over a batch without valid rows', () => {
    expect(select(10, 0, 4)).toEqual(['b1']);
  });

  test('takes no more batches than a snapshot can name', () => {
    expect(select(1e9, ...Array.from({ length: MAX_BATCHES + 5 }, () => 1))).toHaveLength(MAX_BATCHES);
  });

  test('never exceeds the rows, but for one batch alone, and leaves no gap', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.array(fc.integer({ min: 1, max: 60 })), (maxRows, rows) => {
        const selection = new Selection(maxRows);
        rows.forEach((count, index) => {
          selection.offer(String(index), count);
        });
        const { batchIds, rows: taken } = selection.result();

        expect(batchIds).toEqual([...batchIds.keys()].map(String).reverse());
        expect(taken <= maxRows || batchIds.length === 1).toBe(true);
        expect(batchIds.length > 0).toBe(rows.length > 0);
      }),
    );
  });
});
