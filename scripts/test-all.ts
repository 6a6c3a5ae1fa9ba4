// `npm run test:all`: what `npm test` leaves out, since it takes long or needs Python and the local cloud.
import { basename } from 'node:path';
import { ensurePythonEnvironment } from './python-env';
import { type Check, runChecks } from './run-checks';

/** Repositories of environments whose templates CloudFormation must take: this one, and those of the tests. */
const TEMPLATES = ['.', 'test/fixtures/everything', 'test/fixtures/clusters'];
const PYTHON_PROJECTS = [
  'images/trainer',
  'images/model-server',
  'local-cloud/ministack',
  'local-cloud/contract-tests',
];

async function main(): Promise<boolean> {
  const { python } = await ensurePythonEnvironment({ onProgress: message => console.log(message) });
  const pytest = PYTHON_PROJECTS.map((folder): Check => ({
    name: `pytest of ${folder}`,
    command: [python, '-m', 'pytest', '-q'],
    folder,
    shown: /^(=+ )?\d+ (passed|failed)/,
  }));
  const validation = TEMPLATES.map((root): Check => ({
    name: `CloudFormation's validation of ${root}`,
    command: ['cdk', 'synth', '--quiet', '**', '-c', `root=${root}`, '--output', `cdk.out/${basename(root)}`],
  }));
  return runChecks(
    [
      { name: 'bundle', command: ['node', 'scripts/bundle-lambdas.mjs'] },
      ...validation,
      ...pytest,
      {
        name: 'integration tests',
        // more would starve each other: each has a local cloud, which mostly waits
        command: ['jest', '--selectProjects=integration', '--maxWorkers=2'],
        shown: /^(Tests|Test Suites):/,
      },
    ],
    // the local cloud and its processes want both processors
    1,
  );
}

main()
  .then(ok => {
    process.exitCode = ok ? 0 : 1;
  })
  .catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  });
