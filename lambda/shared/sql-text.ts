import { PROBE_ID_PREFIX } from './contracts';

/**
 * How values become SQL that both Trino (Athena) and DuckDB (the local cloud) read the same way.
 */

/** An identifier; names come from a schema whose shape is checked, and are quoted all the same. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A text. */
export function text(value: string): string {
  return `'${value.replaceAll("'", "''")}'`;
}

/** Whether a request id is of somebody's traffic, not of a release's own proof. */
export function isTraffic(requestId: string): string {
  return `${requestId} NOT LIKE ${text(`${PROBE_ID_PREFIX}%`)}`;
}

/** A number to its last bit: with an exponent, since Trino reads `12.5` as a decimal and `1.25e+1` as a double. */
export function double(value: number): string {
  if (!Number.isFinite(value)) {
    throw new RangeError(`'${value}' has no literal in SQL, must be a finite number`);
  }
  return value.toExponential();
}

/** A whole number. */
export function bigint(value: number): string {
  if (!Number.isSafeInteger(value)) {
    throw new RangeError(`'${value}' must be a whole number that a double holds exactly`);
  }
  return value.toFixed(0);
}

/** Bounds on the partition columns `day` and `hour` within which every row of a time range lies. */
export function partitionBounds(start: number, end: number): string {
  const [first, last] = [new Date(start).toISOString(), new Date(end - 1).toISOString()];
  const [firstDay, lastDay] = [first.slice(0, 10), last.slice(0, 10)];
  const days = `day BETWEEN ${text(firstDay)} AND ${text(lastDay)}`;
  return firstDay === lastDay
    ? `${days} AND hour BETWEEN ${text(first.slice(11, 13))} AND ${text(last.slice(11, 13))}`
    : days;
}
