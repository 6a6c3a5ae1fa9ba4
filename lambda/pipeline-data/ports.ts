import type { LandedBatch } from '../shared/pipeline/ready-manifest';
import type { ValidationReport } from '../shared/pipeline/validation-report';
import type { BatchFiles, ValidatedBatch } from './batch';
import type { SnapshotFiles } from './snapshot-files';

/** Zones of the lake, as the validate and snapshot steps need them. */
export interface Zones {
  /** Every batch of a model that has landed whole. */
  landed(model: string): Promise<LandedBatch[]>;
  /** Text of a batch's `_READY`. */
  readyText(model: string, batchId: string): Promise<string>;
  /** Files of a batch in the raw zone. */
  rawFiles(model: string, batchId: string): BatchFiles;
  /** What an earlier validation said. */
  report(model: string, batchId: string): Promise<ValidationReport | undefined>;
  /** Writes what validation made of a batch, its report last. */
  writeCurated(model: string, batchId: string, validated: ValidatedBatch): Promise<void>;
  /** A batch's `data.csv`; nothing if it is not there. */
  readCurated(model: string, batchId: string): Promise<string | undefined>;
  /** Writes a snapshot that may be there already, wholly or in part. */
  writeSnapshot(model: string, snapshot: SnapshotFiles): Promise<void>;
}
