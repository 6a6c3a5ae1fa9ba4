import type { AnyServingSettings } from '../shared/contracts';
import type { LedgerState } from '../shared/ledger';
import type { Journal, Kind, StepResult } from './journal';
import { pollDelay } from './journal';
import { leaseSeconds, movementSeconds, renewLock } from './lock';
import type { ReleasePorts } from './ports';
import type { ReleaseRequest } from './request';
import type { ServingTarget, ShiftPolicy } from './serving-target';

/** Seconds in which a target may still show what it was before a movement that it has accepted. */
export const SETTLING_SECONDS = 15;

/** What every step works with: the request and what the execution knows so far. */
export interface RequestContext {
  readonly ports: ReleasePorts;
  readonly request: ReleaseRequest;
  /** ARN of the execution, which owns the lock. */
  readonly execution: string;
  /** Name of the execution, which is the release's id. */
  readonly id: string;
  readonly journal: Journal;
  readonly now: Date;
  /** Why the step before it ended with an error, in words. */
  readonly error?: string;
}

/** What a step works with that touches a model which exists. */
export interface StepContext extends RequestContext {
  readonly settings: AnyServingSettings;
  readonly target: ServingTarget;
}

/** A step's result: what became of it, and what the execution knows now. */
export function result(kind: Kind, journal: Journal, more: Partial<Journal> = {}, waitSeconds = 0): StepResult {
  return { kind, waitSeconds, journal: { ...journal, ...more } };
}

/** A result that asks to be asked again, later the longer it has taken already. */
export function wait(context: StepContext, kind: Kind, since: string, more: Partial<Journal> = {}): StepResult {
  return result(kind, context.journal, more, pollDelay(since, context.now, context.ports.pollSeconds));
}

/** A failure that the machine answers by undoing the release. */
export function failure(context: RequestContext, detail: string, youMay: readonly string[] = []): StepResult {
  return result('failed', context.journal, { ending: { outcome: 'failed', detail, youMay } });
}

/** Proves that this execution still has the lock and renews its lease; says in the ledger whether all it does is shadow, and to what it moves. */
export function renew(context: StepContext, doing: { shadowing?: true; movesTo?: string } = {}): Promise<LedgerState> {
  return renewLock(context.ports.ledger, {
    model: context.request.model,
    owner: context.execution,
    generation: context.journal.generation,
    leaseSeconds: leaseSeconds(context.settings),
    now: context.now,
    ...doing,
  });
}

/** Whether something takes longer than any movement of traffic can. */
export function overdue(context: StepContext, since: string): boolean {
  return context.now.getTime() - Date.parse(since) > movementSeconds(context.settings) * 1000;
}

/** The way back is taken at once and unguarded: an alarm that the bad version turned red would stop it. */
export function wayBack(settings: AnyServingSettings): ShiftPolicy {
  return {
    type: 'ALL_AT_ONCE',
    stepPercent: 100,
    waitSeconds: 0,
    terminationWaitSeconds: 0,
    maxExecutionSeconds: settings.shift.maxExecutionSeconds,
    alarmNames: [],
    back: true,
  };
}

/** The way forward is the model's own policy. */
export function wayForward(settings: AnyServingSettings): ShiftPolicy {
  return { ...settings.shift, alarmNames: settings.guardrailAlarmNames };
}
