import type { LedgerState, ReleaseRecord, VersionRecord } from '../shared/ledger';
import type { Ending, Journal, ShadowJournal } from './journal';
import { isAutomatic, isScheduled, type ReleaseRequest } from './request';

/** How many healthy versions a model remembers; the newest are the ones anybody returns to. */
const HEALTHY_KEPT = 20;

/** What a successful request makes of the ledger. */
export interface Recording {
  readonly state: LedgerState;
  readonly versions: readonly VersionRecord[];
}

/** A version serves, verified: it is current and healthy; one that was rolled back is quarantined in the same write. */
export function recordServing(
  request: ReleaseRequest,
  { state, known }: { state: LedgerState; known?: VersionRecord },
  journal: Journal,
  now: Date,
): Recording {
  const { version } = request;
  const told = request.evidence?.approvedAt;
  // a rollback and a person's request know of no approval: the one known before stays
  const approvedAt = typeof told === 'string' ? told : known?.approvedAt;
  const at = now.toISOString();
  const left = request.action === 'rollback' ? state.current : undefined;
  const unchanged = state.current === version;
  const healthy = [version, ...state.healthy.filter(other => other !== version && other !== left)];
  const versions: VersionRecord[] = [
    { version, status: 'healthy', reason: request.reason, at, by: request.requestedBy, approvedAt },
  ];
  if (left !== undefined && left !== version) {
    versions.push({ version: left, status: 'quarantined', reason: request.reason, at, by: request.requestedBy });
  }
  return {
    state: {
      ...state,
      current: version,
      // the same version once more has been serving all the time
      movedTo: undefined,
      activatedAt: unchanged ? state.activatedAt : (journal.trafficMovedAt ?? at),
      ...awake(state, at),
      healthy: healthy.slice(0, HEALTHY_KEPT),
      ...(request.action === 'rollback' && isAutomatic(request) ? { lastAutomaticRollbackAt: at } : {}),
    },
    versions,
  };
}

/** Nothing runs any more, on purpose; what is released and what was healthy stay what they were. */
export function recordSleep(request: ReleaseRequest, state: LedgerState, now: Date): Recording {
  const { requestedBy, reason } = request;
  const asleep = { since: decidedAt(request) ?? now.toISOString(), requestedBy, reason };
  return { state: { ...state, asleep, movedTo: undefined }, versions: [] };
}

/** The version that slept serves again, verified; it is no other one, and has been released all the time. */
export function recordWake(request: ReleaseRequest, state: LedgerState, now: Date): Recording {
  return {
    state: { ...state, ...awake(state, now.toISOString(), decidedAt(request)), movedTo: undefined },
    versions: [],
  };
}

function awake(
  { asleep, wokenAt, wakeDecidedAt }: LedgerState,
  at: string,
  decided?: string,
): Pick<LedgerState, 'asleep' | 'wokenAt' | 'wakeDecidedAt'> {
  return asleep === undefined ? { wokenAt, wakeDecidedAt } : { asleep: undefined, wokenAt: at, wakeDecidedAt: decided };
}

/** When its hours asked, where they did: they may have changed by the time that it is done, and are compared with that. */
function decidedAt(request: ReleaseRequest): string | undefined {
  const decided = isScheduled(request) ? request.evidence?.['decidedAt'] : undefined;
  return typeof decided === 'string' ? decided : undefined;
}

/** A quarantine is lifted: the version may be approved and released again, and is no target of a rollback until then. */
export function recordLift(request: ReleaseRequest, state: LedgerState, now: Date): Recording {
  const reason = `quarantine lifted: ${request.reason}`;
  return {
    state,
    versions: [{ version: request.version, status: 'retired', reason, at: now.toISOString(), by: request.requestedBy }],
  };
}

/** The record of a release, whatever became of it. */
export function releaseRecord(
  id: string,
  request: ReleaseRequest,
  journal: Journal,
  ending: Ending,
  from: string | undefined,
  now: Date,
): ReleaseRecord {
  return {
    id,
    action: request.action,
    version: request.version,
    from,
    requestedBy: request.requestedBy,
    reason: request.reason,
    evidence: evidenceOf(request, journal),
    outcome: ending.outcome,
    detail: ending.detail,
    startedAt: journal.startedAt,
    trafficMovedAt: journal.trafficMovedAt,
    endedAt: now.toISOString(),
    generation: journal.generation,
  };
}

/** The comparison, and when it was made; of what was left out, why. */
function shadowEvidence({ skipped, inServiceAt, comparison }: ShadowJournal): Record<string, unknown> {
  return {
    ...(skipped === undefined ? {} : { skipped }),
    ...(inServiceAt === undefined ? {} : { inServiceAt }),
    ...comparison,
  };
}

/** What was known beforehand, and what the release met: so that the record tells why it did other than it was asked. */
function evidenceOf(
  { evidence }: ReleaseRequest,
  { passedOver, passedHold, callersMeet, takenOver, shadow }: Journal,
): ReleaseRequest['evidence'] {
  const met = {
    ...(passedOver === undefined ? {} : { passedOver }),
    ...(passedHold === undefined ? {} : { passedHold }),
    ...(callersMeet === undefined ? {} : { callersMeet }),
    ...(takenOver === undefined ? {} : { finishes: takenOver.id }),
    ...(shadow === undefined ? {} : { shadow: shadowEvidence(shadow) }),
  };
  return Object.keys(met).length === 0 ? evidence : { ...evidence, ...met };
}
