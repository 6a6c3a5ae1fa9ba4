import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(__dirname, '..', '..');
const { app, context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { app: string; context: object };

/** Runs the app as `cdk.json` says, where it is, but for the validation. */
function run(environment: string): { readonly code: number | null; readonly errors: string; readonly out: string } {
  const out = mkdtempSync(join(tmpdir(), 'app-'));
  const [, ...args] = app.split(' ');
  const { status, stderr } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    encoding: 'utf8',
    env: {
      ...process.env,
      CDK_OUTDIR: out,
      CDK_CONTEXT_JSON: JSON.stringify(context),
      CDK_VALIDATION: 'false',
      MLOPS_ENVIRONMENT: environment,
    },
  });
  return { code: status, errors: stderr, out };
}

beforeAll(() => {
  const { status, stderr } = spawnSync(process.execPath, [join('scripts', 'bundle-app.mjs')], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('the bundle that the CDK CLI runs makes the stage of the environment that is chosen, and of no other', () => {
  const { code, errors, out } = run('local');

  // its errors tell why it is not
  expect({ code, errors }).toEqual({ code: 0, errors: expect.any(String) as string });
  const { artifacts } = JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as { artifacts: object };
  expect(Object.keys(artifacts).filter(id => id.startsWith('assembly-'))).toEqual(['assembly-local']);
});

test('what is wrong with a file is told in a line, without a stack', () => {
  const { code, errors } = run('nowhere');

  expect(code).toBe(1);
  expect(errors).toMatch(/nowhere/);
  expect(errors).not.toMatch(/^ +at /m);
});
