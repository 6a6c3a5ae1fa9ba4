import { landingOrder, newestFirst } from '../shared/pipeline/landing-order';
import { parseReadyManifest } from '../shared/pipeline/ready-manifest';
import type { Batches } from './ports';

/**
 * Rows that landed since the last training, as their batches declare them, counted until there are enough. A batch that
 * validation refused, and that was not sent again, brings none. One whose declaration cannot be read may bring any
 * number: it counts as enough, so that validation meets it, refuses it, and a person hears of it.
 */
export async function countNewRows(
  batches: Batches,
  model: string,
  seenThrough: string | undefined,
  enough: number,
): Promise<number> {
  if (enough === 0) return 0;
  let rows = 0;
  const readyText = (batchId: string): Promise<string> => batches.readyText(model, batchId);
  for await (const batch of newestFirst(await batches.list(model), readyText)) {
    if (rows >= enough || (seenThrough !== undefined && landingOrder(batch) <= seenThrough)) break;
    const ready = parseReadyManifest(batch.ready);
    const report = await batches.report(model, batch.batchId);
    if (report?.refused !== undefined && report.declaration === batch.declaration) continue;
    if ('problem' in ready) return enough;
    rows += ready.manifest.rows;
  }
  return rows;
}
