import type { ModelSchema } from '../shared/contracts';
import { digestOf, sha256 } from '../shared/canonical-json';
import { parseReadyManifest } from '../shared/pipeline/ready-manifest';
import type { ValidationReport } from '../shared/pipeline/validation-report';
import { columnNames } from './columns';
import { checkCsvFile, csvLine, type QuarantinedRow } from './csv-file';

/** Largest file that one function holds in memory with room to work; a larger one wants splitting. */
export const MAX_FILE_BYTES = 256 * 1024 * 1024;

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
  quarantine: QuarantinedRow[];
}

/** Validates one batch: the declaration first, then each file against it, then each row against the schema. */
export async function validateBatch(
  schema: ModelSchema,
  readyText: string,
  readyEtag: string,
  files: BatchFiles,
): Promise<ValidatedBatch> {
  const schemaDigest = digestOf(schema);
  const refuse = (refused: string): ValidatedBatch => ({
    report: { rows: 0, valid: 0, quarantined: 0, refused, ignoredColumns: [], readyEtag, schemaDigest, sources: [] },
    quarantine: [],
  });

  const ready = parseReadyManifest(readyText);
  if ('problem' in ready) return refuse(ready.problem);

  const lines = [csvLine(columnNames(schema))];
  const quarantine: QuarantinedRow[] = [];
  const sources: ValidationReport['sources'] = [];
  const ignored = new Set<string>();
  let rows = 0;
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
    const digest = sha256(bytes);
    if (digest !== declared.sha256) {
      return refuse(
        `file '${declared.key}' has the digest ${digest}, declared is ${declared.sha256}, it was changed or cut short`,
      );
    }
    const checked = checkCsvFile(schema, declared.key, new TextDecoder().decode(bytes));
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
      quarantined: quarantine.length,
      ignoredColumns: [...ignored].sort(),
      readyEtag,
      schemaDigest,
      sha256: sha256(data),
      sources,
    },
    data,
    quarantine,
  };
}
