import { sha256 } from '../shared/canonical-json';
import type { ModelSchema } from '../shared/contracts';
import type { Zones } from './ports';
import { snapshotFiles, type SnapshotSource } from './snapshot-files';
import { splitProblem, splitRows } from './split';

/**
 * Most bytes of validated rows that one snapshot is made of. Its rows are held as read, as split and as written: 384 MiB
 * took 1.8 GB and 512 MiB took 2.5 GB of the function's 3,008 MB, and no string is longer than 512 MiB.
 */
export const MAX_SNAPSHOT_BYTES = 384 * 1024 * 1024;

/** What the snapshot step is asked. */
export interface SnapshotRequest {
  model: string;
  schema: ModelSchema;
  holdoutShare: number;
  /** Validated batches, the oldest first. */
  batchIds: string[];
}

/** What it answers. */
export type SnapshotAnswer =
  | { outcome: 'continue'; digest: string; trainRows: number; holdoutRows: number }
  | { outcome: 'failed'; reason: string };

/** Freezes validated batches into an immutable snapshot, named by its digest. Doing it again writes nothing. */
export async function snapshot(request: SnapshotRequest, zones: Zones): Promise<SnapshotAnswer> {
  const rows: string[] = [];
  const sources: SnapshotSource[] = [];
  let bytes = 0;
  for (const batchId of request.batchIds) {
    const report = await zones.report(request.model, batchId);
    const data = await zones.readCurated(request.model, batchId);
    if (report === undefined || data === undefined || sha256(data) !== report.sha256) {
      // another execution may be validating it anew at this moment: an error, so that the step is tried again
      throw new Error(`batch '${batchId}' in the curated zone does not have the digest of its 'validation.json'`);
    }
    bytes += Buffer.byteLength(data);
    if (bytes > MAX_SNAPSHOT_BYTES) {
      return {
        outcome: 'failed',
        reason:
          `the validated rows up to batch '${batchId}' have ${bytes} bytes, a snapshot must have at most ` +
          `${MAX_SNAPSHOT_BYTES}, lower 'maxRows' of the model, or land fewer rows in a batch`,
      };
    }
    for (const row of data.split('\n').slice(1)) {
      if (row !== '') rows.push(row);
    }
    sources.push(...report.sources.map(source => ({ ...source, key: `${request.model}/${batchId}/${source.key}` })));
  }

  const split = splitRows(rows, request.holdoutShare);
  const problem = splitProblem(split);
  if (problem !== undefined) {
    return { outcome: 'failed', reason: problem };
  }
  const made = snapshotFiles(request.schema, split, sources);
  await zones.writeSnapshot(request.model, made);
  return {
    outcome: 'continue',
    digest: made.digest,
    trainRows: split.train.length,
    holdoutRows: split.holdout.length,
  };
}
