import type { Baseline, MonitorInput, MonitoringSettings } from '../shared/contracts';
import { featureQuery } from './feature-query';
import { labelQuery } from './label-query';
import { lastClosedPeriod, parseTime, periodAt, windowOf, type TimeRange } from './period';
import type { MonitorPlan, PlanResult } from './plan';
import type { MonitorPorts, Serving } from './ports';
import { countedSince, windowCounts } from './window-counts';

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
  const about = { model: input.model, period, window };
  if (!counts || serving === undefined) return { plan: { ...about, judgesWindow: false } };

  const baseline = await ports.baseline(input.model, serving.version);
  const judges = await judgesWindow(about, serving, settings, baseline, ports);
  return {
    plan: { ...about, judgesWindow: judges, serving },
    featureQuery: periodQuery(settings, baseline, serving, period),
    ...(judges ? { labelQuery: horizonQuery(settings, serving, window) } : {}),
  };
}

/**
 * Whether the window is judged with this period: its last one always does, and one that is counted later, since it
 * failed in its time, once it was the last that was missing.
 */
async function judgesWindow(
  { model, period, window }: Pick<MonitorPlan, 'model' | 'period' | 'window'>,
  serving: Serving,
  settings: MonitoringSettings,
  baseline: Baseline,
  ports: MonitorPorts,
): Promise<boolean> {
  if (period.end === window.end) return true;
  if (window.end + settings.graceSeconds * 1000 > ports.now().getTime()) return false;
  const periods = await windowCounts(model, window, serving, settings, baseline, ports);
  return periods.every(each => each.counted !== undefined || each.period.start === period.start);
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
