import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { featureQuery } from '../lambda/monitor/feature-query';
import type { Bins, Column } from '../lambda/shared/contracts';
import type { Benchmark } from './benchmark';
import { pythonNumber } from './run-python';

const ROWS = 200_000;
const NUMERIC = 20;
const CATEGORICAL = 5;
const CATEGORIES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const START = Date.parse('2026-11-24T03:00:00Z');
const HOUR = 3_600_000;

/** Deciles of the standard normal distribution, from which the rows are drawn. */
const DECILES = [-1.2816, -0.8416, -0.5244, -0.2533, 0, 0.2533, 0.5244, 0.8416, 1.2816];
const numericBins: Bins = { edges: DECILES, counts: DECILES.map(() => 0).concat(0, 0) };
const categoryBins: Bins = { categories: CATEGORIES, counts: CATEGORIES.map(() => 0).concat(0, 0) };

/** The monitor's own query over an hour's log, in the engine of the local cloud. */
export const driftCounting: Benchmark = {
  name: 'drift-counting',
  unit: `s for ${ROWS / 1000}k rows × ${NUMERIC + CATEGORICAL} features`,
  comparedTo: 'the same file read into numpy and counted there (searchsorted, bincount)',
  rounds: 5,
  async prepare(workbench) {
    const rows = join(workbench.folder, 'rows.parquet');
    const query = join(workbench.folder, 'query.sql');
    writeFileSync(query, monitorQuery());
    await pythonNumber(workbench, 'make_rows.py', [rows, String(ROWS), String(NUMERIC), CATEGORIES.join(',')]);
    return {
      ours: () => pythonNumber(workbench, 'count_by_query.py', [rows, query]),
      theirs: () => pythonNumber(workbench, 'count_by_numpy.py', [rows, DECILES.join(','), CATEGORIES.join(',')]),
    };
  },
};

function monitorQuery(): string {
  const numbers = Array.from({ length: NUMERIC }, (_, index) => `x${index}`);
  const texts = Array.from({ length: CATEGORICAL }, (_, index) => `s${index}`);
  const features: Column[] = [
    ...numbers.map(name => ({ name, type: 'double' as const, nullable: false })),
    ...texts.map(name => ({ name, type: 'string' as const, nullable: false })),
  ];
  return featureQuery({
    database: 'bench',
    table: 'inference_log',
    version: '1',
    start: START,
    end: START + HOUR,
    features,
    baseline: {
      features: Object.fromEntries([
        ...numbers.map(name => [name, numericBins] as const),
        ...texts.map(name => [name, categoryBins] as const),
      ]),
      prediction: { edges: [0.2, 0.4, 0.6, 0.8], counts: [0, 0, 0, 0, 0, 0] },
    },
  });
}
