import type { AnyServingSettings } from '../shared/contracts';
import { activeHold, lockExpired, type LedgerState, type ReleaseRecord, type ReleaseUnderway } from '../shared/ledger';
import { LateWriterError } from './errors';
import type { LedgerPort } from './ports';
import { isAboutSleep, isByEvent, NO_VERSION, type WorkRequest } from './request';

/** An endpoint may take this long to be created, whatever the policy of its updates. */
const CREATE_SECONDS = 3600;

/** Steps before and after the movement of traffic. */
const MARGIN_SECONDS = 900;

/** Longest time that one movement of traffic may take; it cannot be stopped, only waited for. */
export function movementSeconds(settings: AnyServingSettings): number {
  const { maxExecutionSeconds, terminationWaitSeconds } = settings.shift;
  // pods that are not ready yet are waited for as well
  const ready = settings.target === 'eks' ? settings.readyTimeoutSeconds : 0;
  return Math.max(maxExecutionSeconds + terminationWaitSeconds, CREATE_SECONDS, ready);
}

/** A lease outlives the longest movement, so an expired lock has nothing of its owner's still under way. */
export function leaseSeconds(settings: AnyServingSettings): number {
  return movementSeconds(settings) + MARGIN_SECONDS;
}

/** Who wants the lock. */
export interface Claimant {
  readonly model: string;
  readonly owner: string;
  readonly id: string;
  readonly leaseSeconds: number;
  readonly now: Date;
}

/** Who wants the lock, and what for. */
export interface Claim extends Omit<Claimant, 'model'> {
  readonly request: WorkRequest;
}

/** What became of a claim. */
export type ClaimOutcome =
  | { readonly taken: true; readonly state: LedgerState; readonly underway: ReleaseUnderway }
  | {
      readonly taken: false;
      readonly owner: string;
      /** What the owner died in, which is to be finished first. */
      readonly dead?: ReleaseUnderway;
    };

/**
 * Takes a free or expired lock; an execution that already has it keeps it, so the claim may be repeated. The lock of a
 * rollback that died is left to the reconciler: what was asked for since may be anything, and the word against the version
 * that was to leave, its quarantine and its record would be lost. So is any by an event that a hold stops, since that is to
 * move nothing.
 */
export async function claimLock(ledger: LedgerPort, { request, ...claim }: Claim): Promise<ClaimOutcome> {
  const before = await ledger.state(request.model);
  const mine = before.lockOwner === claim.owner;
  if (before.lockOwner !== undefined && !mine) {
    if (!lockExpired(before, claim.now)) return { taken: false, owner: before.lockOwner };
    const dead = before.underway;
    if (dead?.action === 'rollback' || (await isStopped(ledger, request, claim.now)))
      return { taken: false, owner: before.lockOwner, dead };
  }
  const { action, from, requestedBy, reason, evidence } = request;
  // nobody names the version that is to sleep or to wake: it is the one that is released when the lock is taken
  const version = isAboutSleep(request) ? (before.current ?? NO_VERSION) : request.version;
  const underway: ReleaseUnderway =
    mine && before.underway !== undefined
      ? before.underway
      : {
          id: claim.id,
          action,
          version,
          from: from ?? before.current,
          requestedBy,
          reason,
          evidence,
          startedAt: claim.now.toISOString(),
        };
  const state = await take(ledger, before, { ...claim, model: request.model }, underway);
  return state === undefined ? { taken: false, owner: 'another execution' } : { taken: true, state, underway };
}

async function isStopped(ledger: LedgerPort, request: WorkRequest, now: Date): Promise<boolean> {
  return isByEvent(request) && activeHold(await ledger.hold(request.model), now) !== undefined;
}

/** What became of an attempt to take over what a dead execution left. */
export type TakeOverOutcome =
  | { readonly taken: true; readonly state: LedgerState; readonly underway: ReleaseUnderway }
  | { readonly taken: false; readonly reason: string };

