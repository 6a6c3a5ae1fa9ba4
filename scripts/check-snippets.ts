// Compiles the examples of the README, of the API's documentation and of the pages against the library as it was just built,
// and translates the first two as jsii does for Python; fails where any does not work.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '..');
const DOCS = join(ROOT, 'docs');
const MODULES = join(ROOT, 'node_modules');
/** Beside what the library needs, what its examples use. */
const USED = ['@types/node', '@aws-cdk/lambda-layer-kubectl-v36'];
const FRAGMENT = readFileSync(join(__dirname, 'docs-fragment.ts-fixture'), 'utf8');
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

/** Runs a tool of this repository on the project; whether it ended well. */
function runs(tool: string, ...args: string[]): boolean {
  return spawnSync(join(MODULES, '.bin', tool), args, { cwd: project, stdio: 'inherit' }).status === 0;
}

/** Writes each piece of TypeScript of the pages as a file, named for its page and line; how many there are. */
function writePieces(): number {
  const pieces = readdirSync(DOCS)
    .filter(page => page.endsWith('.md'))
    .flatMap(page => {
      const text = readFileSync(join(DOCS, page), 'utf8');
      return [...text.matchAll(/^```ts\n(.*?)^```$/gms)].map(({ index, 1: code }) => ({
        file: `${page}-${text.slice(0, index).split('\n').length + 1}.ts`,
        code: /^import /m.test(code) ? code : FRAGMENT.replace('/// here', () => code),
      }));
    });
  for (const { file, code } of pieces) writeFileSync(join(project, file), code);
  writeFileSync(
    join(project, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: {
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        target: 'es2022',
        module: 'node16',
        types: ['node'],
        // what is linked is found beside the link, as if it were installed
        preserveSymlinks: true,
      },
      include: ['*.ts'],
    }),
  );
  return pieces.length;
}

try {
  link(name, ROOT);
  for (const module of [...Object.keys(peerDependencies), ...USED]) link(module, join(MODULES, module));
  const translations = join(project, 'translated.tabl.json');
  const translated = runs(
    'jsii-rosetta',
    'extract',
    '--strict',
    '--directory',
    project,
    '--cache-to',
    translations,
    ROOT,
  );
  if (writePieces() === 0) throw new Error(`no TypeScript found on the pages of '${DOCS}'`);
  process.exitCode = translated && runs('tsc', '--project', project) ? 0 : 1;
} finally {
  rmSync(project, { recursive: true });
  // jsii-rosetta leaves its translations beside the assembly as well
  rmSync(join(ROOT, '.jsii.tabl.json'), { force: true });
}
