import type {
  AlarmNow,
  AlarmState,
  Execution,
  ExecutionEvent,
  Platform,
  RegisteredVersion,
  ServingNow,
  Training,
  TrainingStart,
  VersionCard,
} from '../../../cli/ports';
import type { BatchAnswer, BatchRequest } from '../../../lambda/shared/batch-contract';
import type { ErasureAnswer, ErasureRequest } from '../../../lambda/shared/erasure-contract';
import { Commands } from '../../../lambda/shared/release-commands';
import type { AnyServingSettings, PipelineInput, TrainingSettings } from '../../../lambda/shared/contracts';
import type {
  DriftRecord,
  ErasureRecord,
  HoldRecord,
  HoldState,
  LedgerItem,
  LedgerState,
  PromotionRecord,
  ReactionRecord,
  ReleaseRecord,
  VersionRecord,
} from '../../../lambda/shared/ledger';

export const NOW = new Date('2026-11-27T03:30:00.000Z');

/** What a model has in the platform of a test. */
export interface Model {
  state?: Partial<LedgerState>;
  serving?: ServingNow;
  hold?: HoldState['hold'];
  alarms?: AlarmNow[];
  versions?: VersionRecord[];
  releases?: ReleaseRecord[];
  reactions?: ReactionRecord[];
  holdings?: HoldRecord[];
  drifts?: DriftRecord[];
  promotions?: PromotionRecord[];
  erasures?: ErasureRecord[];
  items?: LedgerItem[];
  triggers?: TrainingSettings['triggers'];
  trainings?: Training[];
  registered?: RegisteredVersion[];
  /** By version. */
  cards?: Record<string, VersionCard>;
}

/** A platform in memory: it answers from what it was given, and remembers what it was asked for. */
export class MemoryPlatform implements Platform {
  readonly environmentName = 'prod';
  readonly asked: { name: string; request: Record<string, unknown> }[] = [];
  readonly trained = new Map<string, PipelineInput>();
  readonly batchesAsked: BatchRequest[] = [];
  batchAnswer: BatchAnswer = { outcome: 'refused', reason: 'nothing is deployed', youMay: [] };
  readonly erasuresAsked: ErasureRequest[] = [];
  /** One for each call. */
  erasureAnswers: ErasureAnswer[] = [];
  readonly executions = new Map<string, Execution>();
  readonly history = new Map<string, ExecutionEvent[]>();
  /** How an execution that is asked for looks, look by look; the last one stays. */
  looks: Partial<Execution>[] = [];
  readonly commands = new Commands('arn:aws:states:eu-west-1:123456789012:stateMachine:releases', 'prod');
  /** Models that cannot be looked at. */
  readonly broken = new Map<string, Error>();
  /** Why CloudWatch does not answer. */
  alarmProblem: Error | undefined;
  /** Why the registry does not tell a card. */
  cardProblem: Error | undefined;
  alarmsAsked = 0;
  /** How many models were looked at side by side. */
  mostAtOnce = 0;
  private atOnce = 0;
  private looked = 0;

  constructor(private readonly known: Record<string, Model>) {}

  readonly ledger = {
    state: (model: string): Promise<LedgerState> =>
      Promise.resolve({ model, healthy: [], generation: 1, ...this.known[model]?.state }),
    hold: (model: string): Promise<HoldState> =>
      Promise.resolve({ model, generation: 1, hold: this.known[model]?.hold }),
    holdings: (model: string): Promise<HoldRecord[]> => Promise.resolve(this.known[model]?.holdings ?? []),
    versions: (model: string): Promise<VersionRecord[]> => Promise.resolve(this.known[model]?.versions ?? []),
    releases: (model: string, newest = Infinity): Promise<ReleaseRecord[]> =>
      Promise.resolve((this.known[model]?.releases ?? []).slice(-newest)),
    reactions: (model: string, since = ''): Promise<ReactionRecord[]> =>
      Promise.resolve((this.known[model]?.reactions ?? []).filter(({ decidedAt }) => decidedAt >= since)),
    reaction: (model: string, id: string): Promise<ReactionRecord | undefined> =>
      Promise.resolve(this.known[model]?.reactions?.find(record => record.id === id)),
    drifts: (model: string): Promise<DriftRecord[]> => Promise.resolve(this.known[model]?.drifts ?? []),
    promotions: (model: string): Promise<PromotionRecord[]> => Promise.resolve(this.known[model]?.promotions ?? []),
    erasures: (model: string): Promise<ErasureRecord[]> => Promise.resolve(this.known[model]?.erasures ?? []),
    everything: (model: string): Promise<LedgerItem[]> => Promise.resolve(this.known[model]?.items ?? []),
  };

  models(): Promise<string[]> {
    return Promise.resolve(Object.keys(this.known));
  }