/** Takes an expired lock together with the work that its owner left; may be repeated. */
export async function takeOverLock(ledger: LedgerPort, claimant: Claimant): Promise<TakeOverOutcome> {
  const { model, owner, now } = claimant;
  const before = await ledger.state(model);
  const left = before.underway;
  if (before.lockOwner === undefined || left === undefined) {
    return { taken: false, reason: `no release of '${model}' was left half done` };
  }
  const mine = before.lockOwner === owner;
  if (!mine && !lockExpired(before, now)) {
    return {
      taken: false,
      reason: `a release of '${model}' is under way, by ${before.lockOwner}, whose lock lasts until ${String(before.lockExpiresAt)}`,
    };
  }
  const underway = mine ? left : { ...left, id: claimant.id, finishes: left.id, startedAt: now.toISOString() };
  const state = await take(ledger, before, claimant, underway);
  return state === undefined
    ? { taken: false, reason: `another execution took over what was left of '${model}' first` }
    : { taken: true, state, underway };
}

/** Writes the new owner, if nobody else was quicker. */
async function take(
  ledger: LedgerPort,
  before: LedgerState,
  { owner, id, leaseSeconds: lease, now }: Claimant,
  underway: ReleaseUnderway,
): Promise<LedgerState | undefined> {
  const mine = before.lockOwner === owner;
  const state: LedgerState = {
    ...before,
    generation: mine ? before.generation : before.generation + 1,
    lockOwner: owner,
    lockExpiresAt: leaseEnd(now, lease),
    underway,
  };
  const releases = mine ? [] : abandoned(before, id, now);
  return (await ledger.commit({ expected: before, state, releases })) === 'committed' ? state : undefined;
}

/** Proves that this execution still has the lock, and gives it a whole lease from now; to be done before every act. */
export async function renewLock(
  ledger: LedgerPort,
  held: {
    model: string;
    owner: string;
    generation: number;
    leaseSeconds: number;
    now: Date;
    shadowing?: true;
    movesTo?: string;
  },
): Promise<LedgerState> {
  const before = await heldState(ledger, held);
  const state: LedgerState = {
    ...before,
    lockExpiresAt: leaseEnd(held.now, held.leaseSeconds),
    ...(held.movesTo === undefined ? {} : { movedTo: [...new Set([...(before.movedTo ?? []), held.movesTo])] }),
    ...(before.underway === undefined ? {} : { underway: { ...before.underway, shadowing: held.shadowing } }),
  };
  if ((await ledger.commit({ expected: before, state })) === 'refused') {
    throw await lateWriter(ledger, held);
  }
  return state;
}

/** The state, if this execution still has the lock. */
export async function heldState(
  ledger: LedgerPort,
  held: { model: string; owner: string; generation: number },
): Promise<LedgerState> {
  const state = await ledger.state(held.model);
  if (state.lockOwner !== held.owner || state.generation !== held.generation) {
    throw new LateWriterError(held.model, held.generation, state.lockOwner, state.generation);
  }
  return state;
}

/** The error of a writer whose commit was refused. */
export async function lateWriter(
  ledger: LedgerPort,
  held: { model: string; generation: number },
): Promise<LateWriterError> {
  const state = await ledger.state(held.model);
  return new LateWriterError(held.model, held.generation, state.lockOwner, state.generation);
}

/** The state with a free lock. */
export function unlocked(state: LedgerState): LedgerState {
  return { ...state, lockOwner: undefined, lockExpiresAt: undefined, underway: undefined };
}

function leaseEnd(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}

/** A record for the release whose execution died: history has no gaps. */
function abandoned(state: LedgerState, successor: string, now: Date): ReleaseRecord[] {
  // a release that died after its own record has nothing left to say
  if (state.underway === undefined || state.underway.recorded === true) return [];
  const { id, action, version, from, requestedBy, reason, evidence, startedAt } = state.underway;
  return [
    {
      id,
      action,
      version,
      from,
      requestedBy,
      reason,
      evidence,
      startedAt,
      outcome: 'failed',
      detail: `its execution died and its lock expired, so '${successor}' took over`,
      endedAt: now.toISOString(),
      generation: state.generation,
    },
  ];
}
