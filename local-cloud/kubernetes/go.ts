import { spawn } from 'node:child_process';
import { constants, setPriority } from 'node:os';
import { endWith } from '../process/end-with';
import { findGo } from './find-go';

const SHOWN_LINES = 15;

/** How to run Go. */
export interface GoOptions {
  readonly folder: string;
  /**
   * Its program.
   *
   * @default - the machine's own Go, else one that is installed once
   */
  readonly program?: string;
  /**
   * Ends it, with all that it has started.
   *
   * @default - nothing ends it but this process' own end
   */
  readonly signal?: AbortSignal;
}

/** Runs `go` and returns what it printed. */
export async function go(args: readonly string[], { folder, signal, ...options }: GoOptions): Promise<string> {
  signal?.throwIfAborted();
  const program = options.program ?? (await findGo({ signal }));
  return await new Promise((resolve, reject) => {
    // a group of its own: the compilers that it starts end with it
    const child = spawn(program, args, {
      cwd: folder,
      // a workspace that the user has somewhere above is about other modules
      env: { ...process.env, GOWORK: 'off' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { release } = endWith(child, signal);
    // it takes minutes of all processors, and whoever works meanwhile comes first
    if (child.pid !== undefined) setPriority(child.pid, constants.priority.PRIORITY_LOW);
    let output = '';
    let complaints = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    child.once('error', error => {
      release();
      reject(error);
    });
    child.once('close', code => {
      release();
      if (code === 0) {
        resolve(output);
        return;
      }
      const lines = (complaints === '' ? output : complaints).trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
      reject(new Error(`'go ${args.join(' ')}' ended with exit code ${String(code)}. Last lines:\n  ${lines}`));
    });
  });
}
