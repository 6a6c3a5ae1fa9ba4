import type { AnyServingSettings, ModelSchema, ServingSettings } from '../../../../lambda/shared/contracts';
import type { StoredImage } from '../../../../lambda/shared/ecr-images';
import type {
  HoldRecord,
  HoldState,
  LedgerState,
  ReleaseRecord,
  VersionRecord,
  Waiting,
} from '../../../../lambda/shared/ledger';
import { WAITING_MS } from '../../../../lambda/shared/ledger';
import type { Notification } from '../../../../lambda/shared/notify';
import type { StepInput } from '../../../../lambda/release-step/journal';
import type {
  Artifact,
  HoldChange,
  LedgerChange,
  PackagedVersion,
  ReleasePorts,
  StoredBaseline,
  ShadowedTime,
} from '../../../../lambda/release-step/ports';
import { TargetBusyError } from '../../../../lambda/release-step/errors';
import type { ShadowComparison } from '../../../../lambda/release-step/shadow-verdict';
import { Release } from '../../../../lambda/release-step/release';
import type {
  Deployment,
  Probe,
  Serving,
  ServingSince,
  ServingTarget,
  ShiftPolicy,
  Verification,
} from '../../../../lambda/release-step/serving-target';

export const MODEL = 'rain';
export const COOLDOWN_SECONDS = 6 * 3600;

export const SETTINGS: ServingSettings = {
  target: 'sagemaker',
  modelPackageGroupName: 'mlops-local-rain',
  endpointName: 'mlops-local-rain',
  roleArn: 'arn:aws:iam::000000000000:role/mlops/local/serving',
  instanceType: 'ml.m5.large',
  instanceCount: 1,
  inferenceLogStreamName: 'stream',
  shift: { type: 'CANARY', stepPercent: 10, waitSeconds: 300, terminationWaitSeconds: 0, maxExecutionSeconds: 3600 },
  guardrailAlarmNames: ['errors'],
};

/** The same, with a shadow of ten minutes first. */
export const SHADOWED: ServingSettings = {
  ...SETTINGS,
  shadow: {
    durationSeconds: 600,
    logDelaySeconds: 120,
    minRequests: 100,
    maxDisagreement: 0.05,
    maxErrorRate: 0.01,
    maxLatencyMilliseconds: 1000,
    database: 'mlops_local',
    inferenceLogTable: 'rain_inference_log',
    workgroup: 'mlops-local',
  },
};

/** What an agreeing challenger is seen to do. */
export const AGREEING: ShadowComparison = {
  compared: 812,
  disagreeing: 10,
  scoreDifference: 0.01,
  champion: { requests: 815, errors: 1, p99Milliseconds: 12 },
  challenger: { requests: 815, errors: 0, p99Milliseconds: 14 },
};

export const SCHEMA: ModelSchema = { features: [{ name: 'temp', type: 'double', nullable: false }], label: 'rain' };

/** What a version is like, once it meets traffic. */
export type Nature =
  /** Serves and answers. */
  | 'sound'
  /** Comes into service and answers wrongly. */
  | 'mute'
  /** Makes the target go back by itself while it bakes, or fail when it is the first. */
  | 'crashing';

/** Everything outside of the core in memory, with a clock, faults, and a look at every act. */
export class World {
  public now = Date.parse('2026-11-24T00:00:00.000Z');
  public readonly natures = new Map<string, Nature>();
  public readonly packages = new Map<string, PackagedVersion>();
  public readonly artifacts = new Map<string, Artifact>();
  public readonly images = new Map<string, StoredImage>();
  public readonly schemas = new Map<string, ModelSchema>();
  public readonly states = new Map<string, LedgerState>();
  public readonly versions = new Map<string, VersionRecord>();
  public readonly releases: ReleaseRecord[] = [];
  public readonly holds = new Map<string, HoldState>();
  public readonly holdings: HoldRecord[] = [];
  public waiting: Waiting | undefined;
  /** What both versions did while one shadowed the other. */
  public comparison: ShadowComparison = AGREEING;
  /** Times that were compared. */
  public readonly pairings: ShadowedTime[] = [];
  public readonly notifications: Notification[] = [];
  public readonly shifts: { deployment: Deployment; policy: ShiftPolicy }[] = [];
  public readonly probes: Probe[] = [];
  public readonly target = new FakeTarget(this);
  /** What the model's versions serve on: an endpoint, unless a test says otherwise. */
  public serving: WatchedTarget = this.target;
  public settings: AnyServingSettings | undefined = SETTINGS;
  /** Of the execution whose step runs. */
  public actor = '';
  /** Asked before each call to the outside, which may have to wait for others. */
  public turn: (call: string) => Promise<void> | undefined = () => undefined;
  /** Decides for each call to the outside whether it fails, and whether after it has worked. */
  public fault: (call: string) => 'before' | 'after' | undefined = () => undefined;
  /** Like it, with an error of one's own. */
  public error: (call: string) => { readonly when: 'before' | 'after'; readonly error: Error } | undefined = () =>
    undefined;
  /** Looks at each act on the outside, after it. */
  public watch: (act: string, version?: string) => void = () => undefined;
  /** Looks at each commit, before and after. */
  public watchCommit: (change: LedgerChange, before: LedgerState) => void = () => undefined;

