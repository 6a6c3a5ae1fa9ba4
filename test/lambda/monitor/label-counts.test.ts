import fc from 'fast-check';
import { newlyLabelled, rowsIn, type LabelCell } from '../../../lambda/monitor/label-counts';

const cell = (label: 0 | 1 | undefined, bin: number | undefined, rows: number, period = 0): LabelCell => ({
  period,
  ...(label === undefined ? {} : { label, bin }),
  rows,
});

test('what has come since is the difference', () => {
  // GIVEN
  const before = [cell(1, 80, 3), cell(0, 20, 5), cell(undefined, undefined, 10)];
  const now = [cell(1, 80, 4), cell(0, 20, 5), cell(0, 30, 2), cell(undefined, undefined, 7)];

  // THEN
  expect(newlyLabelled(now, before)).toEqual([cell(1, 80, 1), cell(0, 30, 2)]);
});

test('a corrected label is new where it went and takes nothing away where it was', () => {
  expect(newlyLabelled([cell(1, 80, 2), cell(0, 80, 1)], [cell(1, 80, 3)])).toEqual([cell(0, 80, 1)]);
});

test('periods that left the horizon are forgotten', () => {
  expect(newlyLabelled([cell(1, 80, 2, 600)], [cell(1, 80, 9, 0)])).toEqual([cell(1, 80, 2, 600)]);
});

test('each label is new once, however late it comes', () => {
  const arrivals = fc.array(
    fc.array(fc.record({ period: fc.nat(3), label: fc.constantFrom<0 | 1>(0, 1), bin: fc.nat(99) }), { maxLength: 20 }),
    { maxLength: 6 },
  );
  fc.assert(
    fc.property(arrivals, batches => {
      // GIVEN what had come after each batch
      const seen = batches.map((_, index) => tally(batches.slice(0, index + 1).flat()));

      // WHEN each is compared with the one before
      const fresh = seen.map((cells, index) => rowsIn(newlyLabelled(cells, seen[index - 1] ?? [])));

      // THEN
      expect(fresh).toEqual(batches.map(batch => batch.length));
    }),
  );
});

function tally(labels: readonly { period: number; label: 0 | 1; bin: number }[]): LabelCell[] {
  const cells = new Map<string, LabelCell>();
  for (const label of labels) {
    const key = JSON.stringify(label);
    cells.set(key, { ...label, rows: (cells.get(key)?.rows ?? 0) + 1 });
  }
  return [...cells.values()];
}
