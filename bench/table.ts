import type { Result } from './benchmark';

const HEAD = ['benchmark', 'ours', 'compared to', 'ours ÷ theirs'];

/** The results for a terminal. */
export function asTable(results: readonly Result[]): string {
  const rows = [HEAD, ...results.map(cells)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map(row => row[column].length)));
  return rows
    .map(
      row =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column]))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function cells({ name, value, unit, comparedTo, ratio }: Result): string[] {
  return [name, `${value} ${unit}`, comparedTo, `${ratio}×`];
}
