import { spawn } from 'node:child_process';
import { endWith } from '../process/end-with';

const SHOWN_LINES = 15;
const WAYS =
  "install Go 1.21 or newer (https://go.dev/doc/install), or name a cluster by 'KUBECONFIG', " +
  "or a folder with binaries by 'KUBEBUILDER_ASSETS'";

/** How to run Go. */
export interface GoOptions {
  readonly folder: string;
  /**
   * Ends it, with all that it has started.
   *
   * @default - nothing ends it but this process' own end
   */
  readonly signal?: AbortSignal;
}

/** Runs `go` and returns what it printed. */
export function go(args: readonly string[], { folder, signal }: GoOptions): Promise<string> {
  signal?.throwIfAborted();
  return new Promise((resolve, reject) => {
    // a group of its own: the compilers that it starts end with it
    const child = spawn('go', args, {
      cwd: folder,
      // a workspace that the user has somewhere above is about other modules
      env: { ...process.env, GOWORK: 'off' },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const { release } = endWith(child, signal);
    let output = '';
    let complaints = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      complaints += chunk.toString();
    });
    child.once('error', (error: NodeJS.ErrnoException) => {
      release();
      reject(error.code === 'ENOENT' ? missing(error) : error);
    });
    child.once('close', code => {
      release();
      if (code === 0) {
        resolve(output);
        return;
      }
      if (complaints.includes('invalid go version')) {
        reject(new Error(`'go' is older than 1.21 and cannot get itself the version that it needs; ${WAYS}`));
        return;
      }
      const lines = (complaints === '' ? output : complaints).trimEnd().split('\n').slice(-SHOWN_LINES).join('\n  ');
      reject(new Error(`'go ${args.join(' ')}' ended with exit code ${String(code)}. Last lines:\n  ${lines}`));
    });
  });
}

function missing(cause: Error): Error {
  return new Error(`'go' is not on the PATH; the Kubernetes control plane is built with it; ${WAYS}`, { cause });
}
