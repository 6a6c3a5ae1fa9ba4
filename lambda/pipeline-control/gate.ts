import type { Evaluation, TrainingSettings } from '../shared/contracts';

/** What the gate says of a challenger. */
export interface GateDecision {
  passed: boolean;
  reason: string;
}

/** Digits to which an AUC is told. */
const DIGITS = 4;

/**
 * Decides whether a challenger is worth a person's look: good enough by itself, and better than the champion on the
 * same held-out rows. Without a champion only the first counts.
 */
export function decideGate(
  gate: TrainingSettings['gate'],
  evaluation: Evaluation,
  championVersion: string | undefined,
): GateDecision {
  const auc = evaluation.challenger.auc;
  const rows = `${evaluation.rows} held-out rows`;
  if (auc < gate.minAuc) {
    return { passed: false, reason: `AUC ${told(auc)} on ${rows}, 'minAuc' is ${gate.minAuc}` };
  }
  const champion = evaluation.champion?.auc;
  if (champion === undefined || championVersion === undefined) {
    return { passed: true, reason: `AUC ${told(auc)} on ${rows}, 'minAuc' is ${gate.minAuc}; no champion to beat` };
  }
  const improvement = auc - champion;
  const compared =
    `AUC ${told(auc)} on ${rows}, champion ${championVersion} has ${told(champion)} on the same, ` +
    `improvement ${told(improvement)}, 'minImprovement' is ${gate.minImprovement}`;
  return { passed: improvement >= gate.minImprovement, reason: compared };
}

/**
 * Whether a challenger that lost might win now, by what its evaluation left: never below `minAuc`, by the same numbers
 * against the same champion, and perhaps against another one, with which it was never compared.
 */
export function mightWinNow(
  gate: TrainingSettings['gate'],
  lost: { auc?: number; champion?: string; championAuc?: number },
  championVersion: string | undefined,
): boolean {
  if (lost.auc === undefined) return true;
  if (lost.auc < gate.minAuc) return false;
  if (championVersion === undefined || championVersion !== lost.champion || lost.championAuc === undefined) return true;
  return lost.auc - lost.championAuc >= gate.minImprovement;
}

function told(value: number): string {
  return value.toFixed(DIGITS);
}
