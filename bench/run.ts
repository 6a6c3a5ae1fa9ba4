/** `npm run bench [-- [--json] [name…]]`: each benchmark beside what it is compared to, in one run. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePythonEnvironment } from '../scripts/python-env';
import { measure, type Benchmark, type Result } from './benchmark';
import { chartSynthesis } from './chart-synthesis';
import { driftCounting } from './drift-counting';
import { driftScoring } from './drift-scoring';
import { kubernetesClient } from './kubernetes-client';
import { localCloudControl } from './local-cloud-control';
import { localCloudInvocations } from './local-cloud-invocations';
import { localCloudMemory } from './local-cloud-memory';
import { modelServer } from './model-server';
import { synth } from './synth';
import { asTable } from './table';

const BENCHMARKS: readonly Benchmark[] = [
  chartSynthesis,
  driftCounting,
  driftScoring,
  ...kubernetesClient,
  ...localCloudControl,
  localCloudInvocations,
  localCloudMemory,
  modelServer,
  synth,
];

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    options: { json: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const names = BENCHMARKS.map(({ name }) => name);
  const unknown = positionals.find(name => !names.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`unknown benchmark '${unknown}', must be one of ${names.join(', ')}\n`);
    return 2;
  }
  const repository = join(__dirname, '..');
  const note = (line: string) => void process.stderr.write(`${line}\n`);
  const { python } = await ensurePythonEnvironment({ onProgress: note });
  const results: Result[] = [];
  let failed = false;
  for (const benchmark of BENCHMARKS.filter(({ name }) => positionals.length === 0 || positionals.includes(name))) {
    const folder = mkdtempSync(join(tmpdir(), 'mlops-bench-'));
    note(`${benchmark.name} …`);
    try {
      results.push(await measure(benchmark, { repository, python, folder }));
    } catch (error) {
      failed = true;
      note(`benchmark '${benchmark.name}' failed: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
  process.stdout.write(values.json ? `${JSON.stringify(results, null, 2)}\n` : asTable(results));
  return failed ? 1 : 0;
}

main().then(
  code => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
