import type { Baseline, ModelSchema, ServingSettings } from '../shared/contracts';
import type { HoldRecord, HoldState, LedgerState, ReleaseRecord, VersionRecord } from '../shared/ledger';
import type { StoredImage } from '../shared/ecr-images';
import type { Notification } from '../shared/notify';
import type { ServingTarget } from './serving-target';

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
  readonly image: string;
  /** Digest of the image when the version was registered. */
  readonly imageDigest?: string;
  readonly artifactUri: string;
  /** Entity tag of the artifact when the version was registered. */
  readonly artifactEtag?: string;
  /** Environment of its container. */
  readonly environment: Readonly<Record<string, string>>;
  readonly baselineUri?: string;
}

/** The stored artifact of a version. */
export interface Artifact {
  readonly etag?: string;
}

/** The registry of versions. */
export interface RegistryPort {
  describe(model: string, version: string): Promise<PackagedVersion | undefined>;
  artifact(uri: string): Promise<Artifact | undefined>;
  /** What the image's registry says of it. */
  image(uri: string): Promise<StoredImage>;
  baseline(uri: string): Promise<Baseline>;
  reject(model: string, version: string, reason: string): Promise<void>;
}

/** A model's settings, as far as a release needs them. */
export interface SettingsPort {
  /** Nothing: this environment has no such model. */
  serving(model: string): Promise<ServingSettings | undefined>;
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
  readonly notifier: { tell(notification: Notification): Promise<void> };
  readonly now: () => Date;
  /** The serving target that a model's settings name. */
  target(model: string, settings: ServingSettings): ServingTarget;
  /** Shortest wait between two looks at something that takes its time. */
  readonly pollSeconds: number;
  /** Environment whose models are released, as commands name it. */
  readonly environmentName: string;
}
