import type { AnyServingSettings, Baseline, ModelSchema } from '../shared/contracts';
import type { StoredImage } from '../shared/ecr-images';
import type { HoldRecord, HoldState, LedgerState, ReleaseRecord, VersionRecord, Waiting } from '../shared/ledger';
import type { Notification } from '../shared/notify';
import type { ServingTarget } from './serving-target';
import type { PairedAnswers, VariantLoad } from './shadow-verdict';

/** One atomic change of a model's ledger; refused as a whole when the state is no longer what the writer read. */
export interface LedgerChange {
  /** State as the writer read it: its generation, lock owner and lease must still be the same. */
  readonly expected: LedgerState;
  readonly state: LedgerState;
  readonly versions?: readonly VersionRecord[];
  /** Appended; none of them may exist. */
  readonly releases?: readonly ReleaseRecord[];
}

/** One atomic change of a model's hold; refused when somebody else changed it since the writer read it. */
export interface HoldChange {
  readonly expected: HoldState;
  readonly state: HoldState;
  /** Appended; it may not exist. */
  readonly record: HoldRecord;
}

/** The ledger as its one writer needs it. */
export interface LedgerPort {
  state(model: string): Promise<LedgerState>;
  version(model: string, version: string): Promise<VersionRecord | undefined>;
  release(model: string, startedAt: string, id: string): Promise<ReleaseRecord | undefined>;
  commit(change: LedgerChange): Promise<'committed' | 'refused'>;
  /** Appends the record of a release that never had the lock; again does nothing. */
  append(model: string, record: ReleaseRecord): Promise<void>;
  hold(model: string): Promise<HoldState>;
  holdings(model: string): Promise<HoldRecord[]>;
  commitHold(change: HoldChange): Promise<'committed' | 'refused'>;
  /** Who waits for the lock and cannot wait for a shadow's time; perhaps long ago. */
  waiting(model: string): Promise<Waiting | undefined>;
  /** Notes that an execution waits; another one's fresh note stays, since one does as well as two. */
  startWaiting(model: string, waiting: Waiting): Promise<void>;
  /** Takes the note back, if it is this execution's. */
  endWaiting(model: string, id: string): Promise<void>;
}

/** A time in which a version got copies of what another one answered. */
export interface ShadowedTime {
  /** Names the time for ever, so that what is asked twice is done once. */
  readonly id: string;
  readonly champion: string;
  readonly challenger: string;
  readonly since: Date;
  readonly until: Date;
}

/** What is known of a version that shadows and of the one that serves, by what both did with the same requests. */
export interface ComparisonsPort {
  /** Starts to pair the answers of both; again for the same time starts nothing more. Returns what to ask for. */
  startPairing(time: ShadowedTime, settings: AnyServingSettings): Promise<string>;
  /** The paired answers; nothing while they are being paired. */
  pairedAnswers(pairing: string): Promise<PairedAnswers | undefined>;
  /** Requests, failures and latency of both. */
  loads(time: ShadowedTime, settings: AnyServingSettings): Promise<{ champion: VariantLoad; challenger: VariantLoad }>;
}

/** A version as the registry describes it. */
export interface PackagedVersion {
  readonly model: string;
  readonly version: string;
  /** The registry's name for it, to show to people. */
  readonly arn: string;
  readonly approval: 'Approved' | 'Rejected' | 'PendingManualApproval';
  /** What the person who approved or rejected it wrote. */
  readonly approvalDescription?: string;
  /** When its approval was last changed, as far as the registry knows. */
  readonly approvedAt?: string;
  /** By its digest, where that was recorded when the version was registered: then its tag may mean another one by now. */
  readonly image: string;
  readonly artifactUri: string;
  /** Entity tag of the artifact when the version was registered. */
  readonly artifactEtag?: string;
  /** SHA-256 of the artifact when the version was registered, in lower-case hex. */
  readonly artifactSha256?: string;
  /** Environment of its container. */
  readonly environment: Readonly<Record<string, string>>;
  readonly baselineUri?: string;
}

/** The stored artifact of a version. */
export interface Artifact {
  readonly etag?: string;
}

/** The stored baseline of a version. */
export type StoredBaseline =
  | { readonly state: 'found'; readonly baseline: Baseline }
  /** It can be read by nobody, and why. */
  | { readonly state: 'lost'; readonly problem: string };

/** The registry of versions. */
export interface RegistryPort {
  describe(model: string, version: string): Promise<PackagedVersion | undefined>;
  artifact(uri: string): Promise<Artifact | undefined>;
  /** What the image's registry says of it. */
  image(uri: string): Promise<StoredImage>;
  baseline(uri: string): Promise<StoredBaseline>;
  reject(model: string, version: string, reason: string): Promise<void>;
}

/** A model's settings, as far as a release needs them. */
export interface SettingsPort {
  /** Nothing: this environment has no such model. */
  serving(model: string): Promise<AnyServingSettings | undefined>;
  /** Schema the model was declared with, for a version without a baseline. */
  schema(model: string): Promise<ModelSchema>;
  /** Seconds between two automatic rollbacks. */
  cooldownSeconds(model: string): Promise<number>;
}

/** Everything outside of the core. */
export interface ReleasePorts {
  readonly ledger: LedgerPort;
  readonly registry: RegistryPort;
  readonly settings: SettingsPort;
  readonly comparisons: ComparisonsPort;
  readonly notifier: { tell(notification: Notification): Promise<void> };
  readonly now: () => Date;
  /** The serving target that a model's settings name. */
  target(model: string, settings: AnyServingSettings): ServingTarget;
  /** Shortest wait between two looks at something that takes its time. */
  readonly pollSeconds: number;
  /** Environment whose models are released, as commands name it. */
  readonly environmentName: string;
}
