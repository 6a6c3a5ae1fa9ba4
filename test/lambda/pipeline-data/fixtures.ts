import { sha256 } from '../../../lambda/shared/canonical-json';
import { modelSchema, type ModelSchema } from '../../../lambda/shared/contracts';
import type { LandedBatch } from '../../../lambda/shared/pipeline/ready-manifest';
import type { ValidationReport } from '../../../lambda/shared/pipeline/validation-report';
import type { BatchFiles, ValidatedBatch } from '../../../lambda/pipeline-data/batch';
import type { Zones } from '../../../lambda/pipeline-data/ports';
import type { SnapshotFiles } from '../../../lambda/pipeline-data/snapshot-files';

/** A schema with a column of each kind. */
export const SCHEMA: ModelSchema = modelSchema.parse({
  features: [
    { name: 'pressure', type: 'double', min: 900, max: 1100 },
    { name: 'station', type: 'bigint', nullable: true },
    { name: 'sky', type: 'string', values: ['clear', 'grey'] },
  ],
  label: 'rain',
});

/** A `_READY` that declares files truly. */
export function readyOf(files: Record<string, string>): string {
  const declared = Object.entries(files).map(([key, text]) => ({
    key,
    rows: text.trim().split('\n').length - 1,
    sha256: sha256(text),
  }));
  return JSON.stringify({ files: declared, rows: declared.reduce((sum, file) => sum + file.rows, 0) });
}

/** Files in memory. */
export function filesOf(files: Partial<Record<string, string>>): BatchFiles {
  return {
    read: key => {
      const text = files[key];
      return Promise.resolve(text === undefined ? 'missing' : new TextEncoder().encode(text));
    },
  };
}

/** Rows that alternate between both labels, no two alike. */
export function csvOf(rows: number, offset = 0): string {
  const lines = Array.from(
    { length: rows },
    (_, i) => `${900 + ((i + offset) % 200)}.${i + offset},${i},clear,${i % 2}`,
  );
  return ['pressure,station,sky,rain', ...lines, ''].join('\n');
}

/** The zones in memory. */
export class MemoryZones implements Zones {
  readonly raw = new Map<string, { batch: LandedBatch; ready: string; files: Record<string, string> }>();
  readonly curated = new Map<string, ValidatedBatch>();
  readonly snapshots: SnapshotFiles[] = [];
  validations = 0;

  land(batchId: string, second: number, files: Record<string, string>, ready = readyOf(files)): void {
    const readyAt = new Date(Date.UTC(2026, 10, 24) + second * 1000).toISOString();
    this.raw.set(batchId, { batch: { batchId, readyAt, declaration: sha256(ready + readyAt) }, ready, files });
  }

  landed(): Promise<LandedBatch[]> {
    return Promise.resolve([...this.raw.values()].map(({ batch }) => batch));
  }

  readyText(_model: string, batchId: string): Promise<string> {
    return Promise.resolve(this.raw.get(batchId)?.ready ?? '');
  }

  rawFiles(_model: string, batchId: string): BatchFiles {
    return filesOf(this.raw.get(batchId)?.files ?? {});
  }

  report(_model: string, batchId: string): Promise<ValidationReport | undefined> {
    return Promise.resolve(this.curated.get(batchId)?.report);
  }

  writeCurated(_model: string, batchId: string, validated: ValidatedBatch): Promise<void> {
    this.validations += 1;
    this.curated.set(batchId, validated);
    return Promise.resolve();
  }

  readCurated(_model: string, batchId: string): Promise<string | undefined> {
    return Promise.resolve(this.curated.get(batchId)?.data);
  }

  writeSnapshot(_model: string, snapshot: SnapshotFiles): Promise<void> {
    this.snapshots.push(snapshot);
    return Promise.resolve();
  }
}
