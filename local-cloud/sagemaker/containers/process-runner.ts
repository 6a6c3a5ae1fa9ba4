import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { finished } from 'node:stream/promises';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { Reaper } from '../../process/reaper';

const KEPT_LINES = 20;

/** What to run in place of a container. */
export interface ContainerCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly workingFolder: string;
  /** File that gets every line the process writes. */
  readonly logFile: string;
}

/** How a process ended. */
export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

type Child = ChildProcessByStdio<null, Readable, Readable>;

/** A process in the place of a container: a process group of its own, ended by its own id. */
export class ContainerProcess {
  /** Resolves when the process has ended and all it wrote was read; never rejects. */
  public readonly exited: Promise<Exit>;
  private readonly lastLines: string[] = [];
  private ended = false;

  constructor(
    private readonly child: Child,
    logFile: string,
    onLine: ((line: string) => void) | undefined,
    private readonly startError: Promise<Error>,
  ) {
    mkdirSync(dirname(logFile), { recursive: true });
    const log = createWriteStream(logFile, { flags: 'a' });
    // a full disk must not end the server
    log.on('error', () => undefined);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream, crlfDelay: Infinity }).on('line', line => {
        log.write(`${line}\n`);
        this.remember(line);
        onLine?.(line);
      });
    }
    // the end is told once the last line lies in the file: whoever reads the log then reads all of it
    this.exited = this.waitForEnd().finally(async () => {
      log.end();
      await finished(log).catch(() => undefined);
    });
  }

  /** Process id, and id of its group; undefined when it could not be started. */
  public get pid(): number | undefined {
    return this.child.pid;
  }

  /** Whether it still runs. */
  public isRunning(): boolean {
    return !this.ended;
  }

  /** The last lines that it wrote. */
  public get tail(): string {
    return this.lastLines.join('\n');
  }

  /** Asks it to end, and after `graceMs` ends it. */
  public async stop(graceMs: number): Promise<Exit> {
    this.signal('SIGTERM');
    const waited = new AbortController();
    const killed = sleep(graceMs, undefined, { signal: waited.signal }).then(
      () => this.signal('SIGKILL'),
      () => undefined,
    );
    const exit = await this.exited;
    waited.abort();
    await killed;
    // what it started itself may have outlived it
    this.signalGroup('SIGKILL');
    return exit;
  }

  /** Ends it at once, as the kernel does when memory runs out. */
  public kill(): void {
    this.signal('SIGKILL');
  }

  private signal(signal: NodeJS.Signals): void {
    if (!this.ended) {
      this.signalGroup(signal);
    }
  }

  private signalGroup(signal: NodeJS.Signals): void {
    if (this.child.pid !== undefined) {
      try {
        process.kill(-this.child.pid, signal);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') {
          throw error;
        }
      }
    }
  }

  private remember(line: string): void {
    this.lastLines.push(line);
    if (this.lastLines.length > KEPT_LINES) {
      this.lastLines.shift();
    }
  }

  private async waitForEnd(): Promise<Exit> {
    const exit = await Promise.race([
      new Promise<Exit>(resolve => this.child.once('exit', (code, signal) => resolve({ code, signal }))),
      this.startError.then(error => {
        this.remember(error.message);
        return { code: 127, signal: null };
      }),
    ]);
    this.ended = true;
    // a grandchild may hold the pipes open for ever, so the wait for the last lines is short
    await Promise.race([streamsClosed(this.child), sleep(500, undefined, { ref: false })]);
    return exit;
  }
}

/** Starts processes, knows which of its own still run, and ends them. */
export class ProcessRunner {
  private readonly running = new Set<ContainerProcess>();
  private readonly reaper = new Reaper();
  private closed = false;

  /** Whether it starts nothing more. */
  public get isClosed(): boolean {
    return this.closed;
  }

  /** Starts a process; `onLine` gets each line that it writes. Throws once it is closed. */
  public start(command: ContainerCommand, onLine?: (line: string) => void): ContainerProcess {
    if (this.closed) {
      throw new Error('the server is ending, and starts no process any more');
    }
    const child = spawn(command.program, command.args, {
      cwd: command.workingFolder,
      env: command.environment,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const startError = new Promise<Error>(resolve => child.once('error', resolve));
    const container = new ContainerProcess(child, command.logFile, onLine, startError);
    const { pid } = container;
    this.running.add(container);
    if (pid !== undefined) {
      this.reaper.watch(pid);
    }
    void container.exited.then(() => {
      this.running.delete(container);
      if (pid !== undefined) {
        this.reaper.release(pid);
      }
    });
    return container;
  }

  /** Ends every process that is left, and starts no other. */
  public async close(graceMs: number): Promise<void> {
    this.closed = true;
    await Promise.all([...this.running].map(container => container.stop(graceMs)));
    this.reaper.close();
  }
}

async function streamsClosed(child: Child): Promise<void> {
  await Promise.all(
    [child.stdout, child.stderr].map(async stream => {
      if (!stream.closed) {
        await new Promise<void>(resolve => stream.once('close', () => resolve()));
      }
    }),
  );
}
