import { build } from 'esbuild';
import { execFile } from 'node:child_process';
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Benchmark, Workbench } from './benchmark';

const run = promisify(execFile);
/** Installed for this alone. */
const OFFICIAL = '@kubernetes/client-node@2.0.1';
/** What Lambda runs; the official client does not load on Node 20 any more. */
const NODE = 'node@24.9.0';
/** What the function wants to have been told when it loads. */
const ENVIRONMENT = {
  AWS_REGION: 'eu-west-1',
  ENVIRONMENT: 'prod',
  LEDGER_TABLE: 'ledger',
  NOTIFICATION_TOPIC_ARN: 'arn:aws:sns:eu-west-1:000000000000:topic',
  MODEL_PACKAGE_ARN_PREFIX: 'arn:aws:sagemaker:eu-west-1:000000000000:model-package/',
  POLL_SECONDS: '5',
};
const BYTES_PER_KIB = 1024;

interface Bundles {
  readonly ours: string;
  readonly theirs: string;
  /** Node of the Lambda runtime. */
  readonly node: string;
}

/** The release function with its few verbs over plain HTTPS, beside the same with the official client in it. */
export const kubernetesClient: readonly Benchmark[] = [
  {
    name: 'kubernetes-client-size',
    unit: 'KiB of the release function',
    comparedTo: `the same with ${OFFICIAL}`,
    rounds: 1,
    prepare: async workbench => {
      const { ours, theirs } = await bundles(workbench);
      const size = (file: string) => Promise.resolve(statSync(file).size / BYTES_PER_KIB);
      return { ours: () => size(ours), theirs: () => size(theirs) };
    },
  },
  {
    name: 'kubernetes-client-start',
    unit: 'ms until the release function is loaded',
    comparedTo: `the same with ${OFFICIAL}`,
    rounds: 15,
    prepare: async workbench => {
      const { node, ours, theirs } = await bundles(workbench);
      return { ours: () => loadMs(node, ours), theirs: () => loadMs(node, theirs) };
    },
  },
];

async function bundles({ repository, folder }: Workbench): Promise<Bundles> {
  writeFileSync(join(folder, 'package.json'), '{"private":true}');
  await run('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts', OFFICIAL], { cwd: folder });
  // its script fetches the binary of this machine from npm
  await run('npm', ['install', '--no-audit', '--no-fund', NODE], { cwd: folder });
  const handler = join(repository, 'lambda', 'release-step', 'handler.ts');
  const withOfficial = join(folder, 'with-official.ts');
  // what a target would make of it: a client for each kind of object that a release writes
  writeFileSync(
    withOfficial,
    `export { handler } from ${JSON.stringify(handler)};
import { AppsV1Api, AutoscalingV2Api, CoreV1Api, CustomObjectsApi, DiscoveryV1Api, KubeConfig, PolicyV1Api } from '@kubernetes/client-node';
export function clients(config = new KubeConfig()) {
  return [AppsV1Api, AutoscalingV2Api, CoreV1Api, CustomObjectsApi, DiscoveryV1Api, PolicyV1Api].map(api => config.makeApiClient(api as never));
}
`,
  );
  const [ours, theirs] = [join(folder, 'ours.js'), join(folder, 'theirs.js')];
  await bundle(handler, ours, repository);
  await bundle(withOfficial, theirs, repository);
  return { ours, theirs, node: join(folder, 'node_modules', 'node', 'bin', 'node') };
}

/** As `scripts/bundle-lambdas.mjs` does it. */
async function bundle(entry: string, outfile: string, repository: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    minify: true,
    keepNames: true,
    legalComments: 'none',
    logLevel: 'error',
    nodePaths: [join(repository, 'node_modules')],
  });
}

/** A new process each time, as for a cold start; without the time that Node itself takes. */
async function loadMs(node: string, file: string): Promise<number> {
  const script = `const began = performance.now(); require(${JSON.stringify(file)}); console.log(performance.now() - began);`;
  const { stdout } = await run(node, ['-e', script], {
    env: { PATH: process.env['PATH'], ...ENVIRONMENT },
  });
  return Number(stdout);
}
