import { periodCountsSchema, type PeriodCounts } from './counts';
import { readFeatureCounts } from './feature-query';
import { monitorKeys } from './keys';
import { iso } from './period';
import type { MonitorPlan } from './plan';
import type { MonitorPorts } from './ports';
import { countedSince } from './window-counts';

/** Keeps a period's counts; a second look at the same period replaces the first. */
export async function collectStep(
  plan: MonitorPlan,
  queryExecutionId: string,
  ports: MonitorPorts,
): Promise<{ rows: number; key: string }> {
  const { model, serving, period } = plan;
  if (serving === undefined) {
    throw new Error(`nothing was counted for model '${model}', no version serves`);
  }
  const baseline = await ports.baseline(model, serving.version);
  const row = (await ports.queryRows(queryExecutionId)).at(0);
  if (row === undefined) {
    throw new Error(`query '${queryExecutionId}' must answer one row of counts, got none`);
  }
  const object: PeriodCounts = periodCountsSchema.parse({
    model,
    version: serving.version,
    edgesId: baseline.edgesId,
    periodStart: iso(period.start),
    periodEnd: iso(period.end),
    since: iso(countedSince(serving, period)),
    counts: readFeatureCounts({ features: baseline.schema.features, baseline }, row),
  });
  const key = monitorKeys.counts(model, serving.version, baseline.edgesId, period.start);
  await ports.write(key, object);
  return { rows: object.counts.rows, key };
}
