import { chiSquareTail } from './chi-square';

/** Counts of the reference and of the current rows in the same bins. */
export interface TwoSamples {
  readonly reference: readonly number[];
  readonly current: readonly number[];
}

/** How far two samples lie apart. */
export interface Comparison {
  /** Probability of a difference this large between two samples of one distribution. */
  pValue: number;
  /** Population stability index, with half a row added to each bin. */
  psi: number;
  /** PSI less what chance alone is expected to make of it at these sample sizes. */
  excess: number;
  /** Bins that were compared, after pooling. */
  bins: number;
}

/** Rows of the current sample expected in a bin, under which the χ² approximation is not to be trusted. */
export const MIN_EXPECTED_ROWS = 5;
const PSI_PRIOR = 0.5;

/** Compares two samples over the same bins by Pearson's χ² and by PSI; nothing if they cannot differ. */
export function compare(samples: TwoSamples): Comparison | undefined {
  // a bin that is empty in both says nothing and would count as a degree of freedom
  const bins = samples.reference
    .map((reference, bin) => ({ reference, current: samples.current[bin] ?? 0 }))
    .filter(bin => bin.reference + bin.current > 0);
  const n = sum(bins.map(bin => bin.reference));
  const m = sum(bins.map(bin => bin.current));
  if (bins.length < 2 || n === 0 || m === 0) return undefined;

  const chance = 1 / n + 1 / m;
  const statistic = sum(
    bins.map(({ reference, current }) => {
      const pooled = (reference + current) / (n + m);
      return (current / m - reference / n) ** 2 / pooled / chance;
    }),
  );
  const psi = sum(
    bins.map(({ reference, current }) => {
      const before = (reference + PSI_PRIOR) / (n + PSI_PRIOR * bins.length);
      const now = (current + PSI_PRIOR) / (m + PSI_PRIOR * bins.length);
      return (now - before) * Math.log(now / before);
    }),
  );
  return {
    pValue: chiSquareTail(statistic, bins.length - 1),
    psi,
    excess: psi - (bins.length - 1) * chance,
    bins: bins.length,
  };
}

/**
 * Puts rare bins together, ascending by reference share, until the current rows expected in each are enough. At least
 * one bin remains; the order of the bins is lost.
 */
export function poolRareBins(samples: TwoSamples): TwoSamples {
  const n = sum(samples.reference);
  const m = sum(samples.current);
  const rest = samples.reference
    .map((reference, bin) => ({ reference, current: samples.current[bin] ?? 0 }))
    .filter(bin => bin.reference + bin.current > 0)
    // ties by the current count, so that the order in which bins are listed cannot change the verdict
    .sort((a, b) => a.reference - b.reference || a.current - b.current);
  const isRare = (bin: { reference: number; current: number }): boolean =>
    (m * (bin.reference + bin.current)) / (n + m) < MIN_EXPECTED_ROWS;

  let pool: { reference: number; current: number } | undefined;
  while (rest.length > 0 && (rest.some(isRare) || (pool !== undefined && isRare(pool)))) {
    const next = rest.shift();
    if (next === undefined) break;
    pool = { reference: (pool?.reference ?? 0) + next.reference, current: (pool?.current ?? 0) + next.current };
  }
  const bins = pool === undefined ? rest : [pool, ...rest];
  return { reference: bins.map(bin => bin.reference), current: bins.map(bin => bin.current) };
}

/** Sum of numbers. */
export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
