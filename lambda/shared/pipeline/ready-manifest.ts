import { z } from 'zod';

/** Last object of a batch: once it is there, the batch is complete. */
export const READY_FILE = '_READY';

/** What whoever lands a batch declares about it. */
export const readyManifest = z.strictObject({
  files: z
    .array(
      z.strictObject({
        /** Key of the file, relative to the batch. */
        key: z.string().min(1),
        /** Data rows, without the header. */
        rows: z.number().int().nonnegative(),
        /** SHA-256 of the file's bytes, in lower-case hex. */
        sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be 64 lower-case hex digits'),
      }),
    )
    .min(1),
  /** Data rows in all files. */
  rows: z.number().int().nonnegative(),
  /** When the batch landed, ISO 8601 UTC: of a declaration that an erasure wrote, which brings nothing new. */
  landedAt: z.iso.datetime().optional(),
});
export type ReadyManifest = z.infer<typeof readyManifest>;

/** A declaration that can be trusted to be one, or why it cannot. */
export type ParsedReadyManifest = { manifest: ReadyManifest } | { problem: string };

/** Reads a `_READY` file. */
export function parseReadyManifest(text: string): ParsedReadyManifest {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `'${READY_FILE}' must be JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = readyManifest.safeParse(json);
  if (!parsed.success) {
    const issues = parsed.error.issues.map(issue => `'${issue.path.join('.')}': ${issue.message}`);
    return { problem: `'${READY_FILE}' does not have the agreed shape (${issues.join('; ')})` };
  }
  const { files, rows } = parsed.data;
  const sum = files.reduce((total, file) => total + file.rows, 0);
  if (sum !== rows) {
    return { problem: `'${READY_FILE}' declares ${rows} rows, but its files add up to ${sum}` };
  }
  const twice = files.find((file, index) => files.findIndex(other => other.key === file.key) !== index);
  if (twice !== undefined) {
    return { problem: `'${READY_FILE}' names the file '${twice.key}' twice` };
  }
  return { manifest: parsed.data };
}

/** A batch whose `_READY` is there. */
export interface LandedBatch {
  batchId: string;
  /** When `_READY` was last written, ISO 8601 UTC. */
  readyAt: string;
  /** Changes whenever `_READY` is written anew, with the same content too: a file that was missing may be there now. */
  declaration: string;
}

/** The declaration of a batch, by the ETag and the time of its last write. */
export function declarationOf(etag: string, writtenAt: Date): string {
  return `${etag.replaceAll('"', '')} of ${writtenAt.toISOString()}`;
}

/** Whether it is the one with this ETag. */
export function isDeclaration(declaration: string, etag: string): boolean {
  return declaration.startsWith(`${etag.replaceAll('"', '')} of `);
}

/** Model and batch of a `_READY` key, or nothing if it is no such key. */
export function batchOfReadyKey(key: string): { model: string; batchId: string } | undefined {
  const [model, batchId, file, ...deeper] = key.split('/');
  if (!model || !batchId || file !== READY_FILE || deeper.length > 0) {
    return undefined;
  }
  return { model, batchId };
}
