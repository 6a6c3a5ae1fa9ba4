import type { LabelCell } from './label-counts';

/** Bins of the score, each one hundredth wide. */
export const SCORE_BINS = 100;

/** Area under the ROC curve of binned scores. */
export interface BinnedAuc {
  auc: number;
  /** How far the AUC of the unbinned scores can lie from it: half of the pairs that share a bin. */
  binningError: number;
  /** Standard error by Hanley and McNeil (1982). */
  standardError: number;
  positives: number;
  negatives: number;
}

/**
 * Share of the pairs of a positive and a negative row in which the positive one scores higher, pairs in one bin by
 * half. Nothing while a class is empty.
 */
export function binnedAuc(cells: readonly LabelCell[]): BinnedAuc | undefined {
  const positive = new Array<number>(SCORE_BINS).fill(0);
  const negative = new Array<number>(SCORE_BINS).fill(0);
  for (const { label, bin, rows } of cells) {
    if (label === undefined || bin === undefined) continue;
    const bins = label === 1 ? positive : negative;
    bins[bin] = (bins[bin] ?? 0) + rows;
  }
  const positives = positive.reduce((total, rows) => total + rows, 0);
  const negatives = negative.reduce((total, rows) => total + rows, 0);
  if (positives === 0 || negatives === 0) return undefined;

  let below = 0;
  let won = 0;
  let tied = 0;
  for (let bin = 0; bin < SCORE_BINS; bin++) {
    const [hits, misses] = [positive[bin] ?? 0, negative[bin] ?? 0];
    won += hits * below;
    tied += hits * misses;
    below += misses;
  }
  const pairs = positives * negatives;
  const auc = (won + tied / 2) / pairs;
  return {
    auc,
    binningError: tied / 2 / pairs,
    standardError: hanleyMcNeil(auc, positives, negatives),
    positives,
    negatives,
  };
}

function hanleyMcNeil(auc: number, positives: number, negatives: number): number {
  const twoPositives = auc / (2 - auc);
  const twoNegatives = (2 * auc * auc) / (1 + auc);
  const variance =
    (auc * (1 - auc) + (positives - 1) * (twoPositives - auc * auc) + (negatives - 1) * (twoNegatives - auc * auc)) /
    (positives * negatives);
  return Math.sqrt(Math.max(0, variance));
}
