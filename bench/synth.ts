import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Workbench } from './benchmark';

const run = promisify(execFile);

/** The synth of the `local` environment by itself, without bundling and without the CDK's own validation. */
export const synth: Benchmark = {
  name: 'synth',
  unit: 's for the environment local',
  comparedTo: 'a CDK app with one empty stack, started the same way',
  rounds: 3,
  prepare: workbench =>
    Promise.resolve({
      ours: () => synthSeconds(workbench, 'bin/platform.ts'),
      theirs: () => synthSeconds(workbench, 'bench/empty-app.ts'),
    }),
};

async function synthSeconds({ repository, folder }: Workbench, app: string): Promise<number> {
  const began = performance.now();
  await run(process.execPath, ['--import', 'tsx', join(repository, app)], {
    cwd: repository,
    env: {
      ...process.env,
      CDK_OUTDIR: join(folder, 'cdk.out'),
      CDK_VALIDATION: 'false',
      MLOPS_ENVIRONMENT: 'local',
    },
  });
  return (performance.now() - began) / 1000;
}
