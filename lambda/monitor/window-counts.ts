import type { Baseline, MonitoringSettings } from '../shared/contracts';
import { periodCountsSchema, type PeriodCounts } from './counts';
import { monitorKeys } from './keys';
import { iso, parseTime, periodsOf, type TimeRange } from './period';
import type { MonitorPorts, Serving } from './ports';

/** From when a version's rows count within a period. */
export function countedSince(serving: Serving, period: TimeRange): number {
  return Math.max(period.start, parseTime('activatedAt', serving.activatedAt));
}

/** The window's periods in which this service of this version counts, with what was counted over the same bins. */
export async function windowCounts(
  model: string,
  window: TimeRange,
  serving: Serving,
  settings: MonitoringSettings,
  baseline: Pick<Baseline, 'edgesId'>,
  ports: Pick<MonitorPorts, 'read'>,
): Promise<{ period: TimeRange; counted?: PeriodCounts }[]> {
  const served = periodsOf(window, settings).filter(
    period => period.end > parseTime('activatedAt', serving.activatedAt),
  );
  return Promise.all(
    served.map(async period => {
      const stored = await ports.read(monitorKeys.counts(model, serving.version, baseline.edgesId, period.start));
      const object = stored === undefined ? undefined : periodCountsSchema.parse(stored);
      // an earlier service of the same version left counts of other rows
      return object?.since === iso(countedSince(serving, period)) ? { period, counted: object } : { period };
    }),
  );
}