  private readonly release: Release;

  /** `changed` stands between the core and its ports, e.g. to break a guard. */
  constructor(changed: (ports: ReleasePorts, world: World) => ReleasePorts = ports => ports) {
    this.release = new Release(changed(this.ports(), this));
  }

  /** Runs one step, as the function would. */
  public async step(input: unknown): Promise<unknown> {
    const { execution } = input as StepInput;
    this.actor = execution;
    return this.release.run(input as StepInput);
  }

  public pass(seconds: number): void {
    this.now += seconds * 1000;
  }

  /** Registers a version, pending. */
  public register(version: string, nature: Nature = 'sound'): void {
    const artifactUri = `s3://artifacts/${version}`;
    this.natures.set(version, nature);
    this.artifacts.set(artifactUri, { etag: `"${version}"` });
    this.packages.set(version, {
      model: MODEL,
      version,
      arn: `arn:package/${version}`,
      approval: 'PendingManualApproval',
      image: 'image',
      artifactUri,
      artifactEtag: version,
      environment: {},
    });
  }

  public setImage(version: string, image: string): void {
    const packaged = this.packages.get(version);
    if (packaged === undefined) throw new Error(`version ${version} is not registered`);
    this.packages.set(version, { ...packaged, image });
  }

  /** Says what its requests look like; those of the other versions are not known. */
  public giveSchema(version: string, schema: ModelSchema): void {
    const packaged = this.packages.get(version);
    if (packaged === undefined) throw new Error(`version ${version} is not registered`);
    const baselineUri = `s3://baselines/${version}`;
    this.packages.set(version, { ...packaged, baselineUri });
    this.schemas.set(baselineUri, schema);
  }

  public setApproval(version: string, approval: PackagedVersion['approval'], approvalDescription?: string): void {
    const packaged = this.packages.get(version);
    if (packaged === undefined) throw new Error(`version ${version} is not registered`);
    const approvedAt = new Date(this.now).toISOString();
    this.packages.set(version, { ...packaged, approval, approvedAt, approvalDescription });
  }

  public state(): LedgerState {
    return this.states.get(MODEL) ?? { model: MODEL, healthy: [], generation: 0 };
  }

  /** Does a call to the outside, or fails it. */
  public async call<T>(name: string, act: () => T): Promise<T> {
    await this.turn(name);
    const fault = this.fault(name);
    if (fault === 'before') throw new Error(`${name} failed`);
    const own = this.error(name);
    if (own?.when === 'before') throw own.error;
    const answer = await Promise.resolve(act());
    if (own?.when === 'after') throw own.error;
    if (fault === 'after') throw new Error(`${name} timed out after it had worked`);
    return answer;
  }

