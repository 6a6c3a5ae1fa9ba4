import type { AlarmTransition } from '../../../lambda/reaction/alarm-message';
import { react } from '../../../lambda/reaction/react';
import { reconcile, type ReconcilerPorts } from '../../../lambda/release-reconciler/reconcile';
import type { ApprovedPackage, PackageEvent } from '../../../lambda/release-trigger/approval';
import { sweep, type SweepPorts } from '../../../lambda/reaction/sweep';
import { trigger, type TriggerPorts } from '../../../lambda/release-trigger/trigger';
import type { AnyServingSettings, AwakeHours } from '../../../lambda/shared/contracts';
import { KubernetesError, KubernetesUnreachableError } from '../../../lambda/shared/kubernetes-error';
import { collect, type CollectorPorts } from '../../../lambda/version-collector/collect';
import type { Execution } from '../../support/state-machine';
import { start } from '../release-step/support/machine';
import { EKS_SETTINGS, serveOnKubernetes, type KubernetesRoom } from '../release-step/support/kubernetes-world';
import { MODEL, SETTINGS, SHADOWED } from '../release-step/support/world';
import { AlarmRoom } from './alarm-room';
import { Crowd, type Turn } from './crowd';
import { KubernetesWatch } from './kubernetes-watch';
import { ModelWorld } from './model-world';
import { INTACT, type Mutant } from './mutant';
import { told, type Happening, type Simultaneous, type When } from './schedule';
import { nameOf } from './names';
import { reconcilerPorts } from './reconciler-ports';
import { Watch } from './watch';

const HOUR = 3600;
const DAY = 24 * HOUR;
const MAX_VERSIONS = 6;
const HOURS: AwakeHours = {
  days: ['MON', 'TUE', 'WED', 'THU', 'FRI'],
  from: '07:00',
  to: '20:00',
  timeZone: 'Europe/Berlin',
};

/** What the record of a release says of a version that may not serve for what it lost, or for what callers send. */
const VERDICTS = ['the artifact', 'the image', 'could not be watched', 'could not answer', 'was passed over'] as const;

/** An execution that lives. */
interface Running {
  readonly name: string;
  readonly execution: Execution;
}

/** An event on its way, which may be delivered more than once. */
interface Sent {
  readonly deliver: () => Promise<void>;
  delivered: boolean;
}

/** Lives through a schedule on the real cores: release machine and steps, reaction, approval trigger. */
export class Life {
  public readonly world: ModelWorld;
  public readonly watch: Watch;

  /** Where it serves, if that is Kubernetes. */
  private readonly room: KubernetesRoom | undefined;
  private readonly kubernetesWatch: KubernetesWatch;
  private readonly alarms: AlarmRoom;
  private readonly reconciler: ReconcilerPorts;
  /** The alarms as the reaction sees them. */
  private readonly swept: SweepPorts;
  private readonly sent: Sent[] = [];
  private running: Running[] = [];
  /** Those who act at the same time, while they do. */
  private crowd: Crowd | undefined;
  private asked = 0;
  private failIn = -1;
  private failWhen: When = 'before';
  private failStatus: number | undefined;

  constructor(
    private readonly mutant: Mutant = INTACT,
    target: AnyServingSettings['target'] = 'sagemaker',
  ) {
    this.world = new ModelWorld(mutant);
    this.watch = new Watch(this.world);
    this.kubernetesWatch = new KubernetesWatch(this.world, mutant, this.watch.broken);
    if (target === 'eks') {
      this.room = serveOnKubernetes(this.world, this.kubernetesWatch.options());
      this.kubernetesWatch.watch(this.room);
      this.watch.recorded = version => {
        this.kubernetesWatch.recorded(version);
      };
    }
    this.alarms = new AlarmRoom(this.world, (name, input) => {
      this.start(name, input);
    });
    this.reconciler = reconcilerPorts(
      this.world,
      (name, input) => {
        this.start(name, input);
      },
      () => {
        this.watch.driftTold();
      },
    );
    this.swept = mutant.reaction?.(this.alarms) ?? this.alarms;
    this.keepHours(false);
    for (const version of ['1', '2', '3']) this.world.register(version);
    this.world.error = name => (this.failIn-- === 0 ? { when: this.failWhen, error: this.errorOf(name) } : undefined);
  }

