import { createHash } from 'node:crypto';
import type { Row } from '../dataset';

const FILES = 2;

/**
 * A batch as a data team lands it: CSV files and, last, the `_READY` manifest that says what they hold. With
 * `withShortRow`, one row with a missing column is added.
 */
export function batchFiles(rows: readonly Row[], options: { readonly withShortRow: boolean }): [string, string][] {
  const first = rows.at(0);
  if (first === undefined) {
    throw new Error('a batch needs at least one row');
  }
  const columns = Object.keys(first.features);
  const header = [...columns, 'rain'].join(',');
  const lines = rows.map(row => [...columns.map(column => row.features[column]), row.label].join(','));
  if (options.withShortRow) {
    lines.splice(Math.floor(lines.length / 2), 0, '0.1,0.2,0.3,0.4,0.5,0.6,0.7,1');
  }
  const size = Math.ceil(lines.length / FILES);
  const parts = Array.from({ length: FILES }, (_, index) => lines.slice(index * size, (index + 1) * size));
  const files = parts.map((part, index): [string, string] => [
    `part-${index}.csv`,
    `${[header, ...part].join('\n')}\n`,
  ]);
  const manifest = {
    files: files.map(([key, body], index) => ({
      key,
      rows: parts[index]?.length,
      sha256: createHash('sha256').update(body).digest('hex'),
    })),
    rows: lines.length,
  };
  return [...files, ['_READY', JSON.stringify(manifest)]];
}
