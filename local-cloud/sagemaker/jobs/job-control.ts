import type { Clock } from '../clock';
import type { ContainerProcess, Exit } from '../containers/process-runner';

/** How a job's container came to its end. */
export interface JobEnd {
  readonly cause: 'exited' | 'stopped' | 'timed-out';
  readonly exit: Exit;
}

/** Lets a person stop a job, at whatever step it is. */
export class JobControl {
  private readonly controller = new AbortController();

  /** Whether a stop was asked for. */
  public isStopRequested(): boolean {
    return this.controller.signal.aborted;
  }

  /** Asks for a stop. */
  public requestStop(): void {
    this.controller.abort();
  }

  /** Waits for the container, and ends it when the job is stopped or its time is up. */
  public async await(container: ContainerProcess, clock: Clock, deadline: number, graceMs: number): Promise<JobEnd> {
    const done = new AbortController();
    const stopped = new Promise<'stopped'>(resolve => {
      if (this.isStopRequested()) {
        resolve('stopped');
      }
      this.controller.signal.addEventListener('abort', () => resolve('stopped'), { once: true });
    });
    const timedOut = clock.sleepUntil(deadline, done.signal).then(
      () => 'timed-out' as const,
      // the container has ended by itself
      () => 'exited' as const,
    );
    const cause = await Promise.race([container.exited.then(() => 'exited' as const), stopped, timedOut]);
    done.abort();
    return { cause, exit: cause === 'exited' ? await container.exited : await container.stop(graceMs) };
  }
}
