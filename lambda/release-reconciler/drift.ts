import type { Serving } from '../release-step/serving-target';
import type { LedgerState } from '../shared/ledger';

/** Something else serves than the ledger says. */
export interface Drift {
  readonly current?: string;
  /** Whether nothing should, since `current` sleeps. */
  readonly asleep?: true;
  /** What serves instead, in words. */
  readonly serves: string;
}

/**
 * Compares what serves with the ledger, while no release is under way. What moves is judged by where it goes: a change of
 * instances goes to the same version.
 */
export function driftOf(
  { current, asleep }: Pick<LedgerState, 'current' | 'asleep'>,
  serving: Serving,
): Drift | undefined {
  const { state, deployment } = serving;
  const towards = state === 'moving' ? (serving.towards ?? deployment) : deployment;
  if (asleep !== undefined) return state === 'absent' ? undefined : { current, asleep: true, serves: inWords(serving) };
  if (current === undefined) return state === 'absent' ? undefined : { serves: inWords(serving) };
  if (state !== 'absent' && state !== 'broken' && towards?.version === current) return undefined;
  return { current, serves: inWords(serving) };
}

function inWords({ state, deployment, towards }: Serving): string {
  switch (state) {
    case 'absent':
      return 'nothing';
    case 'broken':
      return `nothing: it is broken, with ${named(deployment)}`;
    case 'moving':
      return `${named(deployment)}, on the way to ${named(towards)}`;
    case 'serving':
      return named(deployment);
  }
}

function named(deployment: Serving['deployment']): string {
  return deployment === undefined ? 'nothing known' : `version ${deployment.version} by '${deployment.id}'`;
}
