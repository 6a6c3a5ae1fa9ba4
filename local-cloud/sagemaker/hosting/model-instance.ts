import { setTimeout as sleep } from 'node:timers/promises';
import type { ContainerCommand, ContainerProcess, ProcessRunner } from '../containers/process-runner';
import { freePort } from '../../process/ports';
import { type ModelAnswer, ModelClient, ModelTimeoutError, UnreachableModelError } from './model-client';

const PING_EVERY_MS = 50;
/** A container that dies so often before it is ready will not become so. */
const MAX_STARTS = 3;
const RESTART_AFTER_MS = 100;
const MAX_RESTART_AFTER_MS = 5000;
const STOP_GRACE_MS = 5000;
/** From the reset of its connections to the end of a process. */
const DEATH_SHOWS_WITHIN_MS = 1000;

/** How an instance's process is started on a port of its own. */
export interface InstanceSpec {
  readonly commandFor: (port: number) => ContainerCommand;
  readonly onLine: (line: string) => void;
  /** Called once, after the instance's last process has ended. */
  readonly onEnd: () => Promise<void>;
  readonly healthCheckMs: number;
  readonly invokeTimeoutMs: number;
}

/** An instance that did not become ready; tells the container's last lines. */
export class UnhealthyInstanceError extends Error {
  public override readonly name = 'UnhealthyInstanceError';
}

/** No process of the instance is there to answer. */
export class InstanceDownError extends Error {
  public override readonly name = 'InstanceDownError';
}

/** One instance of a variant: a model server process that is started again when it dies, until it is retired. */
export class ModelInstance {
  /** Requests that it is working on. */
  public outstanding = 0;
  private container: ContainerProcess | undefined;
  private client: ModelClient | undefined;
  private ending: Promise<void> | undefined;
  private wentUp: (() => void)[] = [];
  private becameIdle: (() => void)[] = [];

  constructor(
    private readonly spec: InstanceSpec,
    private readonly processes: ProcessRunner,
  ) {}

  /** Whether it can answer now. */
  public get healthy(): boolean {
    return this.client !== undefined;
  }

  /** Process id of the model server that answers now. */
  public get pid(): number | undefined {
    return this.client === undefined ? undefined : this.container?.pid;
  }

  /** Starts the process and waits until it answers `/ping`; rejects when it does not. */
  public async start(): Promise<void> {
    const deadline = performance.now() + this.spec.healthCheckMs;
    for (let starts = 1; !(await this.bringUp(deadline)); starts++) {
      if (starts === MAX_STARTS || this.isEnded()) {
        throw new UnhealthyInstanceError(this.container?.tail ?? '');
      }
    }
    void this.supervise();
  }

  /** Sends a request to the model; waits up to `patienceMs` for a process that is being started again. */
  public async invoke(
    headers: Readonly<Record<string, string>>,
    body: Buffer,
    patienceMs: number,
  ): Promise<ModelAnswer> {
    this.outstanding++;
    const deadline = performance.now() + patienceMs;
    try {
      for (;;) {
        if (this.client === undefined) {
          await this.waitUntilUp(deadline - performance.now());
        }
        const client = this.client;
        if (client === undefined) {
          throw new InstanceDownError(`the model server was not started again within ${patienceMs} ms`);
        }
        try {
          return await client.invoke(headers, body, this.spec.invokeTimeoutMs);
        } catch (error) {
          if (!(error instanceof UnreachableModelError)) {
            await this.seeWhetherItDies(client, error);
            throw error;
          }
          // the request has reached nobody, so it may be sent again
          this.giveUp(client);
        }
      }
    } finally {
      this.outstanding--;
      if (this.outstanding === 0) {
        this.becameIdle.splice(0).forEach(resolve => resolve());
      }
    }
  }

  /** Kills its process; it is started again as after any other death. */
  public kill(): void {
    this.container?.kill();
  }

  /** Finishes the requests it is working on, then ends. Nobody may send it new ones. */
  public async retire(): Promise<void> {
    if (this.outstanding > 0) {
      await new Promise<void>(resolve => this.becameIdle.push(resolve));
    }
    await this.end();
  }

  /** Ends at once. Who asks again waits for the same end. */
  public end(): Promise<void> {
    this.ending ??= this.endNow();
    return this.ending;
  }

  private async endNow(): Promise<void> {
    this.client?.close();
    this.client = undefined;
    await this.container?.stop(STOP_GRACE_MS);
    await this.spec.onEnd();
  }

  /** Starts a process and pings it; false when it has died before it was ready or its time is up. */
  private async bringUp(deadline: number): Promise<boolean> {
    const port = await freePort();
    if (this.isEnded()) {
      return false;
    }
    const container = this.processes.start(this.spec.commandFor(port), this.spec.onLine);
    const client = new ModelClient(port);
    this.container = container;
    while (container.isRunning() && performance.now() < deadline) {
      // the process may die, and another take its port: what answers counts only while ours runs
      if ((await client.ping()) && container.isRunning()) {
        this.client = client;
        this.wentUp.splice(0).forEach(resolve => resolve());
        return true;
      }
      await Promise.race([sleep(PING_EVERY_MS), container.exited]);
    }
    client.close();
    await container.stop(STOP_GRACE_MS);
    return false;
  }

  /** Starts the process again each time it dies. */
  private async supervise(): Promise<void> {
    let delay = RESTART_AFTER_MS;
    while (!this.isEnded()) {
      await this.container?.exited;
      this.client?.close();
      this.client = undefined;
      for (let up = false; !up && !this.isEnded();) {
        await sleep(delay, undefined, { ref: false });
        delay = Math.min(delay * 2, MAX_RESTART_AFTER_MS);
        up = !this.isEnded() && (await this.bringUp(performance.now() + this.spec.healthCheckMs));
      }
      delay = RESTART_AFTER_MS;
    }
  }

  /** A request was broken off: if that is the server's end, whoever comes next must wait for another one. */
  private async seeWhetherItDies(client: ModelClient, error: unknown): Promise<void> {
    const { container } = this;
    if (error instanceof ModelTimeoutError || container === undefined) return;
    const patience = new AbortController();
    await Promise.race([
      container.exited,
      sleep(DEATH_SHOWS_WITHIN_MS, undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
    if (!container.isRunning()) this.giveUp(client);
  }

  /** A server that no longer listens is dead, or as good as dead: what is left of it ends, and another is started. */
  private giveUp(client: ModelClient): void {
    if (this.client === client) {
      this.client = undefined;
      client.close();
      void this.container?.stop(STOP_GRACE_MS);
    }
  }

  private isEnded(): boolean {
    return this.ending !== undefined || this.processes.isClosed;
  }

  private async waitUntilUp(patienceMs: number): Promise<void> {
    const patience = new AbortController();
    await Promise.race([
      new Promise<void>(resolve => this.wentUp.push(resolve)),
      sleep(Math.max(0, patienceMs), undefined, { signal: patience.signal }).catch(() => undefined),
    ]);
    patience.abort();
  }
}
