import { z } from 'zod';

/** Rows by bin of each feature and of the score; bins are the baseline's, the last one is missing values. */
export const featureCountsSchema = z.strictObject({
  rows: z.number().int().nonnegative(),
  features: z.record(z.string(), z.array(z.number().int().nonnegative())),
  prediction: z.array(z.number().int().nonnegative()),
});
export type FeatureCounts = z.infer<typeof featureCountsSchema>;

/** One period of one version, counted: an object in the monitoring bucket. A re-count replaces it. */
export const periodCountsSchema = z.strictObject({
  model: z.string(),
  version: z.string(),
  /** Bins these counts are over; counts over others are never added to them. */
  edgesId: z.string(),
  periodStart: z.string(),
  periodEnd: z.string(),
  /** From when rows count: the start of the period, or of the version's service if that is later. */
  since: z.string(),
  counts: featureCountsSchema,
});
export type PeriodCounts = z.infer<typeof periodCountsSchema>;

/** Sum of counts over the same bins: exact, in any order and any grouping. */
export function addCounts(all: readonly FeatureCounts[]): FeatureCounts {
  return all.reduce(
    (total, next) => ({
      rows: total.rows + next.rows,
      features: Object.fromEntries(
        [...new Set([...Object.keys(total.features), ...Object.keys(next.features)])].map(name => [
          name,
          addBins(total.features[name], next.features[name]),
        ]),
      ),
      prediction: addBins(total.prediction, next.prediction),
    }),
    NO_COUNTS,
  );
}

const NO_COUNTS: FeatureCounts = { rows: 0, features: {}, prediction: [] };

function addBins(a: readonly number[] = [], b: readonly number[] = []): number[] {
  if (a.length > 0 && b.length > 0 && a.length !== b.length) {
    throw new RangeError(`counts of ${a.length} and of ${b.length} bins cannot be added, they are over other edges`);
  }
  return Array.from({ length: Math.max(a.length, b.length) }, (_, bin) => (a[bin] ?? 0) + (b[bin] ?? 0));
}
