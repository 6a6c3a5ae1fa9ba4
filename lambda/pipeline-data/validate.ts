import { digestOf } from '../shared/canonical-json';
import type { ModelSchema } from '../shared/contracts';
import { type DeclaredBatch, landingOrder, newestFirst } from '../shared/pipeline/landing-order';
import type { ValidationReport } from '../shared/pipeline/validation-report';
import { validateBatch } from './batch';
import type { Zones } from './ports';
import { Selection } from './selection';

/** What the validate step is asked. */
export interface ValidateRequest {
  model: string;
  schema: ModelSchema;
  maxRows: number;
}

/** What it answers: the batches of the snapshot to be, or why there can be none. */
export type ValidateAnswer =
  | {
      outcome: 'continue';
      /** The oldest first. */
      batchIds: string[];
      valid: number;
      /** Of the batches validated now. */
      quarantined: number;
      /** Place of the newest batch met, used or not: what landed up to here is no longer new. */
      seenThrough: string;
    }
  | { outcome: 'failed'; reason: string };

/**
 * Validates the newest batches until there are rows enough, each batch once. A batch that cannot be used fails the
 * execution that meets it, so that a person hears of it; later executions pass it over until it is sent again.
 */
export async function validate(request: ValidateRequest, zones: Zones): Promise<ValidateAnswer> {
  const selection = new Selection(request.maxRows);
  const schemaDigest = digestOf(request.schema);
  const refused: string[] = [];
  let quarantined = 0;
  let newest: DeclaredBatch | undefined;
  const readyText = (batchId: string): Promise<string> => zones.readyText(request.model, batchId);
  for await (const batch of newestFirst(await zones.landed(request.model), readyText)) {
    newest ??= batch;
    if (!selection.open) break;
    const known = await zones.report(request.model, batch.batchId);
    let report = known;
    if (report?.declaration !== batch.declaration || report.schemaDigest !== schemaDigest) {
      report = await validateNow(request, batch, zones);
      quarantined += report.quarantined;
      if (report.refused !== undefined) refused.push(`batch '${batch.batchId}': ${report.refused}`);
    }
    selection.offer(batch.batchId, report.valid);
  }

  if (newest === undefined) {
    return {
      outcome: 'failed',
      reason: `no batch of '${request.model}' has landed, a batch is complete with '_READY'`,
    };
  }
  if (refused.length > 0) {
    return {
      outcome: 'failed',
      reason: `${refused.join('; ')}; send it again, '_READY' last, until then it is passed over`,
    };
  }
  const { batchIds, rows } = selection.result();
  if (rows === 0) {
    return {
      outcome: 'failed',
      reason: `no batch of '${request.model}' has a valid row, see 'quarantine.json' of its batches in the curated zone`,
    };
  }
  return { outcome: 'continue', batchIds, valid: rows, quarantined, seenThrough: landingOrder(newest) };
}

async function validateNow(request: ValidateRequest, batch: DeclaredBatch, zones: Zones): Promise<ValidationReport> {
  const validated = await validateBatch(
    request.schema,
    batch.ready,
    batch.declaration,
    zones.rawFiles(request.model, batch.batchId),
  );
  await zones.writeCurated(request.model, batch.batchId, validated);
  return validated.report;
}
