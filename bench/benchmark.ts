/** What every benchmark may use. */
export interface Workbench {
  readonly repository: string;
  /** A Python with the project's requirements. */
  readonly python: string;
  /** An empty folder that is deleted afterwards. */
  readonly folder: string;
}

/** A measure of ours beside the measure of what it is compared to. */
export interface Benchmark {
  readonly name: string;
  readonly unit: string;
  /** What the other measure is of. */
  readonly comparedTo: string;
  /** How often each of the two is measured, in turn; medians count. */
  readonly rounds: number;
  prepare(workbench: Workbench): Promise<Contest>;
}

/** The two measures, ready to be taken. */
export interface Contest {
  ours(): Promise<number>;
  theirs(): Promise<number>;
  close?(): Promise<void>;
}

/** One line of the result; `ratio` is ours by theirs. */
export interface Result {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly comparedTo: string;
  readonly ratio: number;
}

/**
 * Measures both in turn, so that whatever else the machine does falls on both, and takes the medians. A first round
 * warms caches and is not counted.
 */
export async function measure(benchmark: Benchmark, workbench: Workbench): Promise<Result> {
  const contest = await benchmark.prepare(workbench);
  const ours: number[] = [];
  const theirs: number[] = [];
  try {
    for (let round = 0; round <= benchmark.rounds; round += 1) {
      const pair = [await contest.ours(), await contest.theirs()];
      if (round > 0) {
        ours.push(pair[0]);
        theirs.push(pair[1]);
      }
    }
  } finally {
    await contest.close?.();
  }
  const [value, other] = [median(ours), median(theirs)];
  const { name, unit, comparedTo } = benchmark;
  return { name, value: rounded(value), unit, comparedTo, ratio: rounded(value / other) };
}

/** The middle value, or the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** The value that `share` of the values do not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}

/** Three digits are more than a single machine can vouch for. */
function rounded(value: number): number {
  return Number(value.toPrecision(3));
}
