/**
 * `npx tsx bench/rollback.ts [--rounds 50] [--json]`: from a red alarm to verified traffic on the old version, by step,
 * where that version is cold and where it stays warm.
 *
 * Of a cold one, the model server's start is told apart: it is the time for which the endpoint says that it is changing.
 */
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { clientOf } from '../test/integration/local-cloud/stack';
import { ReleaseCloud } from '../test/integration/release/release-cloud';
import { median, percentile } from './benchmark';
import { rollBack, type Before, type Taken } from './one-rollback';
import { requestsOf } from './requests';

const DEFAULT_ROUNDS = 50;

/** Rolls back so often, and once before to start the functions. */
async function rollBacks(before: Before, rounds: number): Promise<Taken[]> {
  const releases = await ReleaseCloud.start(`${join(__dirname, 'rollback-app.ts')} ${before}`);
  const taken: Taken[] = [];
  try {
    const cloudWatch = new CloudWatchClient(clientOf(releases.cloud));
    await releases.approve(await releases.register());
    for (let round = 0; round <= rounds; round++) {
      const one = await rollBack(releases, cloudWatch, before);
      if (round > 0) taken.push(one);
      process.stderr.write(`${before} ${round} of ${rounds}: ${Math.round(one['all of it'] ?? NaN)} ms\n`);
    }
    const byWeights = (await requestsOf(releases.cloud.endpoint))
      .filter(({ action }) => action === 'sagemaker:UpdateEndpointWeightsAndCapacities')
      .reduce((sum, { count }) => sum + count, 0);
    if (before === 'warm' ? byWeights < rounds : byWeights > 0) {
      throw new Error(`${byWeights} of ${rounds} rollbacks to a ${before} version were changes of weights`);
    }
  } finally {
    await releases.stop();
  }
  return taken;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, json: { type: 'boolean', default: false } } });
  const rounds = values.rounds === undefined ? DEFAULT_ROUNDS : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`'--rounds' must be a whole number of at least 1, got '${values.rounds ?? ''}'`);
  }
  const cold = await rollBacks('cold', rounds);
  const warm = await rollBacks('warm', rounds);
  const steps = Object.keys(cold[0] ?? {}).map(step => ({
    step,
    cold: figures(cold, step),
    warm: figures(warm, step),
  }));
  if (values.json) process.stdout.write(`${JSON.stringify({ rounds, steps }, null, 2)}\n`);
  else {
    const line = (...cells: string[]) =>
      void process.stdout.write(
        `${cells.map((cell, i) => (i === 0 ? cell.padEnd(24) : cell.padStart(12))).join('')}\n`,
      );
    line('milliseconds', 'cold median', 'p99', 'warm median', 'p99');
    for (const { step, ...by } of steps) {
      line(step, ...[by.cold, by.warm].flatMap(({ medianMs, p99Ms }) => [String(medianMs), String(p99Ms)]));
    }
  }
}

function figures(all: readonly Taken[], step: string): { medianMs: number; p99Ms: number } {
  const taken = all.map(one => one[step] ?? NaN);
  return { medianMs: Math.round(median(taken)), p99Ms: Math.round(percentile(taken, 0.99)) };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
