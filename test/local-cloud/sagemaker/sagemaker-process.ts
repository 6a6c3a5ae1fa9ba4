import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = join(__dirname, '..', '..', '..');
const ENTRY = join(ROOT, 'local-cloud', 'sagemaker', 'server.ts');

/** The local SageMaker as a process of its own, as the local cloud starts it. */
export class SageMakerProcess {
  /** What it has written to its error output. */
  public errors = '';
  private readonly child: ChildProcess;

  private constructor(environment: NodeJS.ProcessEnv) {
    // the loader itself, not a wrapper around it, so that the process id is the server's
    this.child = spawn(process.execPath, ['--import', 'tsx', ENTRY, '--port', '0'], {
      cwd: ROOT,
      env: { PATH: process.env.PATH, ...environment },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
  }

  /** Starts it; resolves with it and its URL once it answers. */
  public static async start(environment: NodeJS.ProcessEnv): Promise<{ server: SageMakerProcess; url: string }> {
    const server = new SageMakerProcess(environment);
    if (server.child.stdout !== null) {
      for await (const line of createInterface({ input: server.child.stdout })) {
        const url = /^sagemaker ready (http:\/\/127\.0\.0\.1:\d+)$/.exec(line)?.[1];
        if (url !== undefined) {
          return { server, url };
        }
      }
    }
    throw new Error(`the server ended before it was ready: ${server.errors}`);
  }

  /** Whether it still runs. */
  public isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Ends it with its containers. */
  public async stop(): Promise<void> {
    if (this.isRunning()) {
      const ended = new Promise(resolve => this.child.once('exit', resolve));
      this.child.kill('SIGTERM');
      await ended;
    }
  }
}
