import type { BatchAnswer, BatchRequest } from '../lambda/shared/batch-contract';
import type { AnyServingSettings, PipelineInput, TrainingSettings } from '../lambda/shared/contracts';
import type { ErasureAnswer, ErasureRequest } from '../lambda/shared/erasure-contract';
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
} from '../lambda/shared/ledger';
import type { Commands } from '../lambda/shared/release-commands';

/** One environment of the platform as the commands see it. */
export interface Platform {
  readonly environmentName: string;
  /** Names of the models that have a service here. */
  models(): Promise<string[]>;
  /** Settings of a model's service; nothing if there is no such model here. */
  serving(model: string): Promise<AnyServingSettings | undefined>;
  /** Settings of a model's training; nothing if it is not trained here. */
  training(model: string): Promise<TrainingSettings | undefined>;
  /** What serves now, by the serving target's own word. */
  servingNow(settings: AnyServingSettings): Promise<ServingNow>;
  /** Names of the model's alarms, by what each says; none if nothing reacts to them. */
  alarmNames(model: string): Promise<Readonly<Record<string, string>>>;
  /** Alarms by name as they are now, however many. */
  alarms(names: readonly string[]): Promise<AlarmState[]>;
  readonly ledger: LedgerReader;
  /** Commands for this environment's release machine. */
  readonly commands: Commands;
  /** Who uses this command line, by the word of AWS. */
  caller(): Promise<string>;
  /** Starts an execution of the release machine. */
  ask(name: string, request: object): Promise<void>;
  /** Starts an execution of the training pipeline, unless one has that name. */
  train(name: string, input: PipelineInput): Promise<TrainingStart>;
  /** An execution of the release machine by its name; nothing if there is none, or none any more. */
  execution(name: string): Promise<Execution | undefined>;
  /** What happened in it, in order; nothing is left of it after 90 days. */
  events(name: string): Promise<ExecutionEvent[]>;
  /** Each start of a model's training; nothing if the platform does not tell where they are recorded. */
  trainings(model: string): Promise<Training[] | undefined>;
  /** Each version of a model in the registry. */
  registered(model: string): Promise<RegisteredVersion[]>;
  /** What the model card of a version says; nothing if it has none. */
  card(model: string, version: string): Promise<VersionCard | undefined>;
  /** Asks what predicts files on the cluster. */
  batch(request: BatchRequest): Promise<BatchAnswer>;
  /** Asks what erases persons. */
  erase(request: ErasureRequest): Promise<ErasureAnswer>;
  now(): Date;
  pause(milliseconds: number): Promise<void>;
}

/** What became of a request for a training. */
export interface TrainingStart {
  readonly outcome: 'started' | 'already-started';
  readonly executionArn: string;
}

/** What is read from the ledger. */
export interface LedgerReader {
  state(model: string): Promise<LedgerState>;
  hold(model: string): Promise<HoldState>;
  holdings(model: string): Promise<HoldRecord[]>;
  versions(model: string): Promise<VersionRecord[]>;
  releases(model: string, newest?: number): Promise<ReleaseRecord[]>;
  reactions(model: string, since?: string): Promise<ReactionRecord[]>;
  reaction(model: string, id: string): Promise<ReactionRecord | undefined>;
  drifts(model: string): Promise<DriftRecord[]>;
  promotions(model: string): Promise<PromotionRecord[]>;
  erasures(model: string): Promise<ErasureRecord[]>;
  everything(model: string): Promise<LedgerItem[]>;
}

/** One start of a model's training, and what came of it. */
export interface Training {
  /** Name of the execution. */
  readonly execution: string;
  readonly at: string;
  readonly requestedBy: string;
  /** Why it was started. */
  readonly startReason: string;
  readonly outcome: string;
  /** Why it ended so. */
  readonly reason: string;
  /** Absent where it ended before any. */
  readonly runId?: string;
  readonly version?: string;
  readonly snapshotDigest?: string;
}

/** A version as the registry has it. */
export interface RegisteredVersion {
  readonly version: string;
  readonly registeredAt: string;
  /** In the registry's own words, e.g. `Approved`. */
  readonly status: string;
  /** When it was last changed; absent if never. */
  readonly changedAt?: string;
  readonly changedBy?: string;
  /** What was said of it with its approval. */
  readonly words?: string;
  readonly runId?: string;
  readonly snapshotDigest?: string;
}

/** What people say of a version in its model card; what the card does not say is absent. */
export interface VersionCard {
  /** How far its review is, in the registry's own words, e.g. `PendingReview`. */
  readonly status?: string;
  readonly owner?: string;
  readonly purpose?: string;
  /** How much harm a wrong answer can do, e.g. `Medium`. */
  readonly riskRating?: string;
  readonly riskExplanation?: string;
  /** What it may be used for and what not. */
  readonly intendedUses?: string;
  /** Where it is known to be worse. */
  readonly limits?: string;
}

/** What a serving target says of itself. */
export interface ServingNow {
  /** In the target's own words, e.g. `InService`. */
  readonly status: string;
  /** Version that answers, if it is one that the platform made. */
  readonly version?: string;
  /** Why it is as it is, where the target says so. */
  readonly reason?: string;
  /** Whether the target could not be asked, so that all this says nothing against the ledger. */
  readonly unknown?: true;
}

/** How an alarm is. */
export interface AlarmState {
  readonly name: string;
  readonly state: string;
  /** When it came into this state, ISO 8601. */
  readonly since: string;
}

/** An alarm of a model. */
export interface AlarmNow extends AlarmState {
  readonly signal: string;
}

/** An execution of the release machine. */
export interface Execution {
  readonly status: string;
  readonly startedAt: string;
  readonly endedAt?: string;
  readonly input: Readonly<Record<string, unknown>>;
  /** What it ended with, when it succeeded. */
  readonly output?: Readonly<Record<string, unknown>>;
  /** Why it failed. */
  readonly error?: string;
  readonly cause?: string;
}

/** What the commands read of one event of an execution. */
export interface ExecutionEvent {
  readonly at: string;
  readonly kind: 'entered' | 'exited' | 'failed' | 'other';
  /** Name of the state, by `entered` and `exited`. */
  readonly state?: string;
  /** What the state ended with, by `exited`. */
  readonly output?: unknown;
  /** Why a try failed, by `failed`. */
  readonly problem?: string;
}

/** What a command comes to. */
export interface Report {
  /** For people. */
  readonly text: string;
  /** For programs. */
  readonly data: unknown;
  /** Whether what was asked for was done; what was only read always was. */
  readonly done: boolean;
}
