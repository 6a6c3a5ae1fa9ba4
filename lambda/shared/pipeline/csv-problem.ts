import { CsvError } from 'csv-parse/sync';

/** Where the parser stopped, and why; its own message quotes the rows, which may be somebody's. */
export function csvProblem(error: unknown): string {
  if (!(error instanceof CsvError)) return 'it cannot be read';
  const line: unknown = error['lines'];
  return `${error.code}${typeof line === 'number' ? ` at line ${line}` : ''}`;
}
