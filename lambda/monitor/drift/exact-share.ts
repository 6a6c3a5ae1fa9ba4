/** Rows with some rare property in two samples. */
export interface RareRows {
  readonly referenceRows: number;
  readonly referenceHits: number;
  readonly currentRows: number;
  readonly currentHits: number;
}

/**
 * Probability of a number of hits at least this extreme among the current rows if both samples had the same share:
 * Fisher's exact test, twice the smaller tail. For shares so small that the χ² approximation makes a single row
 * significant.
 */
export function exactShareTest(rows: RareRows): number {
  const { currentRows: draws, currentHits: seen } = rows;
  const total = rows.referenceRows + draws;
  const hits = rows.referenceHits + seen;
  const least = Math.max(0, hits - rows.referenceRows);
  const most = Math.min(hits, draws);

  // hypergeometric probabilities, each from its neighbour, relative to the one that was seen
  let below = 0;
  for (let k = seen, weight = 1; k > least; k--) {
    weight *= (k * (total - hits - draws + k)) / ((hits - k + 1) * (draws - k + 1));
    below += weight;
  }
  let above = 0;
  for (let k = seen, weight = 1; k < most; k++) {
    weight *= ((hits - k) * (draws - k)) / ((k + 1) * (total - hits - draws + k + 1));
    above += weight;
  }
  const all = below + 1 + above;
  return Math.min(1, (2 * (Math.min(below, above) + 1)) / all);
}