  /** Three versions have served, so that there is somewhere to go back to, twice. */
  public static async begin(mutant?: Mutant, target?: AnyServingSettings['target']): Promise<Life> {
    const life = new Life(mutant, target);
    for (const version of [1, 2, 3]) {
      await life.happen({ what: 'approve', version });
      await life.happen({ what: 'deliver', letter: 0, through: true });
      life.world.pass(DAY);
    }
    return life;
  }

  public async happen(event: Happening): Promise<void> {
    await this.act(event);
    if ('through' in event && event.through) await this.goOn(-1, 1000);
    this.watch.traffic();
  }

  /** All this happens at once, and whoever lives goes on meanwhile, to the end: one call to the outside each, as `turns` say. */
  public async atOnce(events: readonly Simultaneous[], turns: readonly Turn[]): Promise<void> {
    const crowd = new Crowd(this.world, this.watch, turns);
    this.crowd = crowd;
    for (const one of this.running) crowd.join(one.name, () => this.proceed(one));
    for (const event of events) crowd.join(told(event), () => this.act(event));
    await crowd.disperse();
    this.crowd = undefined;
  }

  /** Whoever lives comes to an end, what was sent arrives, the locks of the dead expire; then the reconciler looks. */
  public async settle(): Promise<void> {
    this.failIn = -1;
    // whatever kept pods from coming up has gone by
    for (const version of this.world.packages.keys()) this.room?.limit(version, undefined);
    for (const event of this.sent.filter(({ delivered }) => !delivered)) await event.deliver();
    while (this.running.length > 0) await this.goOn(0, 1000);
    this.world.pass(DAY);
    // a look that finds dead work has it finished, and the next one tells of what serves besides
    for (let looks = 0; looks < 2; looks += 1) {
      await this.reconcile();
      while (this.running.length > 0) await this.goOn(0, 1000);
    }
    await this.collect();
    this.watch.atTheEnd();
    this.kubernetesWatch.atTheEnd();
  }

  /** Whatever happened: a sound version can be released, and a bad one after it goes away by itself. */
  public async recovers(): Promise<void> {
    // longer than any cooldown or hold
    this.world.pass(10 * DAY);
    await this.release('42', this.world.features(this.world.state().current ?? ''));
    this.world.pass(10 * DAY);
    // so callers may send less since, than what the way back leads to needs
    await this.release('43', Math.max(1, this.world.features('42') - 1));
    this.alarms.set('quality', false);
    this.world.pass(HOUR);
    // its event is lost
    this.alarms.set('quality', true);
    this.world.pass(HOUR);
    await this.happen({ what: 'sweep', through: true });
    this.watch.rolledBack('43', '42');
  }

  /** What became of requests and alarms. */
  public came(): string[] {
    const { releases, holdings } = this.world;
    return [
      ...[...releases, ...holdings].map(({ action, outcome }) => `${action} ${outcome}`),
      ...releases.flatMap(({ detail }) => VERDICTS.filter(words => detail.includes(words))),
      ...this.alarms.records.map(({ decision }) => decision),
      ...this.kubernetesWatch.seen,
    ];
  }

  private async release(version: string, features: number): Promise<void> {
    this.world.register(version, 'sound', features);
    this.approve(version);
    await this.happen({ what: 'deliver', letter: 0, through: true });
    this.watch.serves(version);
  }

