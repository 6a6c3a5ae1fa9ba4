import type { Baseline, MetricName, MonitoringSettings } from '../shared/contracts';
import type { QueryRow } from '../shared/athena-results';
import type { Notification } from '../shared/notify';

/** Which version serves, and since when. */
export interface Serving {
  readonly version: string;
  /** ISO 8601. */
  readonly activatedAt: string;
}

/** A value of one of the model's metrics. */
export interface MetricValue {
  readonly name: MetricName;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** What the monitor needs of the world. */
export interface MonitorPorts {
  settings(model: string): Promise<MonitoringSettings>;
  /** Nothing while no version serves. */
  serving(model: string): Promise<Serving | undefined>;
  /** Baseline of a version, proved by its digest. */
  baseline(model: string, version: string): Promise<Baseline>;
  queryRows(queryExecutionId: string): Promise<QueryRow[]>;
  /** A JSON object of the monitoring bucket; nothing if there is none. */
  read(key: string): Promise<unknown>;
  write(key: string, value: object): Promise<void>;
  /** Keys below a prefix, ascending. */
  list(prefix: string): Promise<string[]>;
  publish(model: string, values: readonly MetricValue[]): Promise<void>;
  tell(notification: Notification): Promise<void>;
  now(): Date;
}
