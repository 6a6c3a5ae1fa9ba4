import { lockExpired, type LedgerState, type ReleaseUnderway } from '../lambda/shared/ledger';
import { time } from './text';

/** What has the lock of a model, and what that means for whoever wants something of it; nothing if it is free. */
export function lockWords(state: LedgerState, now: Date): string | undefined {
  const { underway, lockExpiresAt } = state;
  if (underway === undefined) return undefined;
  if (lockExpired(state, now)) return deadWords(underway);
  const since = `${movement(underway)} under way since ${time(underway.startedAt)}`;
  if (underway.shadowing === true) return `${since}; it only shadows by now, and gives way to a rollback`;
  const end =
    lockExpiresAt === undefined ? '' : `, or, if its execution died, until its lock ends at ${time(lockExpiresAt)}`;
  return `${since}; it cannot be stopped, and what else is asked for waits until it has ended${end}`;
}

/** For what a request waits that is not its own; nothing if it has the lock, or may take it. */
export function waitsFor(state: LedgerState, id: string, now: Date): string | undefined {
  const { underway } = state;
  if (underway === undefined || underway.id === id) return undefined;
  // the lock of a dead release goes to whoever asks next
  if (lockExpired(state, now) && underway.action !== 'rollback') return undefined;
  return `waits for '${underway.id}': ${lockWords(state, now) ?? ''}`;
}

/** Of a lock whose owner died: what comes next differs, since a rollback's quarantine must not be lost. */
function deadWords(underway: ReleaseUnderway): string {
  const stopped = `the ${movement(underway)} ('${underway.id}') stopped half-way`;
  return underway.action === 'rollback'
    ? `${stopped}; the reconciler finishes it at its next look, and what is asked for now waits until then`
    : `${stopped}; the reconciler finishes or undoes it at its next look, and what is asked for now goes before that`;
}

function movement({ action, version }: ReleaseUnderway): string {
  return `${action} ${action === 'rollback' ? 'to' : 'of'} version ${version}`;
}
