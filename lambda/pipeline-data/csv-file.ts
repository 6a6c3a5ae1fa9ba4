import { parse } from 'csv-parse/sync';
import type { ModelSchema } from '../shared/contracts';
import { csvProblem } from '../shared/pipeline/csv-problem';
import { checkFeature, checkLabel, columnNames } from './columns';

/** A row that cannot be used, and why. */
export interface QuarantinedRow {
  file: string;
  /** Line of the file on which the row ends; the header is line 1. */
  line: number;
  /** The fields as they were read. */
  row: string[];
  reason: string;
}

/** Rows of a batch that are set aside to be looked at; past these, a batch is broken as a whole, and they are counted. */
export const MAX_QUARANTINED_KEPT = 10_000;

/** What was read from one file, or why it cannot be read at all. */
export type CheckedFile =
  { rows: number; valid: string[]; quarantined: QuarantinedRow[]; ignoredColumns: string[] } | { problem: string };

interface ParsedRecord {
  record: string[];
  info: { lines: number };
}

/**
 * Checks a CSV file with a header against a model's schema. A row with something wrong in it is set aside with every
 * reason; a file whose header does not fit, or whose quotes do not close, is refused as a whole.
 */
export function checkCsvFile(
  schema: ModelSchema,
  file: string,
  text: string,
  /** How many rows that are set aside to return; the others are those that are neither valid nor returned. */
  keep = MAX_QUARANTINED_KEPT,
): CheckedFile {
  let records: ParsedRecord[];
  try {
    records = parse(text, {
      bom: true,
      info: true,
      // a row with a field too few or too many is for quarantine, with its neighbours left in peace
      relax_column_count: true,
      skip_empty_lines: true,
    }) as unknown as ParsedRecord[];
  } catch (error) {
    return { problem: `file '${file}' is no CSV: ${csvProblem(error)}` };
  }
  const header = records.at(0);
  const body = records.slice(1);
  if (header === undefined) {
    return { problem: `file '${file}' is empty, must begin with a header` };
  }
  const names = header.record.map(name => name.trim());
  const problem = headerProblem(schema, file, names);
  if (problem !== undefined) {
    return { problem };
  }

  const wanted = columnNames(schema);
  const positions = wanted.map(name => names.indexOf(name));
  const valid: string[] = [];
  const quarantined: QuarantinedRow[] = [];
  for (const { record, info } of body) {
    const checked = checkRow(schema, names.length, positions, record);
    if ('fields' in checked) {
      valid.push(csvLine(checked.fields));
    } else if (quarantined.length < keep) {
      quarantined.push({ file, line: info.lines, row: record, reason: checked.problems.join('; ') });
    }
  }
  return { rows: body.length, valid, quarantined, ignoredColumns: names.filter(name => !wanted.includes(name)) };
}

/** One line of CSV without its end; quotes only where they are needed, so that equal rows are equal texts. */
export function csvLine(fields: string[]): string {
  return fields.map(field => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field)).join(',');
}

function headerProblem(schema: ModelSchema, file: string, names: string[]): string | undefined {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) {
    return `file '${file}' has the column '${twice.join("', '")}' more than once, must have each once`;
  }
  const missing = columnNames(schema).filter(name => !names.includes(name));
  if (missing.length > 0) {
    return `file '${file}' lacks the column '${missing.join("', '")}', its header is '${names.join(',')}'`;
  }
  return undefined;
}

function checkRow(
  schema: ModelSchema,
  width: number,
  positions: number[],
  record: string[],
): { fields: string[] } | { problems: string[] } {
  if (record.length !== width) {
    return { problems: [`the row has ${record.length} fields, must have ${width} as the header has`] };
  }
  const checked = positions.map((position, index) => {
    const column = schema.features.at(index);
    const field = record[position];
    return column === undefined ? checkLabel(schema.label, field) : checkFeature(column, field);
  });
  const problems = checked.flatMap(field => ('problem' in field ? [field.problem] : []));
  return problems.length > 0
    ? { problems }
    : { fields: checked.flatMap(field => ('value' in field ? [field.value] : [])) };
}
