import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endWith } from '../process/end-with';
import { findInterpreter } from './interpreter';

/** Repository root. */
const ROOT = join(__dirname, '..', '..');

/** Lock files whose packages share the environment; each is complete, so pip need not resolve anything. */
const LOCKS: readonly string[] = [
  'local-cloud/requirements.txt',
  'images/trainer/requirements.txt',
  'images/model-server/requirements.txt',
  'images/trainer/requirements-test.txt',
  'local-cloud/requirements-data.txt',
];

const STAMP = 'mlops-environment.json';
const SHOWN_LINES = 12;

/** The Python environment of the local cloud, the images run locally, and their tests. */
export interface PythonEnvironment {
  /** Its interpreter. */
  readonly python: string;
  /** Whether it was there already. */
  readonly reused: boolean;
}

/** Where and how to make the environment. */
export interface PythonEnvironmentOptions {
  /**
   * Folder of the environment.
   *
   * @default - `.venv` at the root of the repository
   */
  readonly folder?: string;
  /**
   * Told about each step that takes long.
   *
   * @default - nothing is told
   */
  readonly onProgress?: (message: string) => void;

  /**
   * Ends the making, and whatever it has started.
   *
   * @default - nothing ends it
   */
  readonly signal?: AbortSignal;
}

/** Makes the environment from the lock files, or reuses the one that was made from the same files and Python. */
export async function ensurePythonEnvironment(options: PythonEnvironmentOptions = {}): Promise<PythonEnvironment> {
  const folder = options.folder ?? join(ROOT, '.venv');
  const python = join(folder, 'bin', 'python');
  const stamp = join(folder, STAMP);
  const locks = lockDigest();
  if (existsSync(python) && isStampOf(stamp, locks)) {
    return { python, reused: true };
  }
  const interpreter = await findInterpreter();
  options.onProgress?.(`making ${folder} with Python ${interpreter.version}`);
  // half an environment, left by an interrupted run or an older lock, is not worth mending
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  await step([interpreter.program, '-m', 'venv', folder], venvHint, options.signal);
  options.onProgress?.(`installing ${String(LOCKS.length)} lock files`);
  await step(
    [
      python,
      ...['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-input', '--no-compile'],
      // exactly what is locked, and nothing that would run code to install itself
      ...['--require-hashes', '--no-deps', '--only-binary', ':all:'],
      ...LOCKS.flatMap(lock => ['-r', join(ROOT, lock)]),
    ],
    pipHint,
    options.signal,
  );
  writeFileSync(stamp, `${JSON.stringify({ locks, python: interpreter.version })}\n`);
  return { python, reused: false };
}

function lockDigest(): string {
  const hash = createHash('sha256');
  for (const lock of LOCKS) {
    hash.update(`${lock}\n`).update(readFileSync(join(ROOT, lock)));
  }
  return hash.digest('hex');
}

function isStampOf(stamp: string, locks: string): boolean {
  try {
    return (JSON.parse(readFileSync(stamp, 'utf8')) as { locks?: unknown }).locks === locks;
  } catch {
    // none, or half written
    return false;
  }
}

function step(command: readonly string[], hint: (output: string) => string, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const [program = '', ...args] = command;
  return new Promise((resolve, reject) => {
    // a group of its own: an installer starts others, and all of them end together
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
    const { release } = endWith(child, signal);
    let output = '';
    const collect = (chunk: Buffer): void => {
      output += chunk.toString();
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.once('error', reject);
    child.once('close', code => {
      release();
      if (signal?.aborted === true) {
        reject(new Error(`stopped by ${String(signal.reason)} while the Python environment was made; start again`));
        return;
      }
      if (code === 0) {
        resolve();
        return;
      }
      const lines = output.trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
      reject(new Error(`the Python environment could not be made; ${hint(output)}. Last lines:\n  ${lines}`));
    });
  });
}

function venvHint(output: string): string {
  if (/ensurepip is not available|python3-venv|No module named .?(venv|ensurepip)/.test(output)) {
    return "this Python lacks its venv module, install it, for example 'apt-get install python3-venv'";
  }
  // venv hides what its ensurepip said
  return diskHint(output) ?? 'python -m venv failed, most often for want of disk space, it takes some 400 MB';
}

function pipHint(output: string): string {
  if (output.includes('DO NOT MATCH THE HASHES')) {
    return 'a package is not the one that the lock file names, so nothing was installed';
  }
  if (output.includes('No matching distribution') || output.includes('Could not find a version')) {
    return 'a package has no build for this Python and machine, or the package index cannot be reached';
  }
  return diskHint(output) ?? 'pip failed';
}

function diskHint(output: string): string | undefined {
  return output.includes('No space left on device') ? 'the disk is full, free some 400 MB and try again' : undefined;
}