  private ports(): ReleasePorts {
    return {
      ledger: {
        state: model =>
          this.call('ledger.state', () => copy(this.states.get(model) ?? { model, healthy: [], generation: 0 })),
        version: (_model, version) => this.call('ledger.version', () => copy(this.versions.get(version))),
        release: (_model, startedAt, id) =>
          this.call('ledger.release', () =>
            copy(this.releases.find(record => record.id === id && record.startedAt === startedAt)),
          ),
        commit: change => this.call('ledger.commit', () => this.commit(change)),
        append: (_model, record) =>
          this.call('ledger.append', () => {
            const known = this.releases.some(other => other.id === record.id && other.startedAt === record.startedAt);
            if (!known) this.releases.push(copy(record));
          }),
        hold: model => this.call('ledger.hold', () => copy(this.holds.get(model) ?? { model, generation: 0 })),
        holdings: () => this.call('ledger.holdings', () => copy(this.holdings)),
        commitHold: change => this.call('ledger.commitHold', () => this.commitHold(change)),
        waiting: () => this.call('ledger.waiting', () => copy(this.waiting)),
        startWaiting: (_model, waiting) => this.call('ledger.startWaiting', () => this.startWaiting(waiting)),
        endWaiting: (_model, id) =>
          this.call('ledger.endWaiting', () => {
            if (this.waiting?.id === id) this.waiting = undefined;
          }),
      },
      comparisons: {
        startPairing: time =>
          this.call('comparisons.startPairing', () => {
            if (!this.pairings.some(({ id }) => id === time.id)) this.pairings.push(time);
            return time.id;
          }),
        pairedAnswers: () => this.call('comparisons.pairedAnswers', () => copy(this.comparison)),
        loads: () => this.call('comparisons.loads', () => copy(this.comparison)),
      },
      registry: {
        describe: (_model, version) => this.call('registry.describe', () => copy(this.packages.get(version))),
        artifact: uri => this.call('registry.artifact', () => copy(this.artifacts.get(uri))),
        image: uri => this.call('registry.image', () => this.images.get(uri) ?? { state: 'gone' }),
        baseline: uri => this.call('registry.baseline', () => this.baseline(uri)),
        reject: (_model, version, reason) =>
          this.call('registry.reject', () => {
            this.setApproval(version, 'Rejected', reason);
            this.watch('reject', version);
          }),
      },
      settings: {
        serving: model => Promise.resolve(model === MODEL ? this.settings : undefined),
        schema: () => Promise.resolve(SCHEMA),
        cooldownSeconds: () => Promise.resolve(COOLDOWN_SECONDS),
      },
      notifier: {
        tell: notification =>
          this.call('notifier.tell', () => {
            this.notifications.push(notification);
          }),
      },
      now: () => new Date(this.now),
      target: () => this.serving,
      pollSeconds: 5,
      environmentName: 'prod',
    };
  }

  private baseline(uri: string): StoredBaseline {
    const schema = this.schemas.get(uri);
    if (schema === undefined) return { state: 'lost', problem: `its baseline '${uri}' is gone` };
    const auc = { auc: 0.8, rows: 100 };
    const counted = { edgesId: 'edges', rows: 100, features: {}, prediction: { counts: [] } };
    return { state: 'found', baseline: { ...counted, quality: auc, schema } };
  }

  private startWaiting(waiting: Waiting): void {
    const { id, at } = this.waiting ?? waiting;
    if (id === waiting.id || Date.parse(waiting.at) - Date.parse(at) >= WAITING_MS) this.waiting = copy(waiting);
  }

  private commitHold({ expected, state, record }: HoldChange): 'committed' | 'refused' {
    if ((this.holds.get(state.model)?.generation ?? 0) !== expected.generation) return 'refused';
    this.holds.set(state.model, copy(state));
    this.holdings.push(copy(record));
    return 'committed';
  }

  private commit(change: LedgerChange): 'committed' | 'refused' {
    const before = this.states.get(change.state.model) ?? {
      model: change.state.model,
      healthy: [],
      generation: 0,
    };
    const { expected } = change;
    const same =
      before.generation === expected.generation &&
      before.lockOwner === expected.lockOwner &&
      before.lockExpiresAt === expected.lockExpiresAt;
    const duplicate = change.releases?.some(record =>
      this.releases.some(other => other.id === record.id && other.startedAt === record.startedAt),
    );
    if (!same || duplicate === true) return 'refused';
    this.watchCommit(change, before);
    this.states.set(change.state.model, copy(change.state));
    for (const record of change.versions ?? []) this.versions.set(record.version, copy(record));
    this.releases.push(...copy([...(change.releases ?? [])]));
    return 'committed';
  }
}

/** A serving target that a test may look at. */
export interface WatchedTarget extends ServingTarget {
  /** What serves now; nobody asks for it. */
  look(): Serving;
}

/** An endpoint as SageMaker behaves: it moves for a while, cannot be stopped, and goes back by itself. */
export class FakeTarget implements WatchedTarget {
  /** Seconds that a movement takes. */
  public movementSeconds = 120;
  /** Each time that what serves was tended. */
  public readonly tended: ServingSince[] = [];

  private readonly made = new Map<string, Deployment>();
  private endpoint: Serving = { state: 'absent' };
  private comingShadow: Deployment | undefined;
  private until = 0;

  constructor(private readonly world: World) {}

  public prepare(version: PackagedVersion): Promise<Deployment> {
    return this.world.call('target.prepare', () => {
      // as SageMaker's: what is made with other settings has another name
      const { settings } = this.world;
      const made = settings?.target === 'sagemaker' ? settings.instanceType : '';
      const suffix = made === SETTINGS.instanceType ? '' : `-${made}`;
      const deployment = { id: `d-${version.version}${suffix}`, version: version.version };
      this.made.set(deployment.id, deployment);
      this.world.watch('prepare', version.version);
      return deployment;
    });
  }

