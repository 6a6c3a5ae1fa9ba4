import { z } from 'zod';

/** `validation.json` in the curated zone: written last, so where it is, the batch has been validated. */
export const validationReport = z.strictObject({
  /** Rows read. */
  rows: z.number().int().nonnegative(),
  valid: z.number().int().nonnegative(),
  quarantined: z.number().int().nonnegative(),
  /** Why the batch as a whole cannot be used; then it has no `data.csv`. */
  refused: z.string().optional(),
  /** Columns of the header that the schema does not name and that were left out. */
  ignoredColumns: z.array(z.string()),
  /** What was validated and against what: a batch sent again, or a new schema, is validated anew. */
  declaration: z.string(),
  schemaDigest: z.string(),
  /** SHA-256 of `data.csv`. */
  sha256: z.string().optional(),
  /** The raw files, by what was read from them. */
  sources: z.array(z.strictObject({ key: z.string(), sha256: z.string() })),
});
export type ValidationReport = z.infer<typeof validationReport>;

/** Keys of a batch in the curated zone. */
export const curatedKeys = {
  data: (model: string, batchId: string): string => `${model}/${batchId}/data.csv`,
  quarantine: (model: string, batchId: string): string => `${model}/${batchId}/quarantine.json`,
  report: (model: string, batchId: string): string => `${model}/${batchId}/validation.json`,
};
