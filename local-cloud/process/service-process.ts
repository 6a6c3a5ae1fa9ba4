import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** How long a process has to end by itself before its group is killed. */
const GRACE_MS = 8000;
const LOOK_EVERY_MS = 20;
const SHOWN_LOG_LINES = 15;

/** What to run. */
export interface ServiceProcessOptions {
  /** Name in messages. */
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** The whole environment; nothing is inherited. */
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/**
 * A process of the local cloud, in a process group of its own with all that it starts.
 *
 * Its stdin is a pipe that this process alone holds open: the child ends its group when the pipe ends, which happens
 * also when this process is killed.
 */
export class ServiceProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private failure?: Error;

  constructor(private readonly options: ServiceProcessOptions) {
    const log = openSync(options.logFile, 'a');
    try {
      this.child = spawn(options.program, options.args, {
        cwd: options.cwd,
        env: { ...options.env },
        stdio: ['pipe', log, log],
        // a group of its own: Ctrl-C in the terminal reaches only this process, which ends the child in order
        detached: true,
      });
    } finally {
      closeSync(log);
    }
    this.ended = new Promise(resolve => {
      this.child.once('exit', () => {
        resolve();
      });
      this.child.once('error', error => {
        this.failure = error;
        resolve();
      });
    });
    // a pipe to a child that has ended is no error of ours
    this.child.stdin?.on('error', () => undefined);
  }

  /** Its id, and that of its group; undefined when it could not be started. */
  public get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether the process has ended. */
  public get hasEnded(): boolean {
    return this.failure !== undefined || this.child.exitCode !== null || this.child.signalCode !== null;
  }

  /** Resolves once `ready` tells so; rejects with the log's last lines when the process ends before, or is too slow. */
  public async waitUntil(ready: () => Promise<boolean>, timeoutMs: number): Promise<void> {
    const deadline = performance.now() + timeoutMs;
    while (!(await ready())) {
      if (this.hasEnded) {
        throw await this.death('ended at start');
      }
      if (performance.now() > deadline) {
        throw new Error(`${this.options.name} was not ready after ${String(timeoutMs)} ms\n${this.lastLines()}`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  /** Resolves once the process has ended, with how it did and the log's last lines. */
  public async death(what = 'has ended'): Promise<Error> {
    await this.ended;
    return new Error(`${this.options.name} ${what}: ${this.describeEnd()}\n${this.lastLines()}`, {
      cause: this.failure,
    });
  }

  /** Ends the process and everything in its group; returns once none is left. */
  public async stop(): Promise<void> {
    this.signal('SIGTERM');
    const deadline = performance.now() + GRACE_MS;
    while (this.signal(0) && performance.now() < deadline) {
      await sleep(LOOK_EVERY_MS);
    }
    // workers that ignored the signal, or whose parent has gone before them
    this.signal('SIGKILL');
    this.child.stdin?.destroy();
    await this.ended;
  }

  /** Kills the group at once; for the end of this process, when nothing can be waited for. */
  public kill(): void {
    this.signal('SIGKILL');
  }

  private signal(signal: NodeJS.Signals | 0): boolean {
    if (this.child.pid === undefined) {
      return false;
    }
    try {
      process.kill(-this.child.pid, signal);
      return true;
    } catch {
      // no process is left in the group
      return false;
    }
  }

  private describeEnd(): string {
    if (this.failure !== undefined) {
      return this.failure.message;
    }
    return this.child.signalCode === null
      ? `exit code ${String(this.child.exitCode)}`
      : `signal ${this.child.signalCode}`;
  }

  private lastLines(): string {
    const lines = readFileSync(this.options.logFile, 'utf8').trimEnd().split('\n').slice(-SHOWN_LOG_LINES);
    return `${lines.map(line => `  ${line}`).join('\n')}\nlog: ${this.options.logFile}`;
  }
}
