import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '..', '..', '..');
const ENTRY = join(ROOT, 'local-cloud', 'sagemaker', 'server.ts');

/** Starts the local SageMaker as a process of its own, as the local cloud does. */
export function spawnSageMaker(environment: NodeJS.ProcessEnv): ChildProcess {
  // the loader itself, not a wrapper around it, so that the process id is the server's
  return spawn(process.execPath, ['--import', 'tsx', ENTRY, '--port', '0'], {
    cwd: ROOT,
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
}

/** Its URL, once it answers. */
export async function readyUrl(child: ChildProcess): Promise<string> {
  if (child.stdout === null) {
    throw new Error('the server has no output');
  }
  for await (const line of createInterface({ input: child.stdout })) {
    const url = /^sagemaker ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
    if (url !== undefined) {
      return url;
    }
  }
  throw new Error('the server ended before it was ready');
}
