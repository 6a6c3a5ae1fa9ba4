import { sha256 } from '../shared/canonical-json';

/** Hex digits of a row's hash that place it; 48 bits fit a number exactly. */
const HASH_DIGITS = 12;
const HASH_RANGE = 16 ** HASH_DIGITS;

/**
 * Whether a row is kept out of training. It hangs on the row's content alone, so equal rows never fall on both sides,
 * and a row that was held out once is held out in every later snapshot: a champion is never judged on what it was
 * trained on.
 */
export function isHeldOut(row: string, holdoutShare: number): boolean {
  return Number.parseInt(sha256(row).slice(0, HASH_DIGITS), 16) / HASH_RANGE < holdoutShare;
}

/** The two sides of a snapshot, each in the order in which its rows came. */
export interface Split {
  train: string[];
  holdout: string[];
}

/** Splits rows into those for training and those held out. */
export function splitRows(rows: Iterable<string>, holdoutShare: number): Split {
  const split: Split = { train: [], holdout: [] };
  for (const row of rows) {
    (isHeldOut(row, holdoutShare) ? split.holdout : split.train).push(row);
  }
  return split;
}

/** Why a split cannot train and judge a classifier; nothing if it can. The label is each row's last field. */
export function splitProblem(split: Split): string | undefined {
  for (const [side, rows] of [['train', split.train] as const, ['holdout', split.holdout] as const]) {
    const ones = rows.filter(row => row.endsWith(',1')).length;
    if (ones === 0 || ones === rows.length) {
      return (
        `side '${side}' of the snapshot has ${rows.length} rows, ${ones} of them with the label 1, ` +
        `must have rows of both labels; land more data`
      );
    }
  }
  return undefined;
}
