// Compiles the examples of the README and of the API's documentation against the library as it was just built, and
// translates them as jsii does for Python; fails where either does not work.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..');
const MODULES = join(ROOT, 'node_modules');
const { name, peerDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
  name: string;
  peerDependencies: Record<string, string>;
};

/** A project in which the library is installed beside what it needs. */
const project = mkdtempSync(join(tmpdir(), 'snippets-'));
const link = (module: string, folder: string): void => {
  const path = join(project, 'node_modules', module);
  mkdirSync(dirname(path), { recursive: true });
  symlinkSync(folder, path);
};
try {
  link(name, ROOT);
  for (const module of [...Object.keys(peerDependencies), '@types/node']) link(module, join(MODULES, module));
  const { status } = spawnSync(
    join(MODULES, '.bin', 'jsii-rosetta'),
    ['extract', '--strict', '--directory', project, '--cache-to', join(project, 'translated.tabl.json'), ROOT],
    { stdio: 'inherit' },
  );
  process.exitCode = status ?? 1;
} finally {
  rmSync(project, { recursive: true });
  // jsii-rosetta leaves its translations beside the assembly as well
  rmSync(join(ROOT, '.jsii.tabl.json'), { force: true });
}
