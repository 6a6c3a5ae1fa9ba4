import { addCounts } from './counts';
import { monitorKeys } from './keys';
import { labelCountsSchema, newlyLabelled, rowsIn, type LabelCell, type LabelCounts } from './label-counts';
import { readLabelCells } from './label-query';
import { iso } from './period';
import type { MonitorPlan } from './plan';
import type { MetricValue, MonitorPorts, Serving } from './ports';
import { windowReport, type WindowReport } from './report';
import { scoreWindow, windowMetrics } from './score';
import { windowCounts } from './window-counts';

/** CloudWatch keeps whole minutes. */
const MINUTE_MS = 60_000;

/** What the state machine ends with. */
export interface ScoreResult {
  readonly model: string;
  readonly periodStart: string;
  readonly metrics: Readonly<Record<string, number>>;
  /** Key of the report; absent when no window was judged. */
  readonly report?: string;
}

/** Judges the window if the period completes it, and says that the monitor lives. */
export async function scoreStep(
  plan: MonitorPlan,
  labelQueryId: string | undefined,
  ports: MonitorPorts,
): Promise<ScoreResult> {
  const judged =
    plan.judgesWindow && plan.serving !== undefined ? await judge(plan, plan.serving, labelQueryId, ports) : undefined;
  const metrics: MetricValue[] = [
    // counting takes minutes: what was seen of a version that left meanwhile must not speak against the one that came
    ...(judged !== undefined && (await stillServes(plan, ports)) ? judged.metrics : []),
    // at the time of the run: it tells that the monitor lives now, not what the period held
    { name: 'MonitorHeartbeat', value: 1, at: ports.now().getTime() },
  ];
  await ports.publish(plan.model, metrics);
  return {
    model: plan.model,
    periodStart: iso(plan.period.start),
    metrics: Object.fromEntries(metrics.map(({ name, value }) => [name, value])),
    ...(judged === undefined ? {} : { report: judged.key }),
  };
}

async function stillServes(plan: MonitorPlan, ports: MonitorPorts): Promise<boolean> {
  const now = await ports.serving(plan.model);
  return now?.version === plan.serving?.version && now?.activatedAt === plan.serving?.activatedAt;
}

async function judge(
  plan: MonitorPlan,
  serving: Serving,
  labelQueryId: string | undefined,
  ports: MonitorPorts,
): Promise<{ key: string; metrics: MetricValue[] }> {
  const settings = await ports.settings(plan.model);
  const baseline = await ports.baseline(plan.model, serving.version);
  const periods = await windowCounts(plan.model, plan.window, serving, settings, baseline, ports);
  const counted = periods.flatMap(period => (period.counted === undefined ? [] : [period.counted.counts]));
  const cells = labelQueryId === undefined ? [] : readLabelCells(settings, await ports.queryRows(labelQueryId));
  const labels = newlyLabelled(cells, await judgedBefore(plan, serving, ports));
  const score = scoreWindow({ baseline, counts: addCounts(counted), labels, settings });

  const seen: LabelCounts = {
    model: plan.model,
    ...serving,
    windowStart: iso(plan.window.start),
    judged: score.quality !== undefined,
    cells,
  };
  await ports.write(
    monitorKeys.labelsOfWindow(plan.model, serving.version, serving.activatedAt, plan.window.start),
    seen,
  );
  const report: WindowReport = windowReport({
    plan,
    serving,
    settings,
    baseline,
    score,
    periodsCounted: counted.length,
    labelledShare: labelledShare(cells),
    writtenAt: ports.now().toISOString(),
  });
  const key = monitorKeys.report(plan.model, plan.window.start);
  await ports.write(key, report);
  return {
    key,
    // within the window's last minute: a start a day ago would lie outside what its alarm looks at
    metrics: windowMetrics(score).map(metric => ({ ...metric, at: plan.window.end - MINUTE_MS })),
  };
}

/** What had come when quality was last judged before this window. */
async function judgedBefore(plan: MonitorPlan, serving: Serving, ports: MonitorPorts): Promise<LabelCell[]> {
  const prefix = monitorKeys.labels(plan.model, serving.version, serving.activatedAt);
  const here = monitorKeys.labelsOfWindow(plan.model, serving.version, serving.activatedAt, plan.window.start);
  // ISO 8601 sorts by time, so earlier windows are lesser keys
  const earlier = (await ports.list(prefix)).filter(key => key < here);
  for (const key of earlier.reverse()) {
    const object = labelCountsSchema.parse(await ports.read(key));
    if (object.judged) return object.cells;
  }
  return [];
}

function labelledShare(cells: readonly LabelCell[]): number {
  const rows = rowsIn(cells);
  return rows === 0 ? 0 : rowsIn(cells.filter(cell => cell.label !== undefined)) / rows;
}
