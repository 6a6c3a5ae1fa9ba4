import { isOfReleases } from '../release-step/astray';
import type { Serving, ServingSince } from '../release-step/serving-target';
import type { IdleRequest, IdleSettings, ReconcileRequest } from '../shared/contracts';
import { forEachModel } from '../shared/each-model';
import {
  activeHold,
  activeWaiting,
  lockExpired,
  type DriftRecord,
  type HoldState,
  type LedgerState,
  type Waiting,
} from '../shared/ledger';
import type { Notification } from '../shared/notify';
import type { Commands } from '../shared/release-commands';
import { driftOf } from './drift';
import { changeWanted } from './idle';
import { driftLetter } from './letter';

/** What a look at all models found. */
export interface Findings {
  /** How many serve something else than the ledger says. */
  drifted: number;
  /** Whether all could be looked at. */
  complete: boolean;
  /** Of each model that the environment has. */
  models: ReadonlyMap<string, Seen>;
}

/** What a look saw of one model. */
export interface Seen {
  /** The version that the ledger says serves; absent while it sleeps. */
  version?: string;
  /** Instances that run for it. */
  instances?: number;
}

/** What the reconciler needs of the world. */
export interface ReconcilerPorts {
  /** Every model of the ledger. */
  models(): Promise<string[]>;
  state(model: string): Promise<LedgerState>;
  /** What serves; nothing if the environment has no such model any more. */
  serving(model: string): Promise<Serving | undefined>;
  /** Brings what belongs to what serves to the settings: scaling, the size and the end of a warm standby. */
  tend(model: string, since: ServingSince): Promise<void>;
  /** Starts an execution of the release machine; the second start under one name does nothing. */
  startRelease(name: string, input: ReconcileRequest | IdleRequest): Promise<void>;
  /** Whether a model may sleep, and at which hours; nothing if it may not. */
  idle(model: string): Promise<IdleSettings | undefined>;
  hold(model: string): Promise<HoldState>;
  /** Who waits for the lock. */
  waiting(model: string): Promise<Waiting | undefined>;
  drift(model: string, generation: number, serves: string): Promise<DriftRecord | undefined>;
  appendDrift(model: string, record: DriftRecord): Promise<void>;
  tell(notification: Notification): Promise<void>;
  publish(findings: Findings): Promise<void>;
  readonly commands: Commands;
  now(): Date;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Longest name of a model within an execution's 80 characters. */
const MAX_MODEL = 36;

/** Looks at each model: has somebody died at work, does what serves agree with the ledger, and is it up when it should be? */
export async function reconcile(ports: ReconcilerPorts): Promise<void> {
  let drifted = 0;
  const models = new Map<string, Seen>();
  const look = async (model: string): Promise<void> => {
    const state = await ports.state(model);
    const serving = await ports.serving(model);
    // the ledger remembers a model that was removed: it has nothing left to finish, and the machine could only refuse it,
    // with a letter each hour
    if (serving === undefined) return;
    models.set(model, seen(state, serving));
    if (state.lockOwner !== undefined) {
      await finishDead(model, state, ports);
    } else if (await handOver(model, state, serving, ports)) {
      return;
    } else if (await reportDrift(model, state, serving, ports)) {
      drifted += 1;
    } else if (!(await keepHours(model, state, ports)) && state.asleep === undefined) {
      await ports.tend(model, { activatedAt: state.activatedAt, now: ports.now() });
    }
  };
  try {
    await forEachModel(await ports.models(), look);
  } catch (error) {
    await ports.publish({ drifted, complete: false, models });
    throw error;
  }
  await ports.publish({ drifted, complete: true, models });
}

function seen({ current, asleep }: LedgerState, { state, instances }: Serving): Seen {
  if (asleep === undefined) return { version: current, instances };
  return { instances: state === 'absent' ? 0 : instances };
}

/** Has the release machine put the model to sleep or wake it, where its hours want that and nobody holds it. */
async function keepHours(model: string, state: LedgerState, ports: ReconcilerPorts): Promise<boolean> {
  const now = ports.now();
  const change = changeWanted(state, await ports.idle(model), now);
  if (change === undefined || activeHold(await ports.hold(model), now) !== undefined) return false;
  const { request, due } = change;
  // what could not be done is tried again after an hour; the generation, which each attempt raises, would make it each look
  await ports.startRelease(`${request.action}-${model.slice(0, MAX_MODEL)}-${due}`, { model, ...request });
  return true;
}

/**
 * A lock that expired has an owner that died, since each step renews it. The release machine finishes or undoes what was
 * left; the name makes it one execution, and another one each hour until one has taken the lock.
 */
async function finishDead(model: string, state: LedgerState, ports: ReconcilerPorts): Promise<void> {
  const now = ports.now();
  if (!lockExpired(state, now)) return;
  const since = state.lockExpiresAt ?? now.toISOString();
  const attempt = Math.floor((now.getTime() - Date.parse(since)) / HOUR_MS);
  await ports.startRelease(`reconcile-${model.slice(0, MAX_MODEL)}-${state.generation}-${attempt}`, {
    action: 'reconcile',
    model,
    requestedBy: 'reconciler',
    reason: `the execution of '${state.underway?.id ?? String(state.lockOwner)}' died: its lock expired at ${since}`,
  });
}

/** What is left although no release is under way, how it is named, and how often the machine tries to end it. */
interface Left {
  readonly name: string;
  readonly reason: string;
  readonly everyMs: number;
}

/**
 * A version that shadows on costs instances and answers nobody: one gave way, and who waited died. What serves out of its
 * place does not scale: the last step of a way back could not bring it home. Traffic that stands divided, since a way back
 * could not be gone as long as it waited, has nobody who looks at its alarms; it is ended as soon as the way is free. The
 * release machine ends them without a person.
 */
function leftOver(model: string, state: LedgerState, serving: Serving): Left | undefined {
  const { current } = state;
  if (current === undefined || serving.busy === true) return undefined;
  const alone = `and no release of '${model}' is under way`;
  if (serving.state === 'moving') {
    if (serving.yields !== true || serving.returns !== true || !isOfReleases(state, serving)) return undefined;
    const reason = `traffic is on the way from version ${serving.deployment?.version ?? '(none)'} to version ${serving.towards?.version ?? '(none)'}, ${alone}`;
    return { name: `movement-${serving.towards?.version ?? ''}`, reason, everyMs: 10 * MINUTE_MS };
  }
  if (serving.state !== 'serving' || driftOf(state, serving) !== undefined) return undefined;
  if (serving.shadow !== undefined) {
    const reason = `version ${serving.shadow.version} shadows version ${current}, ${alone}`;
    return { name: `shadow-${serving.shadow.version}`, reason, everyMs: HOUR_MS };
  }
  if (serving.outOfPlace !== true) return undefined;
  const reason = `version ${current} serves where a rollback left it, without scaling, ${alone}`;
  // each try starts instances, and tells a person
  return { name: 'place', reason, everyMs: 6 * HOUR_MS };
}

/** Whether something is left that the release machine ends. */
async function handOver(model: string, state: LedgerState, serving: Serving, ports: ReconcilerPorts): Promise<boolean> {
  const now = ports.now();
  const left = leftOver(model, state, serving);
  if (left === undefined) return false;
  // whoever waits for the lock ends it with its own movement
  if (activeWaiting(await ports.waiting(model), now) !== undefined) return false;
  // a release that began meanwhile may have asked for it
  const again = await ports.state(model);
  if (again.lockOwner !== undefined || again.generation !== state.generation) return false;
  // named and counted by what no attempt changes: each raises the generation
  const since = state.activatedAt === undefined ? 0 : Date.parse(state.activatedAt);
  const attempt = Math.floor((now.getTime() - since) / left.everyMs);
  const seconds = Math.floor(since / 1000);
  await ports.startRelease(`reconcile-${model.slice(0, MAX_MODEL)}-${seconds}-${left.name}-${attempt}`, {
    action: 'reconcile',
    model,
    requestedBy: 'reconciler',
    reason: left.reason,
  });
  return true;
}

/**
 * Tells whether something else serves than the ledger says, and a person once. It moves no traffic by itself: a person
 * may have moved it by hand in an outage, and a machine that moves it back fights with them; nor does it know which of
 * the two is right.
 */
async function reportDrift(
  model: string,
  state: LedgerState,
  serving: Serving,
  ports: ReconcilerPorts,
): Promise<boolean> {
  const drift = driftOf(state, serving);
  if (drift === undefined) return false;
  // a release that began or ended meanwhile moved it, and nobody else
  const again = await ports.state(model);
  if (again.lockOwner !== undefined || again.generation !== state.generation) return false;

  const { generation } = state;
  if ((await ports.drift(model, generation, drift.serves)) === undefined) {
    // told first: twice is better than never
    await ports.tell(driftLetter(model, drift, ports.commands));
    await ports.appendDrift(model, { ...drift, at: ports.now().toISOString(), generation });
  }
  return true;
}
