// `npm run test:matrix`: the unit tests with the oldest and the newest CDK that the package allows, on each Node. On demand:
// it installs everything once for each CDK, in a folder of its own.
//   -- --cdk floor --node 20     only those; each may be given several times, CDK as floor, newest or a version
//   -- --workers 1               so many test files at a time, 2 without it
//   -- test/constructs test/lib  only the tests of those paths
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { cellResult, type JestReport, table } from './matrix-report';
import { attempt, step } from './steps';

const ROOT = join(__dirname, '..');
const NODES = ['20', '22', '24'];
const CDKS = ['floor', 'newest'];
/** What is committed, and what would be. */
const STANDS = ['--cached', '--others', '--exclude-standard'];
const QUICK = ['--prefer-offline', '--no-audit', '--no-fund', '--save-exact'];

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    cdk: { type: 'string', multiple: true, default: CDKS },
    node: { type: 'string', multiple: true, default: NODES },
    workers: { type: 'string', default: '2' },
  },
});
const work = mkdtempSync(join(tmpdir(), 'matrix-'));

/** A version of CDK as it was asked for: the floor of the peer dependency, what is newest today, or one by its number. */
async function cdkVersion(asked: string): Promise<string> {
  if (asked === 'newest') {
    return (await step('ask for the newest CDK', ROOT, 'npm', 'view', 'aws-cdk-lib', 'version')).trim();
  }
  if (asked !== 'floor') return asked;
  const { peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    peerDependencies: { 'aws-cdk-lib': string };
  };
  return peerDependencies['aws-cdk-lib'].replace('^', '');
}

/** The binary of the newest Node of a major version; the packages of `node` hold one for each platform. */
async function nodeBinary(major: string): Promise<string> {
  const folder = join(work, `node-${major}`);
  mkdirSync(folder);
  const name = `node-${process.platform}-${process.arch}`;
  const install = ['npm', 'install', ...QUICK, '--prefix', folder, `${name}@${major}`];
  await step(`install Node ${major}`, folder, ...install);
  return join(folder, 'node_modules', name, 'bin', 'node');
}

/** The repository as it stands, but for what git ignores, with another CDK. */
async function checkout(cdk: string): Promise<string> {
  const folder = join(work, `cdk-${cdk}`);
  const files = await step(`copy the repository for CDK ${cdk}`, ROOT, 'git', 'ls-files', '-z', ...STANDS);
  // a file that was deleted is listed until that is committed, and one of a merge under way several times
  const there = [...new Set(files.split('\0'))].filter(file => file !== '' && existsSync(join(ROOT, file)));
  for (const file of there) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    cpSync(join(ROOT, file), join(folder, file));
  }
  await step(`install CDK ${cdk}`, folder, 'npm', 'install', ...QUICK, '--save-dev', `aws-cdk-lib@${cdk}`);
  await step('bundle the functions', folder, 'node', 'scripts/bundle-lambdas.mjs');
  return folder;
}

async function runCell(
  cdk: string,
  folder: string,
  major: string,
  node: string,
): Promise<ReturnType<typeof cellResult>> {
  const version = (await step(`ask Node ${major} for its version`, folder, node, '--version')).trim();
  const report = join(work, `report-${cdk}-${major}.json`);
  const jest = [
    join('node_modules', 'jest', 'bin', 'jest.js'),
    '--selectProjects=unit',
    `--maxWorkers=${values.workers}`,
    '--silent',
  ];
  const paths = positionals.length === 0 ? [] : ['--testPathPatterns', ...positionals];
  const told = ['--json', `--outputFile=${report}`];
  await attempt(`unit tests with CDK ${cdk} on Node ${version}`, folder, node, ...jest, ...told, ...paths);
  return cellResult({ cdk, node: version }, JSON.parse(readFileSync(report, 'utf8')) as JestReport);
}

async function main(): Promise<void> {
  const nodes = new Map<string, string>();
  for (const major of values.node) nodes.set(major, await nodeBinary(major));
  const results: ReturnType<typeof cellResult>[] = [];
  for (const cdk of new Set(await Promise.all(values.cdk.map(cdkVersion)))) {
    const folder = await checkout(cdk);
    for (const [major, node] of nodes) results.push(await runCell(cdk, folder, major, node));
    rmSync(folder, { recursive: true });
  }
  rmSync(work, { recursive: true });
  console.log(table(results));
  process.exitCode = results.every(({ passes }) => passes) ? 0 : 1;
}

main().catch((error: unknown) => {
  console.error(`FAILED ${error instanceof Error ? error.message : String(error)}\nwhat was made is left in ${work}`);
  process.exitCode = 1;
});
