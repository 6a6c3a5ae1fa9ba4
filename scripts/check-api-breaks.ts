// Fails when the public API breaks what the last release promised, unless the version says that it does.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mayBreak } from './may-break';
import { releasedApi } from './released-api';

const ROOT = join(__dirname, '..');
const MODULES = join(ROOT, 'node_modules');

const baseline = releasedApi(ROOT);
const { version: released } = JSON.parse(baseline) as { version: string };
const project = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { version: string };
const { version } = project;

const folder = mkdtempSync(join(tmpdir(), 'api-'));
try {
  writeFileSync(join(folder, '.jsii'), baseline);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ ...project, version: released }));
  symlinkSync(MODULES, join(folder, 'node_modules'));
  // everything of a version 0 is experimental, and promised all the same
  const { status, stdout, stderr } = spawnSync(
    join(MODULES, '.bin', 'jsii-diff'),
    ['--error-on', 'all', folder, ROOT],
    {
      encoding: 'utf8',
    },
  );
  const output = `${stdout}${stderr}`;
  const breaks = output.split('\n').filter(line => line.startsWith('err '));
  if (status !== 0 && breaks.length === 0) throw new Error(`jsii-diff ended with exit code ${status}: ${output}`);
  if (breaks.length === 0) {
    // the promise is kept
  } else if (mayBreak(released, version)) {
    console.log([`the API of ${released} is broken, as ${version} may:`, ...breaks].join('\n'));
  } else {
    const number = released.startsWith('0.') ? 'minor' : 'major';
    const problem = `'version' in package.json is '${version}', must be one that may break the API of ${released}; raise the ${number} version, or keep what was there:`;
    console.error([problem, ...breaks].join('\n'));
    process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true });
}
