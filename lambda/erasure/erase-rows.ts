import { parse } from 'csv-parse/sync';
import { csvProblem } from '../shared/pipeline/csv-problem';

/** A person's rows: those whose field in a column of the landed files is the key. */
export interface Subject {
  /** Column of the landed files that the model's schema does not name, so it is in no curated row and no snapshot. */
  readonly column: string;
  /** The person's key in it. */
  readonly key: string;
}

/** A file without a person's rows, or why it cannot be looked through. */
export type ErasedFile = { text: string; rows: number; erased: number } | { problem: string };

/** Line ends around a record: the parser gives the halves of one to its two neighbours. */
const ENDS = /^[\r\n]+|[\r\n]+$/g;

interface RawRecord {
  record: string[];
  raw: string;
}

/**
 * A CSV file without a person's rows; every other row stays as it was written. A row too short to have
 * the column stays: it names nobody. A file without the column is a problem and not a file without the person: it may
 * hold the rows and not tell.
 */
export function eraseRows(file: string, text: string, subject: Subject): ErasedFile {
  let records: RawRecord[];
  try {
    records = parse(text, { bom: true, raw: true, relax_column_count: true, skip_empty_lines: true }) as never;
  } catch (error) {
    return { problem: `file '${file}' is no CSV: ${csvProblem(error)}` };
  }
  const header = records.at(0);
  const body = records.slice(1);
  const names = header?.record.map(name => name.trim()) ?? [];
  const position = names.indexOf(subject.column);
  if (header === undefined || position < 0) {
    // not its names: of a file without a header they are a person's row
    return { problem: `file '${file}' lacks the column '${subject.column}', its header has ${names.length} columns` };
  }
  const end = header.raw.endsWith('\r') || header.raw.endsWith('\r\n') ? '\r\n' : '\n';
  const isTheirs = ({ record }: RawRecord): boolean => record[position]?.trim() === subject.key.trim();
  const kept = body.filter(row => !isTheirs(row));
  const erased = body.length - kept.length;
  return {
    // untouched where there is nothing of theirs: its digest stays
    text: erased === 0 ? text : [header, ...kept].map(({ raw }) => `${raw.replace(ENDS, '')}${end}`).join(''),
    rows: kept.length,
    erased,
  };
}
