// `npm run test:package`: what another team gets, from a registry's point of view. Packs the library, installs it into
// `examples/other-team`, synthesises that app in TypeScript and in Python, and compares the two. With `-u` the example's
// snapshot is written anew.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import { findInterpreter } from '../local-cloud/python/interpreter';
import { type PackedFile, problemsOf } from './package-contents';
import { step } from './steps';

const ROOT = join(__dirname, '..');
const EXAMPLE = join(ROOT, 'examples', 'other-team');
const SNAPSHOTS = join('test', '__snapshots__');

interface Packed {
  readonly filename: string;
  readonly size: number;
  readonly files: readonly PackedFile[];
}

const update = process.argv.includes('-u');
const work = mkdtempSync(join(tmpdir(), 'package-'));
const typescript = join(work, 'typescript');
const python = join(work, 'python');
const wheels = join(work, 'wheels');

async function pack(): Promise<string> {
  await step('build the library', ROOT, 'npm', 'run', '--silent', 'bundle');
  await step('build the public API', ROOT, 'npm', 'run', '--silent', 'jsii');
  const command = ['npm', 'pack', '--ignore-scripts', '--json', '--pack-destination', work];
  const [packed] = JSON.parse(await step('pack', ROOT, ...command)) as [Packed];
  const problems = problemsOf(packed.files, packed.size);
  if (problems.length > 0) throw new Error(problems.join('\n'));
  console.log(`       ${packed.files.length} files in ${packed.size} bytes`);
  return join(work, packed.filename);
}

async function inTypeScript(tarball: string): Promise<unknown> {
  copyExample(typescript);
  const quick = ['--prefer-offline', '--no-audit', '--no-fund'];
  await step('install it from npm, with what it needs', typescript, 'npm', 'install', ...quick, tarball);
  await step("the example's own tests", typescript, 'npm', 'test', ...(update ? ['--', '--updateSnapshot'] : []));
  if (update) cpSync(join(typescript, SNAPSHOTS), join(EXAMPLE, SNAPSHOTS), { recursive: true });
  await step('synthesise it in TypeScript', typescript, 'npm', 'run', 'synth');
  return templateOf(typescript);
}

async function inPython(): Promise<unknown> {
  copyExample(python);
  const folder = join(python, 'python');
  const build = ['--targets', 'python', '--no-npmignore', '--outdir', wheels];
  await step('build the wheel', ROOT, join(ROOT, 'node_modules', '.bin', 'jsii-pacmak'), ...build, '.');
  const { program } = await findInterpreter();
  await step('make a Python environment', python, program, '-m', 'venv', '.venv');
  const interpreter = join(python, '.venv', 'bin', 'python');
  const found = ['--find-links', join(wheels, 'python')];
  // most of what is installed is never imported
  const install = ['-m', 'pip', 'install', '--quiet', '--no-compile', ...found, '--requirement', 'requirements.txt'];
  await step('install the wheel beside aws-cdk-lib from PyPI', folder, interpreter, ...install);
  await step('synthesise it in Python', folder, interpreter, 'app.py');
  return templateOf(folder);
}

function copyExample(folder: string): void {
  mkdirSync(folder);
  cpSync(EXAMPLE, folder, { recursive: true, filter: path => !/[/\\](node_modules|cdk\.out|\.venv)$/.test(path) });
}

function templateOf(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, 'cdk.out', 'Fraud.template.json'), 'utf8'));
}

async function main(): Promise<void> {
  const fromTypeScript = await inTypeScript(await pack());
  const fromPython = await inPython();
  if (!isDeepStrictEqual(fromTypeScript, fromPython)) {
    throw new Error(
      `the templates of the two languages differ, compare 'cdk.out' in ${typescript} and ${python}/python`,
    );
  }
  console.log('ok     both languages give the same template');
  rmSync(work, { recursive: true });
}

main().catch((error: unknown) => {
  console.error(`FAILED ${error instanceof Error ? error.message : String(error)}\nwhat was made is left in ${work}`);
  process.exitCode = 1;
});
