import type { AlarmTransition } from '../../../lambda/reaction/alarm-message';
import type { StepInput, StepResult } from '../../../lambda/release-step/journal';
import type { LedgerChange } from '../../../lambda/release-step/ports';
import type { VersionRequest } from '../../../lambda/shared/contracts';
import {
  activeWaiting,
  type LedgerState,
  type ReactionRecord,
  type ReleaseRecord,
} from '../../../lambda/shared/ledger';
import type { Execution } from '../../support/state-machine';
import { COOLDOWN_SECONDS, MODEL } from '../release-step/support/world';
import { Judgements } from './judgements';
import type { ModelWorld, Sight } from './model-world';
import { nameOf } from './names';

/** Keeps an eye on what always holds; the numbers are those of `What always holds` in the design. */
export class Watch {
  /** What was broken, in words. */
  public readonly broken: string[] = [];
  /** The event whose delivery is handled, and when it was sent; none when a person asks. */
  public source: { readonly id: string; readonly at: number } | undefined;

  /** Looks at each version that is recorded as serving. */
  public recorded: (version: string) => void = () => undefined;

  private readonly hadLock = new Set<string>();
  private readonly dead: string[] = [];
  private readonly names = new Set<string>();
  private readonly bySource = new Map<string, string>();
  /** When the approvals were given that started these executions. */
  private readonly approvedAt = new Map<string, number>();
  /** The version from which a rollback has moved traffic away, until it is known to be bad or serves again. */
  private left: string | undefined;
  /** The version to which somebody moved the endpoint past the releases, as long as none has moved it since. */
  private byHand: string | undefined;
  /** What somebody had moved there before a release moved traffic on: a target that goes back by itself goes back to it. */
  private movedOn: string | undefined;
  /** What a person was told to serve past the releases, by the ledger's generation; the alarm tells when it comes again. */
  private readonly driftsTold = new Set<string>();
  /** Whether nothing answers on purpose, or not again yet. */
  private isDown = false;
  /** Executions that moved traffic. */
  private readonly movers = new Set<string>();
  /** Executions of events that took the lock under a hold, with its generation. */
  private readonly stopped = new Map<string, number>();
  /** Versions that were approved when the lock was taken, or since. */
  private mayServe = new Set<string>();
  private readonly judgements: Judgements;

  constructor(private readonly world: ModelWorld) {
    this.judgements = new Judgements(world, this.broken);
    world.watch = (act, version) => {
      this.act(act, version);
    };
    world.stepped = (input, result, before) => {
      this.stepped(input, result, before);
      this.judgements.stepped(input, result, before);
    };
    world.watchCommit = (change, before) => {
      this.commit(change, before);
    };
  }

  public approved(version: string): void {
    this.mayServe.add(version);
  }

  /** Somebody moves the endpoint; where a release that died or failed has moved it too, nobody can tell the two apart. */
  public movedByHand(version: string): void {
    const { current, movedTo = [] } = this.world.state();
    this.byHand = version === current || movedTo.includes(version) ? undefined : version;
    this.movedOn = undefined;
    this.left = undefined;
  }

  public driftTold(): void {
    this.driftsTold.add(this.drift(this.world.serving.look().deployment?.version));
  }

  /** 5: one event starts one execution, however often it comes. Tells whether the name is new. */
  public started(name: string): boolean {
    if (this.names.has(name)) return false;
    this.names.add(name);
    if (this.source === undefined) return true;
    const { id, at } = this.source;
    const before = this.bySource.get(id);
    if (before !== undefined) this.broken.push(`5: '${id}' started '${before}' and '${name}'`);
    this.bySource.set(id, name);
    this.approvedAt.set(name, at);
    return true;
  }

  /** 8: every decision leaves a record with its reason, and only one. */
  public reacted(
    transition: AlarmTransition,
    record: ReactionRecord | undefined,
    all: readonly ReactionRecord[],
  ): void {
    if (transition.state === 'ALARM' && (record?.reason ?? '').length < 10) {
      this.broken.push(`8: nothing was decided upon '${transition.id}'`);
    }
    const decisions = all.filter(({ id }) => id === transition.id);
    if (decisions.length > 1) this.broken.push(`8: '${transition.id}' was decided upon ${decisions.length} times`);
  }

