import type { ReleaseInput, ServingSettings } from '../shared/contracts';
import type { LedgerState, ReleaseRecord, ReleaseUnderway } from '../shared/ledger';
import { LateWriterError } from './errors';
import type { LedgerPort } from './ports';

/** An endpoint may take this long to be created, whatever the policy of its updates. */
const CREATE_SECONDS = 3600;

/** Steps before and after the movement of traffic. */
const MARGIN_SECONDS = 900;

/** Longest time that one movement of traffic may take; it cannot be stopped, only waited for. */
export function movementSeconds(settings: ServingSettings): number {
  const { maxExecutionSeconds, terminationWaitSeconds } = settings.shift;
  return Math.max(maxExecutionSeconds + terminationWaitSeconds, CREATE_SECONDS);
}

/** A lease outlives the longest movement, so an expired lock has nothing of its owner's still under way. */
export function leaseSeconds(settings: ServingSettings): number {
  return movementSeconds(settings) + MARGIN_SECONDS;
}

/** Who wants the lock, and what for. */
export interface Claim {
  readonly owner: string;
  readonly id: string;
  readonly request: ReleaseInput;
  readonly leaseSeconds: number;
  readonly now: Date;
}

/** What became of a claim. */
export type ClaimOutcome =
  | { readonly taken: true; readonly state: LedgerState; readonly startedAt: string }
  | { readonly taken: false; readonly owner: string };

/** Takes a free or expired lock; an execution that already has it keeps it, so the claim may be repeated. */
export async function claimLock(ledger: LedgerPort, claim: Claim): Promise<ClaimOutcome> {
  const before = await ledger.state(claim.request.model);
  const mine = before.lockOwner === claim.owner;
  if (before.lockOwner !== undefined && !mine && !expired(before, claim.now)) {
    return { taken: false, owner: before.lockOwner };
  }
  const startedAt = mine && before.underway !== undefined ? before.underway.startedAt : claim.now.toISOString();
  const { action, version, from, requestedBy, reason } = claim.request;
  const underway: ReleaseUnderway =
    mine && before.underway !== undefined
      ? before.underway
      : { id: claim.id, action, version, from, requestedBy, reason, startedAt };
  const state: LedgerState = {
    ...before,
    generation: mine ? before.generation : before.generation + 1,
    lockOwner: claim.owner,
    lockExpiresAt: leaseEnd(claim.now, claim.leaseSeconds),
    underway,
  };
  const releases = mine ? [] : abandoned(before, claim.now);
  const outcome = await ledger.commit({ expected: before, state, releases });
  return outcome === 'committed' ? { taken: true, state, startedAt } : { taken: false, owner: 'another execution' };
}

/** Proves that this execution still has the lock, and gives it a whole lease from now; to be done before every act. */
export async function renewLock(
  ledger: LedgerPort,
  held: { model: string; owner: string; generation: number; leaseSeconds: number; now: Date },
): Promise<LedgerState> {
  const before = await heldState(ledger, held);
  const state = { ...before, lockExpiresAt: leaseEnd(held.now, held.leaseSeconds) };
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

function expired(state: LedgerState, now: Date): boolean {
  return state.lockExpiresAt === undefined || Date.parse(state.lockExpiresAt) <= now.getTime();
}

function leaseEnd(now: Date, seconds: number): string {
  return new Date(now.getTime() + seconds * 1000).toISOString();
}

/** A record for the release whose execution died: history has no gaps. */
function abandoned(state: LedgerState, now: Date): ReleaseRecord[] {
  // a release that died after its own record has nothing left to say
  if (state.underway === undefined || state.underway.recorded === true) return [];
  const { id, action, version, from, requestedBy, reason, startedAt } = state.underway;
  return [
    {
      id,
      action,
      version,
      from,
      requestedBy,
      reason,
      startedAt,
      outcome: 'failed',
      detail: 'its execution died and its lock expired, so the next release took over',
      endedAt: now.toISOString(),
      generation: state.generation,
    },
  ];
}
