import type { LedgerState, ReleaseRecord } from '../shared/ledger';

/** Since when the version that serves is what the metrics are about, and what they were about before. */
export interface ServingSpan {
  /** When the ledger named it: from then on the monitor judges by its rows. */
  readonly since: number;
  /** The version that served before it, if the history goes back that far. */
  readonly before?: { readonly version: string; readonly since: number };
  /** Whether it came by a rollback. */
  readonly byRollback: boolean;
}

/** Finds the activation of the version that serves among the newest releases, which come the oldest first. */
export function servingSpan(
  { current, activatedAt }: Pick<LedgerState, 'current' | 'activatedAt'>,
  releases: readonly ReleaseRecord[],
): ServingSpan {
  const succeeded = releases.filter(
    ({ outcome, action }) => outcome === 'succeeded' && (action === 'release' || action === 'rollback'),
  );
  // the newest first; the same version released once more has been serving all the time, and tells no new activation
  const newest = [...succeeded].reverse();
  const ofCurrent = newest.filter(({ version }) => version === current);
  const recorded = ofCurrent.find(({ trafficMovedAt, endedAt }) => (trafficMovedAt ?? endedAt) === activatedAt);
  const activation = recorded ?? ofCurrent.at(0);
  const since = Date.parse(recorded?.endedAt ?? activatedAt ?? '');
  const older = recorded === undefined ? [] : newest.slice(newest.indexOf(recorded) + 1);
  const previous = older.find(({ version }) => version === recorded?.from);
  return {
    since,
    ...(previous === undefined ? {} : { before: { version: previous.version, since: Date.parse(previous.endedAt) } }),
    byRollback: activation?.action === 'rollback',
  };
}
