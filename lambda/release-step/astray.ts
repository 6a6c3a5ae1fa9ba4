import type { LedgerState } from '../shared/ledger';
import type { Serving } from './serving-target';

/** Whether something else serves than the ledger says, or is about to; of what sleeps, whether anything is there. */
export function isAstray({ current, asleep }: LedgerState, { state, deployment }: Serving): boolean {
  if (asleep !== undefined) return state !== 'absent';
  return current !== undefined && (state !== 'serving' || deployment?.version !== current);
}

/**
 * Whether a release that died or failed may have left it so: it began to move traffic there and did not come to an end.
 * All else is somebody's who moved it past the releases, perhaps in an outage, and a machine that moves it back fights with
 * them.
 */
export function isOfReleases(state: LedgerState, serving: Serving): boolean {
  const { movedTo = [], current } = state;
  if (movedTo.length === 0) return false;
  const version = (serving.state === 'moving' ? (serving.towards ?? serving.deployment) : serving.deployment)?.version;
  if (version === undefined || serving.state === 'broken') return true;
  return version === current || movedTo.includes(version);
}

/** What somebody moved there past the releases, if it answers: the name that the target has for it, and the version. */
export function movedByHand(state: LedgerState, serving: Serving): Serving['deployment'] {
  if (!isAstray(state, serving) || isOfReleases(state, serving) || serving.state === 'broken') return undefined;
  return serving.deployment?.version === state.current && state.asleep === undefined ? undefined : serving.deployment;
}

/** What was so before and is so again, in words. */
export function asBefore({ current, asleep }: LedgerState): string {
  if (current === undefined) return 'nothing serves, as before';
  return `version ${current} ${asleep === undefined ? 'serves' : 'sleeps'}, as before`;
}

/** What is left alone, in words. */
export function leftAlone({ deployment, state }: Serving): string {
  const serves = deployment === undefined ? `the serving target is ${state}` : `version ${deployment.version} serves`;
  return `${serves}, which somebody moved there past the releases, and it was left so`;
}
