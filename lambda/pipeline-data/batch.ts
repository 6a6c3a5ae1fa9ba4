import type { ModelSchema } from '../shared/contracts';
import { digestOf, sha256 } from '../shared/canonical-json';
import { parseReadyManifest } from '../shared/pipeline/ready-manifest';
import type { ValidationReport } from '../shared/pipeline/validation-report';
import { columnNames } from './columns';
import { checkCsvFile, csvLine, MAX_QUARANTINED_KEPT, type QuarantinedRow } from './csv-file';

/**
 * Largest file, and largest batch, that the function reads. Parsing holds a file's rows some twenty times over, and a
 * batch's valid rows stay until it is written: one file of 96 MiB took 2.0 GB of the function's
 * 3,008 MB (measured on 16 columns of numbers), a batch of two files of 64 MiB 1.8 GB, two of 96 MiB 2.6 GB.
 */
export const MAX_FILE_BYTES = 96 * 1024 * 1024;
export const MAX_BATCH_BYTES = 128 * 1024 * 1024;

/** Reads the files of one batch. */
export interface BatchFiles {
  /** Bytes of a file, `missing`, or its size in bytes if that is over `MAX_FILE_BYTES`. */
  read(key: string): Promise<Uint8Array | 'missing' | { tooLarge: number }>;
}

/** A batch after validation: what goes to the curated zone. */
export interface ValidatedBatch {
  report: ValidationReport;
  /** `data.csv`; nothing if the batch is refused. */
  data?: string;
  /** Rows set aside, as far as they are kept. */
  quarantine: QuarantinedRow[];
}

/** Validates one batch: the declaration first, then each file against it, then each row against the schema. */
export async function validateBatch(
  schema: ModelSchema,
  readyText: string,
  declaration: string,
  files: BatchFiles,
): Promise<ValidatedBatch> {
  const schemaDigest = digestOf(schema);
  const refuse = (refused: string): ValidatedBatch => ({
    report: { rows: 0, valid: 0, quarantined: 0, refused, ignoredColumns: [], declaration, schemaDigest, sources: [] },
    quarantine: [],
  });

  const ready = parseReadyManifest(readyText);
  if ('problem' in ready) return refuse(ready.problem);

  const lines = [csvLine(columnNames(schema))];
  const quarantine: QuarantinedRow[] = [];
  const sources: ValidationReport['sources'] = [];
  const ignored = new Set<string>();
  let rows = 0;
  let total = 0;
  for (const declared of ready.manifest.files) {
    const bytes = await files.read(declared.key);
    if (bytes === 'missing') {
      return refuse(`file '${declared.key}' is declared but not there, land it and write the declaration again`);
    }
    if ('tooLarge' in bytes) {
      return refuse(
        `file '${declared.key}' has ${bytes.tooLarge} bytes, must have at most ${MAX_FILE_BYTES}, split it`,
      );
    }
    total += bytes.byteLength;
    if (total > MAX_BATCH_BYTES) {
      return refuse(
        `the files up to '${declared.key}' have ${total} bytes, a batch must have at most ${MAX_BATCH_BYTES}, land it as several batches`,
      );
    }
    const digest = sha256(bytes);
    if (digest !== declared.sha256) {
      return refuse(
        `file '${declared.key}' has the digest ${digest}, declared is ${declared.sha256}, it was changed or cut short`,
      );
    }
    const text = utf8(bytes);
    if ('badFrom' in text) {
      return refuse(
        `file '${declared.key}' must be UTF-8, is not from about byte ${text.badFrom} on, convert it and declare it again`,
      );
    }
    const checked = checkCsvFile(schema, declared.key, text.text, MAX_QUARANTINED_KEPT - quarantine.length);
    if ('problem' in checked) return refuse(checked.problem);
    if (checked.rows !== declared.rows) {
      return refuse(`file '${declared.key}' has ${checked.rows} rows, declared are ${declared.rows}`);
    }
    rows += checked.rows;
    for (const line of checked.valid) lines.push(line);
    for (const row of checked.quarantined) quarantine.push(row);
    for (const column of checked.ignoredColumns) ignored.add(column);
    sources.push({ key: declared.key, sha256: digest });
  }

  const data = `${lines.join('\n')}\n`;
  return {
    report: {
      rows,
      valid: lines.length - 1,
      // more than are kept, perhaps
      quarantined: rows - (lines.length - 1),
      ignoredColumns: [...ignored].sort(),
      declaration,
      schemaDigest,
      sha256: sha256(data),
      sources,
    },
    data,
    quarantine,
  };
}

/** A text, or where it ends to be one: to replace what is no UTF-8 silently would train on other values. */
function utf8(bytes: Uint8Array): { text: string } | { badFrom: number } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { badFrom: firstBadByte(bytes) };
  }
}

/** Where decoding stops, to within the few bytes of one letter. */
function firstBadByte(bytes: Uint8Array): number {
  let [good, bad] = [0, bytes.byteLength];
  while (bad - good > 1) {
    const middle = Math.floor((good + bad) / 2);
    try {
      // a letter that is cut at the middle is no error yet
      new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, middle), { stream: true });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good;
}
