import type { VariantLoad } from './shadow-verdict';

/** A metric's values of a minute each, by the minute in milliseconds since the epoch. */
export type ByMinute = ReadonlyMap<number, number>;

/** What CloudWatch has of one variant. */
export interface VariantSeries {
  readonly requests: ByMinute;
  readonly errors: ByMinute;
  /** In microseconds, as SageMaker measures it. */
  readonly p99: ByMinute;
}

/**
 * A variant's load over a time, from its minutes. CloudWatch has no percentile of more than a period, and where the
 * periods of an odd length begin it decides by itself: so each minute's counts by its requests.
 */
export function variantLoad({ requests, errors, p99 }: VariantSeries): VariantLoad {
  const all = sum(requests);
  const timed = [...p99].map(([minute, micros]) => ({ micros, weight: requests.get(minute) ?? 0 }));
  const weight = timed.reduce((total, each) => total + each.weight, 0);
  return {
    requests: all,
    errors: sum(errors),
    ...(weight === 0
      ? {}
      : { p99Milliseconds: timed.reduce((total, each) => total + each.micros * each.weight, 0) / weight / 1000 }),
  };
}

function sum(values: ByMinute): number {
  return [...values.values()].reduce((total, value) => total + value, 0);
}