  private async act(event: Happening): Promise<void> {
    const { world } = this;
    switch (event.what) {
      case 'register':
        this.register(event);
        return;
      case 'lose':
        world.lose(this.known(event.version), event.thing);
        return;
      case 'approve':
        this.approve(this.known(event.version));
        return;
      case 'reject':
        world.setApproval(this.known(event.version), 'Rejected');
        return;
      case 'edit':
        this.edit(this.known(event.version));
        return;
      case 'ask for':
        this.ask({ version: String(event.version) });
        return;
      case 'return to':
        this.ask({ action: 'rollback', version: String(event.version) });
        return;
      case 'lift':
        this.ask({ action: 'lift-quarantine', version: this.quarantined() ?? String(event.version) });
        return;
      case 'hold':
        this.ask({ action: 'hold', until: new Date(world.now + event.hours * HOUR * 1000).toISOString() });
        return;
      case 'resume':
      case 'sleep':
      case 'wake':
        this.ask({ action: event.what });
        return;
      case 'hours':
        this.keepHours(event.kept);
        return;
      case 'reconcile':
        await this.reconcile();
        return;
      case 'alarm':
        this.send(this.alarms.set(event.signal, event.red));
        return;
      case 'sweep':
        await this.sweep();
        return;
      case 'deliver':
        await this.deliver(event.letter);
        return;
      case 'go on':
        await this.goOn(event.who, event.states);
        return;
      case 'die':
        this.running.splice(event.who, 1).forEach(({ name }) => {
          this.watch.died(name);
          this.crowd?.leave(name);
        });
        return;
      case 'deploy':
        this.deploy(event);
        return;
      case 'moved by hand':
        this.moveByHand(this.known(event.version));
        return;
      case 'time passes':
        world.pass(event.seconds);
        return;
      case 'call fails':
        this.failIn = event.inCalls;
        this.failWhen = event.when;
        this.failStatus = event.status;
        return;
      case 'pods':
        this.room?.limit(this.known(event.version), event.ready);
        return;
      case 'autoscale':
        this.room?.autoscale(this.known(event.version));
        return;
      case 'collect':
        await this.collect();
    }
  }

  /** The model's settings change; on Kubernetes by another variable of its pods, so that there too a version is made anew. */
  private deploy({ instanceType, shift, shadow }: Extract<Happening, { what: 'deploy' }>): void {
    if (this.room !== undefined) {
      const policy = { ...EKS_SETTINGS.shift, type: shift };
      const idle = this.world.settings?.idle;
      this.room.deploy({ ...EKS_SETTINGS, idle, environment: { KIND: instanceType }, shift: policy });
      return;
    }
    this.world.settings = {
      ...(shadow ? SHADOWED : SETTINGS),
      idle: this.world.settings?.idle,
      instanceType,
      shift: { ...SETTINGS.shift, type: shift },
    };
  }

  private keepHours(kept: boolean): void {
    const { settings } = this.world;
    if (settings === undefined) return;
    const changed = { ...settings, idle: kept ? { awake: HOURS } : {} };
    if (changed.target === 'eks') this.room?.deploy(changed);
    else this.world.settings = changed;
  }

  private register({ nature, features }: Extract<Happening, { what: 'register' }>): void {
    const newest = this.world.packages.size;
    if (newest >= MAX_VERSIONS) return;
    const change = features === undefined ? 0 : features === 'one more' ? 1 : -1;
    this.world.register(String(newest + 1), nature, Math.max(1, this.world.features(String(newest)) + change));
  }

  private known(version: number): string {
    return String(1 + ((version - 1) % this.world.packages.size));
  }

  /** By one who sees that no release is at work; SageMaker refuses it while anything changes. */
  private moveByHand(version: string): void {
    const { target, serving } = this.world;
    const { lockOwner = '', healthy } = this.world.state();
    const isAtWork = this.running.some(({ name }) => name === nameOf(lockOwner));
    if (isAtWork || serving.look().state !== 'serving' || !healthy.includes(version)) return;
    const isMoved = this.room?.moveByHand(version);
    if (isMoved === undefined) target.force({ state: 'serving', deployment: { id: `d-${version}`, version } });
    if (isMoved !== false) this.watch.movedByHand(version);
  }

  /** A look of the collector that fails comes again with the schedule. */
  private async collect(): Promise<void> {
    const { room, world } = this;
    if (room === undefined) return;
    const ports: CollectorPorts = {
      models: () => Promise.resolve([MODEL]),
      state: () => world.call('collector.state', () => world.state()),
      settings: () => Promise.resolve(world.settings),
      cluster: () => room.cluster.collector,
    };
    await collect(this.mutant.collector?.(ports) ?? ports).catch(() => undefined);
  }

  /** What a call that fails is answered with; what worked and is not heard of is a connection that was cut. */
  private errorOf(name: string): Error {
    if (!name.startsWith('cluster.')) return new Error(`${name} failed`);
    return this.failStatus === undefined || this.failWhen === 'after'
      ? new KubernetesUnreachableError(name, 'the API server', new Error('cut'))
      : new KubernetesError(name, this.failStatus, '{}');
  }

