import { join } from 'node:path';
import { bundleApps, runApp } from './app-run';
import type { Benchmark, Workbench } from './benchmark';

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
  const variables = { MLOPS_ENVIRONMENT: 'local' };
  return (await runApp({ repository, app, out: join(folder, 'cdk.out'), context: {}, variables })).seconds;
}
