import { chiSquareTail } from '../../../../lambda/monitor/drift/chi-square';
import type { TwoSamples } from '../../../../lambda/monitor/drift/two-samples';

const BINS = 10;
const REFERENCE_ROWS = 20_000;
const REFERENCE_ROWS_PER_BIN = REFERENCE_ROWS / BINS;

/** How a window differs from its reference. */
export interface Window {
  readonly rows: number;
  /** Shift of the mean of the first feature, in standard deviations. */
  readonly shift?: number;
  /** Share of missing values in each feature, in the reference and now. */
  readonly missing?: { readonly reference: number; readonly current: number };
}

/**
 * Windows of normally distributed features against references of 20,000 rows in ten quantile bins; the same seed gives
 * the same windows. Rows are drawn as bins, since only counts are looked at.
 */
export class Simulation {
  private readonly random: () => number;
  /** For each feature, the true probability below each edge: the quantiles of a sample are not those of the world. */
  private readonly edges: number[][];

  constructor(seed: number, features: number) {
    this.random = mulberry32(seed);
    this.edges = Array.from({ length: features }, () => this.sampleQuantiles());
  }

  window({ rows, shift = 0, missing = { reference: 0, current: 0 } }: Window): Map<string, TwoSamples> {
    const referenceBin = new Array<number>(BINS).fill(REFERENCE_ROWS_PER_BIN);
    return new Map(
      this.edges.map((edges, feature) => [
        `f${feature}`,
        {
          reference: [...referenceBin, Math.round(REFERENCE_ROWS * missing.reference)],
          current: this.draw(rows, feature === 0 ? edges.map(edge => shifted(edge, shift)) : edges, missing.current),
        },
      ]),
    );
  }

  private draw(rows: number, edges: readonly number[], missing: number): number[] {
    const counts = new Array<number>(BINS + 1).fill(0);
    for (let row = 0; row < rows; row++) {
      let bin = 0;
      if (missing > 0 && this.random() < missing) {
        bin = BINS;
      } else {
        const value = this.random();
        while (bin < edges.length && value >= (edges[bin] ?? 1)) bin++;
      }
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
    return counts;
  }

  /** Spacings of uniform order statistics are gamma variables over their sum; of 2,000 rows each, they are normal. */
  private sampleQuantiles(): number[] {
    const spacings = Array.from(
      { length: BINS },
      () => REFERENCE_ROWS_PER_BIN + Math.sqrt(REFERENCE_ROWS_PER_BIN) * this.normal(),
    );
    const total = spacings.reduce((sum, spacing) => sum + spacing, 0);
    let below = 0;
    return spacings.slice(0, -1).map(spacing => (below += spacing / total));
  }

  private normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.random())) * Math.cos(2 * Math.PI * this.random());
  }
}

/** Share of the tries of which something holds. */
export function shareOf(tries: number, holds: () => boolean): number {
  return Array.from({ length: tries }, holds).filter(Boolean).length / tries;
}

/** Probability below an edge once the mean has moved by `shift` standard deviations. */
function shifted(probability: number, shift: number): number {
  return shift === 0 ? probability : normalCdf(normalQuantile(probability) - shift);
}

function normalCdf(z: number): number {
  const tail = chiSquareTail(z * z, 1) / 2;
  return z < 0 ? tail : 1 - tail;
}

function normalQuantile(probability: number): number {
  let [low, high] = [-10, 10];
  while (high - low > 1e-9) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < probability) low = middle;
    else high = middle;
  }
  return low;
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
