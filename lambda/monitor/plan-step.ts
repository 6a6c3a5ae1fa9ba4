import type { Baseline, MonitorInput, MonitoringSettings } from '../shared/contracts';
import { featureQuery } from './feature-query';
import { labelQuery } from './label-query';
import { lastClosedPeriod, parseTime, periodAt, windowOf, type TimeRange } from './period';
import type { MonitorPlan, PlanResult } from './plan';
import type { MonitorPorts, Serving } from './ports';

const DAY_MS = 86_400_000;

/** Decides which period to count, of which version, and writes the queries. */
export async function planStep(input: MonitorInput, ports: MonitorPorts): Promise<PlanResult> {
  const settings = await ports.settings(input.model);
  const period = choosePeriod(input, settings, ports.now());
  const window = windowOf(period, settings);
  const serving = await ports.serving(input.model);
  // rows from before its activation say nothing about how it serves
  const servedSince = serving === undefined ? Infinity : parseTime('activatedAt', serving.activatedAt);
  const counts = servedSince < period.end;
  const plan: MonitorPlan = {
    model: input.model,
    period,
    window,
    closesWindow: period.end === window.end,
    ...(counts && serving !== undefined ? { serving } : {}),
  };
  if (plan.serving === undefined) return { plan };

  const baseline = await ports.baseline(input.model, plan.serving.version);
  return {
    plan,
    featureQuery: periodQuery(settings, baseline, plan.serving, period),
    ...(plan.closesWindow ? { labelQuery: horizonQuery(settings, plan.serving, window) } : {}),
  };
}

/** From when a version's rows count within a period. */
export function countedSince(serving: Serving, period: TimeRange): number {
  return Math.max(period.start, parseTime('activatedAt', serving.activatedAt));
}

function choosePeriod(input: MonitorInput, settings: MonitoringSettings, now: Date): TimeRange {
  if (input.periodStart === undefined) {
    const time = input.scheduledTime === undefined ? now.getTime() : parseTime('scheduledTime', input.scheduledTime);
    return lastClosedPeriod(time, settings);
  }
  const period = periodAt(input.periodStart, settings);
  // counted too early, a period would be taken for complete and never be looked at again
  if (period.end > now.getTime()) {
    throw new RangeError(
      `'periodStart' is '${input.periodStart}', a period that ends at ${new Date(period.end).toISOString()}, must be one that has ended`,
    );
  }
  return period;
}

function periodQuery(settings: MonitoringSettings, baseline: Baseline, serving: Serving, period: TimeRange): string {
  return featureQuery({
    database: settings.database,
    table: settings.inferenceLogTable,
    version: serving.version,
    start: countedSince(serving, period),
    end: period.end,
    features: baseline.schema.features,
    baseline,
  });
}

function horizonQuery(settings: MonitoringSettings, serving: Serving, window: TimeRange): string {
  // whole periods, so that a period's cells never lose rows from one look to the next
  const horizon = Math.floor((window.end - settings.labelHorizonDays * DAY_MS) / (settings.periodSeconds * 1000));
  return labelQuery({
    database: settings.database,
    predictionsTable: settings.inferenceLogTable,
    labelsTable: settings.labelsTable,
    version: serving.version,
    start: Math.max(horizon * settings.periodSeconds * 1000, parseTime('activatedAt', serving.activatedAt)),
    end: window.end,
    periodSeconds: settings.periodSeconds,
  });
}
