import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TwoSamples } from '../lambda/monitor/drift/two-samples';
import { judgeFeatures } from '../lambda/monitor/drift/verdict';
import type { Benchmark } from './benchmark';
import { pythonNumber } from './run-python';

const FEATURES = 25;
const BINS = 11;
const REPEATS = 50;

/** The whole drift rule over a window's counts: pooling, χ², PSI excess, missing values, Benjamini–Hochberg. */
export const driftScoring: Benchmark = {
  name: 'drift-scoring',
  unit: `ms for ${FEATURES} features`,
  comparedTo: 'scipy.stats.chi2_contingency over the same counts, the χ² alone',
  rounds: 5,
  prepare(workbench) {
    const samples = madeUpCounts();
    const file = join(workbench.folder, 'counts.json');
    writeFileSync(file, JSON.stringify([...samples.values()]));
    return Promise.resolve({
      ours: () => Promise.resolve(judgedInMilliseconds(samples)),
      theirs: () => pythonNumber(workbench, 'chi_square.py', [file, String(REPEATS)]),
    });
  },
};

function judgedInMilliseconds(samples: ReadonlyMap<string, TwoSamples>): number {
  const began = performance.now();
  for (let repeat = 0; repeat < REPEATS; repeat += 1) {
    judgeFeatures(samples, { q: 0.01, minExcess: 0.02 });
  }
  return (performance.now() - began) / REPEATS;
}

/** Counts like those of ten quantile bins and one for missing values, the same on each run. */
function madeUpCounts(): Map<string, TwoSamples> {
  const waves = (scale: number, feature: number) =>
    Array.from({ length: BINS }, (_, bin) => Math.round(scale * (10 + Math.sin(feature * 7 + bin * 3))));
  return new Map(
    Array.from({ length: FEATURES }, (_, feature) => [
      `x${feature}`,
      { reference: waves(180, feature), current: waves(45, feature + 0.1) },
    ]),
  );
}
