import { type LandedBatch, parseReadyManifest } from './ready-manifest';

/** A landed batch, as its declaration tells. */
export interface DeclaredBatch extends LandedBatch {
  /** Text of `_READY`. */
  readonly ready: string;
  /** When it landed, ISO 8601 UTC; before `readyAt` if an erasure has replaced its declaration since. */
  readonly landedAt: string;
}

/** Place of a batch in the order in which batches landed; grows. */
export function landingOrder(batch: Pick<DeclaredBatch, 'landedAt' | 'batchId'>): string {
  // the batch's id settles a tie within the second that S3 resolves
  return `${batch.landedAt}#${batch.batchId}`;
}

/**
 * The batches, the one landed last first. A declaration is read only when its batch may be the next one: none landed later
 * than it was declared.
 */
export async function* newestFirst(
  batches: readonly LandedBatch[],
  readyText: (batchId: string) => Promise<string>,
): AsyncGenerator<DeclaredBatch> {
  const left: (LandedBatch & { landedAt: string; ready?: string })[] = batches
    .map(batch => ({ ...batch, landedAt: batch.readyAt }))
    .sort((a, b) => (landingOrder(a) < landingOrder(b) ? -1 : 1));
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const ready = next.ready ?? (await readyText(next.batchId));
    const declared = { ...next, ready, landedAt: landedAt(ready, next.readyAt) };
    if (declared.landedAt === next.landedAt) {
      yield declared;
      continue;
    }
    const place = left.findIndex(other => landingOrder(other) > landingOrder(declared));
    left.splice(place < 0 ? left.length : place, 0, declared);
  }
}

function landedAt(ready: string, readyAt: string): string {
  const parsed = parseReadyManifest(ready);
  const told = 'manifest' in parsed ? parsed.manifest.landedAt : undefined;
  return told !== undefined && told < readyAt ? told : readyAt;
}
