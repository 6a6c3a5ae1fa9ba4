import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleApps } from './app-run';
import type { Benchmark, Workbench } from './benchmark';

const run = promisify(execFile);

/** The synth of the `local` environment by itself, without bundling and without the CDK's own validation. */
export const synth: Benchmark = {
  name: 'synth',
  unit: 's for the environment local',
  comparedTo: 'a CDK app with one empty stack, started the same way',
  rounds: 3,
  prepare: async workbench => {
    await bundleApps(workbench.repository, 'bin/platform.ts', 'bench/empty-app.ts');
    return {
      ours: () => synthSeconds(workbench, 'platform'),
      theirs: () => synthSeconds(workbench, 'empty-app'),
    };
  },
};

async function synthSeconds({ repository, folder }: Workbench, app: string): Promise<number> {
  const began = performance.now();
  await run(process.execPath, ['--enable-source-maps', join(repository, 'dist', 'app', `${app}.js`)], {
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