  private quarantined(): string | undefined {
    return [...this.world.versions.values()].find(record => record.status === 'quarantined')?.version;
  }

  private approve(version: string): void {
    this.world.setApproval(version, 'Approved');
    this.watch.approved(version);
    this.tellOfPackage(version, ['ModelApprovalStatus']);
  }

  /** An edit moves the package's time of change, and its event looks like an approval's but for the fields. */
  private edit(version: string): void {
    const packaged = this.world.packages.get(version);
    if (packaged === undefined) return;
    this.world.packages.set(version, { ...packaged, approvedAt: new Date(this.world.now).toISOString() });
    this.tellOfPackage(version, ['CustomerMetadataProperties']);
  }

  private tellOfPackage(version: string, fields: string[]): void {
    const time = new Date(this.world.now).toISOString();
    const event: PackageEvent = {
      time,
      detail: {
        ModelPackageGroupName: `mlops-local-${MODEL}`,
        ModelPackageVersion: Number(version),
        ModelPackageArn: version,
        ModelApprovalStatus: this.world.packages.get(version)?.approval,
        UpdatedModelPackageFields: fields,
        LastModifiedTime: time,
      },
    };
    const ports: TriggerPorts = {
      describe: (arn: string): Promise<ApprovedPackage> =>
        this.world.call('trigger.describe', () => ({ lastModifiedAt: this.world.packages.get(arn)?.approvedAt })),
      start: (name, input): Promise<void> =>
        this.world.call('trigger.start', () => {
          if (!this.start(name, input)) throw Object.assign(new Error(name), { name: 'ExecutionAlreadyExists' });
        }),
    };
    const changed = this.mutant.trigger?.(ports) ?? ports;
    this.post(async () => {
      this.watch.source = { id: `approval of version ${version} at ${time}`, at: Date.parse(time) };
      await trigger(event, 'local', changed);
    });
  }

  private send(transition: AlarmTransition | undefined): void {
    if (transition === undefined) return;
    this.post(async () => {
      this.watch.source = { id: transition.id, at: Date.parse(transition.at) };
      const record = await react(transition, this.swept);
      this.watch.reacted(transition, record, this.alarms.records);
    });
  }

  /** A look that fails comes again with the schedule. */
  private async reconcile(): Promise<void> {
    this.watch.source = undefined;
    await reconcile(this.reconciler).catch(() => undefined);
  }

  /** A sweep that fails comes again with the schedule. */
  private async sweep(): Promise<void> {
    this.watch.source = undefined;
    await sweep(this.swept);
  }

  private post(handle: () => Promise<void>): void {
    const event: Sent = {
      delivered: false,
      deliver: async () => {
        try {
          await handle();
          event.delivered = true;
        } catch {
          // the function failed: the event comes again
        }
      },
    };
    this.sent.push(event);
  }

  private async deliver(back: number): Promise<void> {
    await this.sent.at(-1 - (back % Math.max(1, this.sent.length)))?.deliver();
  }

  private ask(input: object): void {
    this.asked += 1;
    this.watch.source = undefined;
    this.start(`asked-${this.asked}`, { action: 'release', model: MODEL, requestedBy: 'ann', reason: 'why', ...input });
  }

  /** Starts an execution, unless there was one of its name; tells whether it did. */
  private start(name: string, input: object): boolean {
    if (!this.watch.started(name)) return false;
    const wait = (seconds: number): void => {
      if (this.crowd === undefined) this.world.pass(seconds);
      else this.crowd.sleep(seconds);
    };
    const one = { name, execution: start(this.world, name, input, wait) };
    this.running.push(one);
    this.crowd?.join(name, () => this.proceed(one));
    return true;
  }

  /** Lets an execution go on; -1 is the one that began last. */
  private async goOn(who: number, states: number): Promise<void> {
    const one = this.running.at(who < 0 ? who : who % Math.max(this.running.length, 1));
    if (one !== undefined) await this.proceed(one, states);
  }

  private async proceed(one: Running, states = Infinity): Promise<void> {
    const { name, execution } = one;
    for (let left = states; left > 0 && execution.status === 'RUNNING'; left--) {
      await execution.advance();
      this.watch.traffic();
    }
    if (execution.status === 'RUNNING') return;
    this.running = this.running.filter(other => other !== one);
    this.watch.ended(name, execution);
  }
}
