import type { PipelineInput, ReactionSettings, VersionRequest } from '../../../lambda/shared/contracts';
import type { HoldState, LedgerState, ReactionRecord, ReleaseRecord } from '../../../lambda/shared/ledger';
import { Commands } from '../../../lambda/shared/release-commands';
import type { Notification } from '../../../lambda/shared/notify';
import type { AlarmTransition } from '../../../lambda/reaction/alarm-message';
import type { AlarmNow, Signal } from '../../../lambda/reaction/signal';
import type { SweepPorts } from '../../../lambda/reaction/sweep';
import type { WindowValue } from '../../../lambda/reaction/windows';

const HOUR_MS = 3_600_000;

export const NOW = Date.parse('2026-11-24T12:00:00Z');

/** A time `hours` before now. */
export const ago = (hours: number): string => new Date(NOW - hours * HOUR_MS).toISOString();

export const SETTINGS: ReactionSettings = {
  alarms: {
    predictionDrift: 'rain-prediction-drift',
    quality: 'rain-quality',
    inputDrift: 'rain-input-drift',
    heartbeat: 'rain-heartbeat',
    samples: 'rain-samples',
  },
  rollbackWindowSeconds: 72 * 3600,
  cooldownSeconds: 6 * 3600,
  retrain: true,
};

/** An alarm of the model. */
export function alarm(signal: Signal, red: boolean, changedAt = ago(0.1)): AlarmNow {
  const name = SETTINGS.alarms[signal];
  return {
    name,
    arn: `arn:aws:cloudwatch:eu-west-1:111111111111:alarm:${name}`,
    red,
    changedAt,
    stateReason: `Threshold Crossed by ${signal}`,
    metric: { namespace: 'MLOps/Model', name: signal, statistic: 'Maximum', dimensions: { Model: 'rain' } },
    rule: {
      comparison: 'GreaterThanThreshold',
      threshold: 0.02,
      periodSeconds: 300,
      evaluationWindows: 3,
      alarmingWindows: 2,
    },
  };
}

/** Windows of five minutes, the last of which ended `hours` before now. */
export function windows(hours: number, ...values: number[]): WindowValue[] {
  return values.map((value, index) => ({ end: ago(hours + (values.length - 1 - index) / 12), value }));
}

/** A transition of an alarm. */
export function transition(signal: Signal, at = ago(0.1), state: AlarmTransition['state'] = 'ALARM'): AlarmTransition {
  return { id: `alarm-${signal}-${at}`, alarmName: SETTINGS.alarms[signal], model: 'rain', state, at };
}

export function release(version: string, changes: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    id: `release-${version}`,
    action: 'release',
    version,
    requestedBy: 'a person',
    reason: 'approved',
    outcome: 'succeeded',
    detail: '',
    startedAt: ago(2),
    endedAt: ago(2),
    generation: 1,
    ...changes,
  };
}

/** A hold that ends `hours` before now. */
export const heldUntil = (hours: number): HoldState => ({
  model: 'rain',
  generation: 1,
  hold: { until: ago(hours), reason: 'audit', requestedBy: 'ann', since: ago(hours + 24) },
});

/** Version 2 serves for two hours, version 1 served before; nothing is red. */
export class World implements SweepPorts {
  ledger: LedgerState = { model: 'rain', current: '2', activatedAt: ago(2), healthy: ['2', '1'], generation: 3 };
  holding: HoldState = { model: 'rain', generation: 0 };
  readonly commands = new Commands('arn:aws:states:eu-west-1:111111111111:stateMachine:releases', 'prod');
  history: ReleaseRecord[] = [release('1', { startedAt: ago(100) }), release('2')];
  red = new Map<Signal, AlarmNow>();
  /** Of the alarms' metrics; by default two bad windows, the last of which turned the alarm red. */
  readonly values = new Map<string, WindowValue[]>();
  reaction: ReactionSettings | undefined = SETTINGS;
  time = NOW;
  readonly records: ReactionRecord[] = [];
  readonly releasesStarted = new Map<string, VersionRequest>();
  readonly pipelinesStarted = new Map<string, PipelineInput>();
  readonly told: Notification[] = [];
  /** Sweeps that looked at every model. */
  sweeps = 0;

  /** Makes alarms red. */
  turnRed(...signals: Signal[]): this {
    signals.forEach(signal => this.red.set(signal, alarm(signal, true)));
    return this;
  }

  settings(_model?: string): Promise<ReactionSettings | undefined> {
    return Promise.resolve(this.reaction);
  }
  alarms(names: readonly string[]): Promise<AlarmNow[]> {
    const signals = Object.keys(SETTINGS.alarms) as Signal[];
    return Promise.resolve(
      signals.map(signal => this.red.get(signal) ?? alarm(signal, false)).filter(({ name }) => names.includes(name)),
    );
  }
  redAlarms(names: readonly string[]): Promise<ReadonlySet<string>> {
    const red = [...this.red.values()].filter(alarm => alarm.red).map(({ name }) => name);
    return Promise.resolve(new Set(red.filter(name => names.includes(name))));
  }
  swept(): Promise<void> {
    this.sweeps += 1;
    return Promise.resolve();
  }
  windows({ name, changedAt, rule }: AlarmNow, since: Date): Promise<WindowValue[]> {
    const known = this.values.get(name) ?? windows((NOW - Date.parse(changedAt)) / HOUR_MS, 0.3, 0.3);
    const length = rule.periodSeconds * 1000;
    return Promise.resolve(known.filter(({ end }) => Date.parse(end) > Math.floor(since.getTime() / length) * length));
  }
  models(): Promise<string[]> {
    return Promise.resolve(['rain']);
  }
  state(): Promise<LedgerState> {
    return Promise.resolve(this.ledger);
  }
  hold(): Promise<HoldState> {
    return Promise.resolve(this.holding);
  }
  releases(_model: string, newest: number): Promise<ReleaseRecord[]> {
    return Promise.resolve(this.history.slice(-newest));
  }
  reactions(_model: string, since: string): Promise<ReactionRecord[]> {
    return Promise.resolve(this.records.filter(record => record.decidedAt >= since));
  }
  recorded(_model: string, id: string): Promise<ReactionRecord | undefined> {
    return Promise.resolve(this.records.find(record => record.id === id));
  }
  appendReaction(_model: string, record: ReactionRecord): Promise<'recorded' | 'already-recorded'> {
    if (this.records.some(known => known.id === record.id)) return Promise.resolve('already-recorded');
    this.records.push(record);
    return Promise.resolve('recorded');
  }
  startRelease(name: string, input: VersionRequest): Promise<void> {
    this.releasesStarted.set(name, this.releasesStarted.get(name) ?? input);
    return Promise.resolve();
  }
  startPipeline(name: string, input: PipelineInput): Promise<void> {
    this.pipelinesStarted.set(name, this.pipelinesStarted.get(name) ?? input);
    return Promise.resolve();
  }
  tell(notification: Notification): Promise<void> {
    this.told.push(notification);
    return Promise.resolve();
  }
  now(): Date {
    return new Date(this.time);
  }
}
