import type { Baseline, MonitoringSettings } from '../../../lambda/shared/contracts';
import type { Notification } from '../../../lambda/shared/notify';
import type { MetricValue, MonitorPorts, Serving } from '../../../lambda/monitor/ports';
import type { QueryRow } from '../../../lambda/shared/athena-results';

export const SETTINGS: MonitoringSettings = {
  schema: { features: [{ name: 'temp', type: 'double', nullable: false }], label: 'rain' },
  periodSeconds: 3600,
  windowPeriods: 2,
  graceSeconds: 900,
  minSamples: 100,
  minLabels: 100,
  labelHorizonDays: 7,
  q: 0.01,
  minExcess: 0.02,
  database: 'mlops_dev',
  inferenceLogTable: 'rain_inference_log',
  labelsTable: 'rain_labels',
  workgroup: 'mlops-dev',
};

export const BASELINE: Baseline = {
  edgesId: 'e1',
  rows: 2000,
  features: { temp: { edges: [10], counts: [1000, 1000, 0] } },
  prediction: { edges: [0.5], counts: [700, 300, 0] },
  quality: { auc: 0.86, rows: 1000 },
  schema: SETTINGS.schema,
};

/** A model's world in memory: what it stores, publishes and tells can be looked at. */
export class World implements MonitorPorts {
  readonly objects = new Map<string, unknown>();
  readonly published: MetricValue[] = [];
  readonly told: Notification[] = [];
  readonly queries = new Map<string, QueryRow[]>();
  time = new Date('2026-11-24T04:20:00Z');
  service: Serving | undefined = { version: '2', activatedAt: '2026-11-20T00:00:00.000Z' };
  monitoring = SETTINGS;
  reference = BASELINE;

  settings(): Promise<MonitoringSettings> {
    return Promise.resolve(this.monitoring);
  }
  serving(): Promise<Serving | undefined> {
    return Promise.resolve(this.service);
  }
  baseline(): Promise<Baseline> {
    return Promise.resolve(this.reference);
  }
  queryRows(id: string): Promise<QueryRow[]> {
    return Promise.resolve(this.queries.get(id) ?? []);
  }
  read(key: string): Promise<unknown> {
    return Promise.resolve(this.objects.get(key));
  }
  write(key: string, value: object): Promise<void> {
    // as JSON, which has no undefined
    this.objects.set(key, JSON.parse(JSON.stringify(value)));
    return Promise.resolve();
  }
  list(prefix: string): Promise<string[]> {
    return Promise.resolve([...this.objects.keys()].filter(key => key.startsWith(prefix)).sort());
  }
  publish(_model: string, values: readonly MetricValue[]): Promise<void> {
    this.published.push(...values);
    return Promise.resolve();
  }
  tell(notification: Notification): Promise<void> {
    this.told.push(notification);
    return Promise.resolve();
  }
  now(): Date {
    return this.time;
  }

  /** Values published under a metric's name. */
  metric(name: MetricValue['name']): number[] {
    return this.published.filter(metric => metric.name === name).map(metric => metric.value);
  }
}

/** The row that the feature query answers. */
export function featureRow(rows: number, coldRows: number, lowScores: number): QueryRow {
  return {
    all_rows: String(rows),
    c0_present: String(rows),
    c0_0: String(coldRows),
    c1_present: String(rows),
    c1_0: String(lowScores),
  };
}

/** The rows that the label query answers: `rows` of each class in one hour, the rainy ones at the given score bin. */
export function labelRows(hour: string, rows: number, rainyBin: number): QueryRow[] {
  const period = String(Date.parse(hour) / 3_600_000);
  return [
    { period, label: '1', bin: String(rainyBin), n: String(rows) },
    { period, label: '0', bin: '20', n: String(rows) },
  ];
}
