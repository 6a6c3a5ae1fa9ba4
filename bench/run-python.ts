import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Workbench } from './benchmark';

const run = promisify(execFile);
const TIMEOUT_MILLISECONDS = 60_000;

/** Runs one of the scripts in `bench/python`, which measures itself and prints one number. */
export async function pythonNumber({ repository, python }: Workbench, script: string, args: string[]): Promise<number> {
  const { stdout } = await run(python, [join(repository, 'bench', 'python', script), ...args], {
    timeout: TIMEOUT_MILLISECONDS,
  });
  const value = Number(stdout.trim());
  if (stdout.trim() === '' || !Number.isFinite(value)) {
    throw new Error(`'${script}' printed '${stdout.trim()}', must print one number`);
  }
  return value;
}