  /** 8: every release that ends leaves one record, and a person is told. */
  public ended(name: string, { error }: Execution): void {
    if (error?.startsWith('Unexpected') === true) this.broken.push(`the machine came to ${error}`);
    this.recordedOnce(name);
    const record = this.world.releases.find(({ id }) => id === name);
    if (record?.outcome === 'refused' && this.movers.has(name) && !record.detail.includes('moved back')) {
      this.broken.push(`8: '${name}' moved traffic, and its record says only that it was refused: ${record.detail}`);
    }
    // a letter each evening is read by nobody
    const isRoutine = record?.outcome === 'succeeded' && record.requestedBy === 'schedule:idle';
    if (!this.world.told.has(name) && !isRoutine) this.broken.push(`8: nobody was told of the end of '${name}'`);
  }

  /** Nobody hears of it again, but of the lock that it holds. */
  public died(name: string): void {
    if (this.hadLock.has(name)) this.dead.push(name);
  }

  /** 6: once a version was recorded, something that works always answers. */
  public traffic(): void {
    if (this.world.state().current === undefined) return;
    const { state, deployment } = this.world.serving.look();
    if (state === 'serving') this.isDown = false;
    if (this.isDown) return;
    if (state === 'serving' && deployment?.version === this.left) this.left = undefined;
    if (state === 'absent' || state === 'broken' || deployment === undefined) {
      this.broken.push(`6: traffic is without a version: ${state}`);
    }
  }

  /** 6: what a crash left is finished or undone. */
  public atTheEnd(): void {
    this.traffic();
    const { current, lockOwner, asleep } = this.world.state();
    const serving = this.world.serving.look();
    const holdings = this.world.holdings.map(({ generation }) => generation);
    if (holdings.some((generation, index) => generation !== index + 1)) {
      this.broken.push(`2: the hold was changed over somebody else's word: ${holdings.join(', ')}`);
    }
    this.dead.forEach(name => {
      this.recordedOnce(name);
    });
    if (serving.shadow !== undefined) this.broken.push(`6: version ${serving.shadow.version} shadows for nobody`);
    if (lockOwner !== undefined) this.broken.push(`6: the lock is still held by ${lockOwner}`);
    if (current === undefined) return;
    if (asleep !== undefined) {
      if (serving.state !== 'absent')
        this.broken.push(`sleep: ${current} should sleep, but the target is ${JSON.stringify(serving)}`);
      return;
    }
    const byHand = this.byHand ?? (serving.deployment?.version === this.movedOn ? this.movedOn : undefined);
    if (byHand !== undefined && byHand !== current) {
      if (!this.driftsTold.has(this.drift(byHand)))
        this.broken.push(`hand: nobody was told that version ${byHand} serves`);
    } else if (serving.state !== 'serving' || serving.deployment?.version !== current) {
      this.broken.push(`6: the ledger says ${current}, but the target is ${JSON.stringify(serving)}`);
    }
    if (this.world.natures.get(current) !== 'sound') this.broken.push(`6: version ${current} serves, and is not sound`);
  }

  private drift(version: string | undefined): string {
    return `${this.world.state().generation} ${version ?? ''}`;
  }

  private recordedOnce(name: string): void {
    const { releases, holdings } = this.world;
    const records = [...releases, ...holdings].filter(({ id }) => id === name);
    if (records.length !== 1) this.broken.push(`8: '${name}' left ${records.length} records`);
  }

  public serves(version: string): void {
    const { current } = this.world.state();
    if (current !== version) {
      const newest = this.world.releases.at(-1);
      this.broken.push(`liveness: version ${version} could not be released: ${newest?.detail ?? 'no record'}`);
    }
  }

  public rolledBack(from: string, to: string): void {
    const { current } = this.world.state();
    const [status, approval] = [this.world.versions.get(from)?.status, this.world.packages.get(from)?.approval];
    if (current !== to || status !== 'quarantined' || approval !== 'Rejected') {
      const newest = this.world.releases.at(-1);
      this.broken.push(
        `liveness: the bad version ${from} (${status ?? 'unknown'}, ${approval ?? 'unregistered'}) did not go away: version ${current ?? '(none)'} serves; ${newest?.detail ?? ''}`,
      );
    }
  }

