import { z } from 'zod';

/** Predictions of one period by what became of them. */
export const labelCellSchema = z.strictObject({
  /** Start of the period of the prediction, in milliseconds since the epoch. */
  period: z.number().int(),
  /** Absent while no label has come. */
  label: z.union([z.literal(0), z.literal(1)]).optional(),
  /** Bin of the score; absent while no label has come. */
  bin: z.number().int().optional(),
  rows: z.number().int().nonnegative(),
});
export type LabelCell = z.infer<typeof labelCellSchema>;

/** All labels that had come when a window was judged: an object in the monitoring bucket. */
export const labelCountsSchema = z.strictObject({
  model: z.string(),
  version: z.string(),
  activatedAt: z.string(),
  windowStart: z.string(),
  /** Whether quality was judged with what had newly come; the next judgement then starts from here. */
  judged: z.boolean(),
  cells: z.array(labelCellSchema),
});
export type LabelCounts = z.infer<typeof labelCountsSchema>;

/**
 * The labels that have come since `before`: the difference of what had come then and what has come now. So each label
 * is judged once, however late it is and whenever its file was written, and windows stay independent looks.
 */
export function newlyLabelled(now: readonly LabelCell[], before: readonly LabelCell[]): LabelCell[] {
  const known = new Map(before.map(cell => [cellKey(cell), cell.rows]));
  return (
    now
      .filter(cell => cell.label !== undefined)
      // a label that was corrected since leaves its old cell: never less than none
      .map(cell => ({ ...cell, rows: Math.max(0, cell.rows - (known.get(cellKey(cell)) ?? 0)) }))
      .filter(cell => cell.rows > 0)
  );
}

/** Number of rows in cells. */
export function rowsIn(cells: readonly LabelCell[]): number {
  return cells.reduce((total, cell) => total + cell.rows, 0);
}

function cellKey(cell: LabelCell): string {
  return `${cell.period}/${cell.label ?? ''}/${cell.bin ?? ''}`;
}
