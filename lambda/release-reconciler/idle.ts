import { BY_SCHEDULE } from '../release-step/request';
import type { AwakeHours, IdleRequest, IdleSettings } from '../shared/contracts';
import type { LedgerState } from '../shared/ledger';
import { wallClock, wantedAt } from './hours';

const HOUR_MINUTES = 60;

/** What a model's hours ask for now. */
export interface Change {
  readonly request: Omit<IdleRequest, 'model'>;
  /** When the attempt was due that is to be made now, in minutes: with the change of the hours, and each hour after it. */
  readonly due: number;
}

/**
 * Compares a model with its hours, while no release of it is under way. Each change of the hours is worth one change of the
 * model: who wakes it in the night, or releases something, has it up until the hours end the next time, and what a person
 * put to sleep at noon sleeps until they begin.
 */
export function changeWanted(state: LedgerState, idle: IdleSettings | undefined, now: Date): Change | undefined {
  if (state.current === undefined) return undefined;
  if (idle === undefined) {
    if (state.asleep === undefined) return undefined;
    const fellAsleep = wallClock(new Date(state.asleep.since), 'UTC');
    const due = dueSince(fellAsleep, wallClock(now, 'UTC'));
    return { request: asked('wake', "the model's settings let it sleep no more", now), due };
  }
  const { awake } = idle;
  if (awake === undefined) return undefined;
  const { up, since } = wantedAt(awake, now);
  if (up !== (state.asleep !== undefined)) return undefined;
  if (changedAt(state, awake.timeZone) >= since) return undefined;
  const due = dueSince(since, wallClock(now, awake.timeZone));
  return { request: asked(up ? 'wake' : 'sleep', inWords(awake), now), due };
}

function dueSince(since: number, now: number): number {
  return now - ((now - since) % HOUR_MINUTES);
}

/** When it last fell asleep or came up, by the clocks of its hours: what they asked for was done when they did. */
function changedAt({ asleep, wokenAt, wakeDecidedAt, activatedAt }: LedgerState, timeZone: string): number {
  const times = asleep === undefined ? [wakeDecidedAt ?? wokenAt, activatedAt] : [asleep.since];
  return Math.max(...times.map(time => (time === undefined ? -Infinity : wallClock(new Date(time), timeZone))));
}

function asked(action: IdleRequest['action'], reason: string, now: Date): Change['request'] {
  return { action, requestedBy: BY_SCHEDULE, reason, evidence: { decidedAt: now.toISOString() } };
}

function inWords({ days, from, to, timeZone }: AwakeHours): string {
  return `it is up on ${days.join(', ')} from ${from} to ${to}, ${timeZone}`;
}