  /** A hold stops what no person stands behind just now: alarms and events of approvals. */
  private stepped(input: StepInput, { kind }: StepResult, { hold: held }: Sight): void {
    const { step, request } = input;
    this.givesWay(input, kind);
    const hold = held?.hold;
    if (step !== 'eligible' || kind !== 'eligible' || hold === undefined) return;
    // set or ended while the step ran: either may count
    if (held?.generation !== this.world.holds.get(MODEL)?.generation) return;
    const { requestedBy } = request as VersionRequest;
    if (isByItself(request as VersionRequest) && Date.parse(hold.until) > this.world.now)
      this.broken.push(`hold: '${requestedBy}' went past it`);
  }

  /** A shadow moves nothing, so no rollback waits for it. */
  private givesWay({ execution }: StepInput, kind: StepResult['kind']): void {
    const waiting = activeWaiting(this.world.waiting, new Date(this.world.now));
    if (kind === 'shadowing' && waiting !== undefined) {
      this.broken.push(`way: '${nameOf(execution)}' shadows on while '${waiting.id}' waits`);
    }
  }

  /** 1 and 2: whoever acts holds the lock; what moves was approved and is not quarantined, or serves already. */
  private act(act: string, version: string | undefined): void {
    const { world } = this;
    const { lockOwner, current, asleep } = world.state();
    const step = world.input?.step;
    if (lockOwner !== world.actor) {
      this.broken.push(`2: ${act} by ${world.actor}, but the lock is ${lockOwner ?? 'free'}`);
    }
    // on Kubernetes the undo of a release that found it asleep withdraws as well
    const isRest = step === 'sleep' || asleep !== undefined;
    if (act === 'rest' || (act === 'withdraw' && isRest)) this.rested();
    if (version === undefined) return;
    if (act === 'retire' && step !== 'sleep') this.retire(version);
    if (act === 'shift') this.shifted(version, current);
    if (!['shift', 'shadow'].includes(act) || version === current) return;
    // a movement that gives up goes back to what somebody had moved there
    if (step === 'settle' && version === this.movedOn) return;
    this.judgements.moved(version);
    if (!this.mayServe.has(version)) this.broken.push(`1: ${act} of version ${version}, which was not approved`);
    if (world.versions.get(version)?.status === 'quarantined') {
      this.broken.push(`1: ${act} of version ${version}, which was quarantined`);
    }
  }

  /** A rollback moves traffic; an undo is told by where it goes. */
  private shifted(version: string, current: string | undefined): void {
    const { request, journal, step } = this.world.input ?? {};
    const mover = nameOf(this.world.actor);
    // the end of a shadow is an update too, and moves no traffic
    if (this.world.serving.look().deployment?.version !== version) this.movers.add(mover);
    if (step === 'undo' && this.byHand !== undefined) {
      this.broken.push(`hand: '${mover}' moved back what somebody had moved to version ${this.byHand}`);
    }
    const hold = this.world.holds.get(MODEL);
    const isHeld = hold?.hold !== undefined && Date.parse(hold.hold.until) > this.world.now;
    if (isHeld && this.stopped.get(mover) === hold.generation)
      this.broken.push(`hold: '${mover}' moved traffic, by an event`);
    if (this.byHand !== undefined) {
      this.movedOn = this.byHand;
      this.byHand = undefined;
    }
    const { action } = journal?.takenOver?.request ?? (request as VersionRequest);
    if (action === 'rollback' && version !== current) this.left = current;
  }

  /** What is up is taken down on somebody's word alone; what slept, as it was before. */
  private rested(): void {
    const { underway, asleep } = this.world.state();
    if (underway?.action !== 'sleep' && asleep === undefined)
      this.broken.push(`sleep: ${String(underway?.action)} took down what serves`);
    this.isDown = true;
  }

  /** 6: neither what serves is taken away nor what a rollback would go to. */
  private retire(version: string): void {
    const { world } = this;
    const { current, healthy } = world.state();
    if (world.serving.look().deployment?.version === version && version !== current) {
      this.broken.push(`6: version ${version} was retired while it served`);
    }
    if (version !== current && version === healthy.find(other => other !== current)) {
      this.broken.push(`6: version ${version}, the one to go back to, was retired`);
    }
  }