  async serving(model: string): Promise<AnyServingSettings | undefined> {
    this.atOnce += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.atOnce);
    await new Promise(resolve => setImmediate(resolve));
    this.atOnce -= 1;
    const problem = this.broken.get(model);
    if (problem !== undefined) throw problem;
    const settings = { target: 'sagemaker', endpointName: model } as AnyServingSettings;
    return model in this.known ? settings : undefined;
  }

  training(model: string): Promise<TrainingSettings | undefined> {
    const known = this.known[model];
    return Promise.resolve(known === undefined ? undefined : ({ triggers: known.triggers } as TrainingSettings));
  }

  train(name: string, input: PipelineInput): Promise<TrainingStart> {
    const outcome = this.trained.has(name) ? 'already-started' : 'started';
    if (outcome === 'started') this.trained.set(name, input);
    return Promise.resolve({
      outcome,
      executionArn: `arn:aws:states:eu-west-1:123456789012:execution:pipeline:${name}`,
    });
  }

  servingNow(settings: AnyServingSettings): Promise<ServingNow> {
    const name = settings.target === 'sagemaker' ? settings.endpointName : settings.namespace;
    return Promise.resolve(this.known[name]?.serving ?? { status: 'not there' });
  }

  alarmNames(model: string): Promise<Record<string, string>> {
    const alarms = this.known[model]?.alarms ?? [];
    return Promise.resolve(Object.fromEntries(alarms.map(({ signal, name }) => [signal, name])));
  }

  alarms(names: readonly string[]): Promise<AlarmState[]> {
    this.alarmsAsked += 1;
    if (this.alarmProblem !== undefined) return Promise.reject(this.alarmProblem);
    const all = Object.values(this.known).flatMap(({ alarms = [] }) => alarms);
    return Promise.resolve(all.filter(({ name }) => names.includes(name)));
  }

  caller(): Promise<string> {
    return Promise.resolve('arn:aws:sts::123456789012:assumed-role/OnCall/ann');
  }

  ask(name: string, request: object): Promise<void> {
    this.asked.push({ name, request: { ...request } });
    return Promise.resolve();
  }

  execution(name: string): Promise<Execution | undefined> {
    const given = this.executions.get(name);
    if (given !== undefined || !this.asked.some(asked => asked.name === name)) return Promise.resolve(given);
    const look = this.looks[Math.min(this.looked++, this.looks.length - 1)];
    return Promise.resolve({ status: 'RUNNING', startedAt: NOW.toISOString(), input: {}, ...look });
  }

  events(name: string): Promise<ExecutionEvent[]> {
    return Promise.resolve(this.history.get(name) ?? []);
  }

  trainings(model: string): Promise<Training[] | undefined> {
    return Promise.resolve(this.known[model]?.trainings);
  }

  registered(model: string): Promise<RegisteredVersion[]> {
    return Promise.resolve(this.known[model]?.registered ?? []);
  }

  card(model: string, version: string): Promise<VersionCard | undefined> {
    if (this.cardProblem !== undefined) return Promise.reject(this.cardProblem);
    return Promise.resolve(this.known[model]?.cards?.[version]);
  }

  batch(request: BatchRequest): Promise<BatchAnswer> {
    this.batchesAsked.push(request);
    return Promise.resolve(this.batchAnswer);
  }

  erase(request: ErasureRequest): Promise<ErasureAnswer> {
    this.erasuresAsked.push(request);
    const answer = this.erasureAnswers.shift();
    return answer === undefined ? Promise.reject(new Error('the function failed')) : Promise.resolve(answer);
  }

  now(): Date {
    return NOW;
  }

  pause(): Promise<void> {
    return Promise.resolve();
  }
}

/** A release that succeeded, but for what is given. */
export function aRelease(given: Partial<ReleaseRecord> = {}): ReleaseRecord {
  return {
    id: 'approval-rain-v2-abc',
    action: 'release',
    version: '2',
    from: '1',
    requestedBy: 'arn:aws:sts::123456789012:assumed-role/DataScience/bob',
    reason: 'beats version 1',
    outcome: 'succeeded',
    detail: 'version 2 serves instead of version 1',
    startedAt: '2026-11-26T10:00:00.000Z',
    trafficMovedAt: '2026-11-26T10:14:00.000Z',
    endedAt: '2026-11-26T10:15:00.000Z',
    generation: 7,
    ...given,
  };
}

/** Version 2, which came from staging. */
export function aPromotion(given: Partial<PromotionRecord> = {}): PromotionRecord {
  const arn = 'arn:aws:sagemaker:eu-west-1:222222222222:model-package/mlops-staging-rain/5';
  return {
    from: { environment: 'staging', account: '222222222222', region: 'eu-west-1', version: '5', modelPackageArn: arn },
    version: '2',
    modelPackageArn: 'arn:aws:sagemaker:eu-west-1:123456789012:model-package/mlops-prod-rain/2',
    runId: 'r',
    approvedBy: 'ann',
    approvedAt: '2026-11-25T09:00:00.000Z',
    reason: 'a week without an alarm',
    digests: { modelData: 'm', evaluation: 'e', baseline: 'b', image: 'sha256:i' },
    at: '2026-11-25T09:01:00.000Z',
    ...given,
  };
}