  public shadow(deployment: Deployment): Promise<void> {
    return this.world.call('target.shadow', () => {
      const serving = this.look();
      if (serving.state !== 'serving') throw new Error(`cannot shadow while ${serving.state}`);
      if (!this.made.has(deployment.id)) throw new Error(`could not find '${deployment.id}'`);
      this.move({ state: 'moving', deployment: serving.deployment, towards: serving.deployment }, deployment);
      this.world.watch('shadow', deployment.version);
    });
  }

  public shift(deployment: Deployment, policy: ShiftPolicy): Promise<void> {
    return this.world.call('target.shift', () => {
      const serving = this.look();
      if (serving.state === 'moving' || serving.state === 'broken')
        throw new Error(`cannot shift while ${serving.state}`);
      if (!this.made.has(deployment.id)) throw new Error(`could not find '${deployment.id}'`);
      if (serving.shadow !== undefined && policy.back !== true) {
        // a guarded movement wants the same on both sides, so the shadow goes first
        this.move({ state: 'moving', deployment: serving.deployment, towards: serving.deployment });
        throw new TargetBusyError('busy with a change of its variants');
      }
      this.world.shifts.push({ deployment, policy });
      this.move({ state: 'moving', deployment: serving.deployment, towards: deployment });
      this.world.watch('shift', deployment.version);
    });
  }

  public verify(deployment: Deployment, probe: Probe): Promise<Verification> {
    return this.world.call('target.verify', () => {
      this.world.probes.push(probe);
      const verified = this.world.natures.get(deployment.version) === 'sound';
      return { verified, detail: verified ? 'it answered' : 'it answered wrongly' };
    });
  }

  public current(): Promise<Serving> {
    return this.world.call('target.current', () => this.look());
  }

  public prepared(): Promise<Deployment[]> {
    return this.world.call('target.prepared', () => [...this.made.values()]);
  }

  public tidy(): Promise<void> {
    return this.world.call('target.tidy', () => {
      const { state, deployment, shadow } = this.look();
      if (state === 'serving' && shadow !== undefined) this.move({ state: 'moving', deployment, towards: deployment });
    });
  }

  public tend(since: ServingSince): Promise<void> {
    return this.world.call('target.tend', () => {
      this.tended.push(since);
    });
  }

  public retire(deployment: Deployment): Promise<void> {
    return this.world.call('target.retire', () => {
      this.world.watch('retire', deployment.version);
      this.made.delete(deployment.id);
    });
  }

  public rest(): Promise<void> {
    return this.world.call('target.rest', () => {
      const serving = this.look();
      if (serving.state === 'moving') throw new TargetBusyError('busy');
      this.world.watch('rest', serving.deployment?.version);
      // as an endpoint that is deleted: it answers nobody any more, and is there for a while
      if (serving.state !== 'absent') this.move({ state: 'moving' });
    });
  }

  public withdraw(): Promise<void> {
    return this.world.call('target.withdraw', () => {
      this.world.watch('withdraw', this.look().deployment?.version);
      this.endpoint = { state: 'absent' };
    });
  }

  /** What is there now; a movement ends when its time has come. */
  public look(): Serving {
    const { state, deployment, towards } = this.endpoint;
    if (state === 'moving' && deployment === undefined && towards === undefined && this.world.now >= this.until) {
      this.endpoint = { state: 'absent' };
    }
    if (state === 'moving' && towards !== undefined && this.world.now >= this.until) {
      const crashes = this.world.natures.get((this.comingShadow ?? towards).version) === 'crashing';
      if (!crashes) {
        const shadow = this.comingShadow === undefined ? {} : { shadow: this.comingShadow };
        this.endpoint = { state: 'serving', deployment: towards, ...shadow };
      } else if (deployment === undefined) this.endpoint = { state: 'broken', reason: 'the container did not start' };
      else this.endpoint = { state: 'serving', deployment, reason: 'alarm errors went off' };
    }
    return this.endpoint;
  }

  private move(endpoint: Serving, comingShadow?: Deployment): void {
    this.endpoint = endpoint;
    this.comingShadow = comingShadow;
    this.until = this.world.now + this.movementSeconds * 1000;
  }

  public has(version: string): boolean {
    return this.made.has(`d-${version}`);
  }

  /** Somebody else moves the endpoint. */
  public force(endpoint: Serving): void {
    this.endpoint = endpoint;
  }
}

function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}
