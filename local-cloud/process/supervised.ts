import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';

/** What a supervisor tells about the cloud that it runs. */
export interface SupervisedCloud {
  readonly endpoint: string;
  readonly workDir: string;
  readonly scratchDir: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly logs: Readonly<Record<'ministack' | 'sagemaker', string>>;
}

/** A local cloud in a session of its own, which may outlive this process. */
export class Supervisor {
  private constructor(
    private readonly child: ChildProcess,
    private readonly ended: Promise<void>,
    /** The cloud it runs. */
    public readonly cloud: SupervisedCloud,
  ) {}

  /** Starts one and waits until its cloud is ready. */
  public static async start(options: object): Promise<Supervisor> {
    const child = spawn(
      process.execPath,
      [
        '--import',
        pathToFileURL(require.resolve('tsx')).href,
        join(__dirname, 'supervisor.ts'),
        JSON.stringify(options),
      ],
      { detached: true, stdio: ['pipe', 'pipe', 'ignore'] },
    );
    child.stdin.on('error', () => undefined);
    const ended = new Promise<void>(resolve => {
      child.once('close', () => {
        resolve();
      });
    });
    for await (const line of createInterface({ input: child.stdout })) {
      const answer = JSON.parse(line) as SupervisedCloud | { readonly error: string };
      if ('error' in answer) {
        throw new Error(answer.error);
      }
      return new Supervisor(child, ended, answer);
    }
    throw new Error(`the supervisor of the local cloud ended before it was ready: exit code ${String(child.exitCode)}`);
  }

  /** Lets the cloud run on after this process; returns the process id that `kill` ends it by. */
  public keep(): number {
    this.child.stdin?.end('keep\n');
    this.child.stdout?.destroy();
    this.child.unref();
    return this.pid();
  }

  /** Ends it. */
  public async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      process.kill(this.pid(), 'SIGTERM');
    }
    this.child.stdout?.destroy();
    await this.ended;
  }

  private pid(): number {
    if (this.child.pid === undefined) {
      throw new Error('the supervisor of the local cloud did not start');
    }
    return this.child.pid;
  }
}
