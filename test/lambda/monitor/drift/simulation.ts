import type { TwoSamples } from '../../../../lambda/monitor/drift/two-samples';

const BINS = 10;
const REFERENCE_ROWS = 20_000;

/** How a window differs from its reference. */
export interface Window {
  readonly rows: number;
  /** Shift of the mean of the first feature, in standard deviations. */
  readonly shift?: number;
  /** Share of missing values in each feature, in the reference and now. */
  readonly missing?: { readonly reference: number; readonly current: number };
}

/** Windows of normally distributed features against fixed references; the same seed gives the same windows. */
export class Simulation {
  private readonly random: () => number;
  private readonly references: { readonly edges: number[]; readonly counts: number[] }[];

  constructor(seed: number, features: number) {
    this.random = mulberry32(seed);
    this.references = Array.from({ length: features }, () => {
      const values = Array.from({ length: REFERENCE_ROWS }, () => this.normal());
      const sorted = [...values].sort((a, b) => a - b);
      const edges = Array.from({ length: BINS - 1 }, (_, i) => sorted[((i + 1) * REFERENCE_ROWS) / BINS] ?? 0);
      return { edges, counts: binned(values, edges) };
    });
  }

  window({ rows, shift = 0, missing = { reference: 0, current: 0 } }: Window): Map<string, TwoSamples> {
    return new Map(
      this.references.map(({ edges, counts }, feature) => {
        const values = Array.from({ length: rows }, () =>
          this.random() < missing.current ? undefined : this.normal() + (feature === 0 ? shift : 0),
        );
        const reference = [...counts.slice(0, -1), Math.round(REFERENCE_ROWS * missing.reference)];
        return [`f${feature}`, { reference, current: binned(values, edges) }];
      }),
    );
  }

  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
  }
}

/** Share of the tries of which something holds. */
export function shareOf(tries: number, holds: () => boolean): number {
  return Array.from({ length: tries }, holds).filter(Boolean).length / tries;
}

function binned(values: readonly (number | undefined)[], edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length + 2).fill(0);
  for (const value of values) {
    const above = edges.findIndex(edge => value !== undefined && value < edge);
    const bin = value === undefined ? edges.length + 1 : above < 0 ? edges.length : above;
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
