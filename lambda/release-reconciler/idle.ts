import { BY_SCHEDULE } from '../release-step/request';
import type { AwakeHours, IdleRequest, IdleSettings } from '../shared/contracts';
import type { LedgerState } from '../shared/ledger';
import { wallClock, wantedAt } from './hours';

/** What a model's hours ask for now; nothing if it is as they want it. */
export type Change = Pick<IdleRequest, 'action' | 'requestedBy' | 'reason'>;

/**
 * Compares a model with its hours, while no release of it is under way. Each change of the hours is worth one change of the
 * model: who wakes it in the night, or releases something, has it up until the hours end the next time, and what a person
 * put to sleep at noon sleeps until they begin.
 */
export function changeWanted(state: LedgerState, idle: IdleSettings | undefined, now: Date): Change | undefined {
  if (state.current === undefined) return undefined;
  if (idle === undefined) {
    return state.asleep === undefined ? undefined : asked('wake', "the model's settings let it sleep no more");
  }
  const { awake } = idle;
  if (awake === undefined) return undefined;
  const { up, since } = wantedAt(awake, now);
  if (up !== (state.asleep !== undefined)) return undefined;
  return changedAt(state, awake.timeZone) < since ? asked(up ? 'wake' : 'sleep', inWords(awake)) : undefined;
}

/** When it last fell asleep or came up, by the clocks of its hours. */
function changedAt({ asleep, wokenAt, activatedAt }: LedgerState, timeZone: string): number {
  const times = asleep === undefined ? [wokenAt, activatedAt] : [asleep.since];
  return Math.max(...times.map(time => (time === undefined ? -Infinity : wallClock(new Date(time), timeZone))));
}

function asked(action: IdleRequest['action'], reason: string): Change {
  return { action, requestedBy: BY_SCHEDULE, reason };
}

function inWords({ days, from, to, timeZone }: AwakeHours): string {
  return `it is up on ${days.join(', ')} from ${from} to ${to}, ${timeZone}`;
}