  private commit(change: LedgerChange, before: LedgerState): void {
    const { state } = change;
    if (state.generation < before.generation || state.generation > before.generation + 1) {
      this.broken.push(`2: generation went from ${before.generation} to ${state.generation}`);
    }
    const taken = state.lockOwner !== before.lockOwner && state.lockOwner !== undefined;
    if (taken) this.taken(state, before);
    else if (before.lockOwner !== this.world.actor) {
      this.broken.push(`2: ${this.world.actor} wrote, but the lock is ${before.lockOwner ?? 'free'}`);
    }
    this.gone(change, before);
    for (const record of change.releases ?? []) {
      if (record.outcome === 'succeeded') this.succeeded(record, before);
    }
  }

  /** 6: a rollback that has moved traffic leaves a quarantine, whoever finishes it. */
  private gone({ state, versions = [] }: LedgerChange, { current }: LedgerState): void {
    if (this.left === undefined || state.current === current) return;
    const quarantined = versions.some(({ version, status }) => version === this.left && status === 'quarantined');
    if (!quarantined)
      this.broken.push(`6: traffic was rolled back from version ${this.left}, and no quarantine says so`);
    this.left = undefined;
  }

  private taken(state: LedgerState, before: LedgerState): void {
    const { now, packages } = this.world;
    const taker = nameOf(state.lockOwner ?? '');
    this.hadLock.add(taker);
    const hold = this.world.holds.get(MODEL);
    const isHeld = hold?.hold !== undefined && Date.parse(hold.hold.until) > now;
    if (isHeld && isByItself(this.world.input?.request as VersionRequest)) this.stopped.set(taker, hold.generation);
    if (state.generation !== before.generation + 1) this.broken.push('2: the lock was taken without a new generation');
    if (before.lockOwner !== undefined && Date.parse(before.lockExpiresAt ?? '') > now) {
      this.broken.push(`2: the lock was taken from ${before.lockOwner} before it expired`);
    }
    const approved = [...packages.values()].filter(({ approval }) => approval === 'Approved');
    this.mayServe = new Set(approved.map(({ version }) => version));
  }

  private succeeded(record: ReleaseRecord, before: LedgerState): void {
    const { world } = this;
    const automatic = record.requestedBy.startsWith('alarm:');
    if (record.action === 'rollback') {
      const status = world.versions.get(record.version)?.status ?? 'unknown';
      if (status !== 'healthy') this.broken.push(`3: rolled back to version ${record.version}, which is ${status}`);
      const last = before.lastAutomaticRollbackAt;
      if (automatic && last !== undefined && Date.parse(last) + COOLDOWN_SECONDS * 1000 > world.now) {
        this.broken.push(`4: second automatic rollback within the cooldown that began at ${last}`);
      }
    }
    if (['release', 'rollback', 'wake'].includes(record.action)) this.proven(record);
    if (record.action === 'wake' && record.version !== before.current)
      this.broken.push(`sleep: version ${record.version} woke, but ${before.current ?? 'none'} is released`);
    if (record.action === 'release' && record.id.startsWith('approval-')) this.inOrder(record, before);
  }

  /** 6: what is recorded as serving does serve, and answers. */
  private proven({ version }: ReleaseRecord): void {
    this.recorded(version);
    const { state, deployment } = this.world.serving.look();
    if (state !== 'serving' || deployment?.version !== version || this.world.natures.get(version) !== 'sound') {
      this.broken.push(
        `6: version ${version} is recorded as serving, but ${state} is ${deployment?.version ?? 'none'}`,
      );
    }
  }

  /** 5: an approval that comes late does not displace one that was given after it. */
  private inOrder(record: ReleaseRecord, { current }: LedgerState): void {
    if (current === undefined || current === record.version) return;
    const activation = this.world.releases.filter(one => one.outcome === 'succeeded' && one.version === current).at(-1);
    if (activation?.id.startsWith('approval-') !== true) return;
    const [mine, theirs] = [this.approvedAt.get(record.id) ?? 0, this.approvedAt.get(activation.id) ?? 0];
    if (mine < theirs)
      this.broken.push(`5: version ${record.version} displaced ${current}, which was approved after it`);
  }
}

/** Whether an event asks, and nobody stands behind it just now. */
function isByItself({ requestedBy, evidence }: VersionRequest): boolean {
  return requestedBy.startsWith('alarm:') || evidence?.approvedAt !== undefined;
}
