import type { AlarmTransition } from '../../../lambda/reaction/alarm-message';
import type { AlarmNow, Signal } from '../../../lambda/reaction/signal';
import type { SweepPorts } from '../../../lambda/reaction/sweep';
import type { AlarmRule, WindowValue } from '../../../lambda/reaction/windows';
import type { ReactionSettings, VersionRequest } from '../../../lambda/shared/contracts';
import type { HoldState, LedgerState, ReactionRecord, ReleaseRecord } from '../../../lambda/shared/ledger';
import { Commands } from '../../../lambda/shared/release-commands';
import { COOLDOWN_SECONDS, MODEL, type World } from '../release-step/support/world';

/** The reaction's settings, with alarms named by what they say. */
export const REACTION: ReactionSettings = {
  alarms: {
    predictionDrift: 'predictionDrift',
    quality: 'quality',
    inputDrift: 'inputDrift',
    samples: 'samples',
    heartbeat: 'heartbeat',
  },
  rollbackWindowSeconds: 72 * 3600,
  cooldownSeconds: COOLDOWN_SECONDS,
  retrain: true,
};

const RULE: AlarmRule = {
  comparison: 'GreaterThanThreshold',
  threshold: 0,
  periodSeconds: 300,
  evaluationWindows: 3,
  alarmingWindows: 2,
};
const WINDOW_MS = RULE.periodSeconds * 1000;

/** The alarms of a model, and what the reaction sees of the world; the ledger is the one of the release steps. */
export class AlarmRoom implements SweepPorts {
  public readonly records: ReactionRecord[] = [];
  public readonly commands = new Commands('arn:aws:states:eu-west-1:000000000000:stateMachine:releases', 'prod');

  private readonly red = new Map<Signal, { red: boolean; changedAt: string }>();

  constructor(
    private readonly world: World,
    private readonly start: (name: string, input: object) => void,
  ) {}

  /** An alarm changes, and says so if it was not so before. */
  public set(signal: Signal, red: boolean): AlarmTransition | undefined {
    if ((this.red.get(signal)?.red ?? false) === red) return undefined;
    const at = this.now().toISOString();
    this.red.set(signal, { red, changedAt: at });
    return {
      id: `alarm-${signal}-${at.replace(/[:.]/g, '-')}`,
      alarmName: signal,
      model: MODEL,
      state: red ? 'ALARM' : 'OK',
      at,
    };
  }

  public settings(): Promise<ReactionSettings> {
    return Promise.resolve(REACTION);
  }

  public alarms(names: readonly string[]): Promise<AlarmNow[]> {
    return this.world.call('reaction.alarms', () => (names as readonly Signal[]).map(signal => this.alarm(signal)));
  }

  public redAlarms(names: readonly string[]): Promise<ReadonlySet<string>> {
    return this.world.call(
      'reaction.redAlarms',
      () =>
        new Set([...this.red].filter(([signal, { red }]) => red && names.includes(signal)).map(([signal]) => signal)),
    );
  }

  public swept(): Promise<void> {
    return this.world.call('reaction.swept', () => undefined);
  }

  /** An alarm goes red at the end of its second bad window, and each window is bad while it is red. */
  public windows({ changedAt }: AlarmNow, since: Date): Promise<WindowValue[]> {
    return this.world.call('reaction.windows', () => {
      const first = Date.parse(changedAt) - WINDOW_MS;
      const count = 1 + Math.floor((this.world.now - first) / WINDOW_MS);
      return Array.from({ length: count }, (_, window) => first + window * WINDOW_MS)
        .filter(end => end > since.getTime())
        .map(end => ({ end: new Date(end).toISOString(), value: 1 }));
    });
  }

  public models(): Promise<string[]> {
    return this.world.call('reaction.models', () => [MODEL]);
  }

  public state(): Promise<LedgerState> {
    return this.world.call('reaction.state', () => this.world.state());
  }

  public hold(model: string): Promise<HoldState> {
    return this.world.call('reaction.hold', () => this.world.holds.get(model) ?? { model, generation: 0 });
  }

  public releases(_model: string, newest: number): Promise<ReleaseRecord[]> {
    return this.world.call('reaction.releases', () =>
      [...this.world.releases].sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt)).slice(-newest),
    );
  }

  public reactions(_model: string, since: string): Promise<ReactionRecord[]> {
    return this.world.call('reaction.reactions', () => this.records.filter(({ decidedAt }) => decidedAt >= since));
  }

  public recorded(_model: string, id: string): Promise<ReactionRecord | undefined> {
    return this.world.call('reaction.recorded', () => this.records.find(record => record.id === id));
  }

  public appendReaction(_model: string, record: ReactionRecord): Promise<'recorded' | 'already-recorded'> {
    return this.world.call('reaction.append', () => {
      if (this.records.some(({ id }) => id === record.id)) return 'already-recorded';
      this.records.push(record);
      return 'recorded';
    });
  }

  public startRelease(name: string, input: VersionRequest): Promise<void> {
    return this.world.call('reaction.startRelease', () => {
      this.start(name, input);
    });
  }

  public startPipeline(): Promise<void> {
    return this.world.call('reaction.startPipeline', () => undefined);
  }

  public tell(): Promise<void> {
    return this.world.call('reaction.tell', () => undefined);
  }

  public now(): Date {
    return new Date(this.world.now);
  }

  private alarm(signal: Signal): AlarmNow {
    const { red, changedAt } = this.red.get(signal) ?? { red: false, changedAt: new Date(0).toISOString() };
    return {
      name: signal,
      arn: signal,
      red,
      changedAt,
      stateReason: 'breached',
      metric: { namespace: 'MLOps/Model', name: signal, statistic: 'Maximum', dimensions: { Model: MODEL } },
      rule: RULE,
    };
  }
}
