import { gunzipSync, gzipSync } from 'node:zlib';
import { type ReadLogFile, REQUEST_ID } from './log-file';

/** One character a byte: what is not touched stays as it was written, whatever it is. */
const BYTES = 'latin1';

/** Looks through a file of labels: JSON lines, compressed if its name says so. */
export const readJsonLines: ReadLogFile = (key, bytes, isTheirs) => {
  const isCompressed = key.endsWith('.gz');
  const plain = Buffer.from(isCompressed ? gunzipSync(bytes) : bytes);
  // with its end, so that what is left is as it was
  const lines = plain.toString(BYTES).match(/[^\n]*\n|[^\n]+$/g) ?? [];
  const ids = lines.map(requestId);
  const isOfThem = ids.map(id => typeof id === 'string' && isTheirs(id));
  return Promise.resolve({
    theirs: isOfThem.filter(Boolean).length,
    unreadable: ids.filter(id => id === undefined).length,
    without: () => {
      const left = Buffer.from(lines.filter((_line, index) => !isOfThem[index]).join(''), BYTES);
      return Promise.resolve(isCompressed ? gzipSync(left) : left);
    },
  });
};

/** The id in a line; null of a line that has none, undefined of one that is no JSON object. */
function requestId(line: string): string | null | undefined {
  const text = Buffer.from(line, BYTES).toString('utf8').trim();
  if (text === '') return null;
  try {
    const row: unknown = JSON.parse(text);
    if (typeof row !== 'object' || row === null) return undefined;
    // Athena reads these names in any case
    const field = Object.entries(row).find(([name]) => name.toLowerCase() === REQUEST_ID);
    const id: unknown = field?.[1];
    return typeof id === 'string' || typeof id === 'number' ? String(id) : null;
  } catch {
    return undefined;
  }
}
