import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { setTimeout as pause } from 'node:timers/promises';
import type { LocalCloud } from '../../../local-cloud/start';
import { clientOf } from '../local-cloud/stack';
import { nameOf } from './release-cloud';

const PAUSE_MS = 40;

/** Callers who ask for one prediction after the other, without trying again, while something is done to the endpoint. */
export class Callers {
  public answered = 0;
  /** What went wrong for them. */
  public readonly failures: string[] = [];
  /** Versions that answered. */
  public readonly versions = new Set<string>();

  private calling: Promise<void> = Promise.resolve();
  private stopped = true;

  constructor(
    private readonly cloud: LocalCloud,
    private readonly model = 'rain',
  ) {}

  public start(): void {
    this.stopped = false;
    this.calling = this.call();
  }

  public async stop(): Promise<void> {
    this.stopped = true;
    await this.calling;
  }

  private async call(): Promise<void> {
    const runtime = new SageMakerRuntimeClient({ ...clientOf(this.cloud), maxAttempts: 1 });
    while (!this.stopped) {
      try {
        const { Body } = await runtime.send(
          new InvokeEndpointCommand({
            EndpointName: nameOf(this.model),
            ContentType: 'application/json',
            Body: JSON.stringify({ instances: [{ temp: 2 }] }),
          }),
        );
        const { version } = JSON.parse(new TextDecoder().decode(Body)) as { version: string };
        this.versions.add(version);
        this.answered += 1;
      } catch (error) {
        this.failures.push(`${new Date().toISOString()} ${String(error)}`);
      }
      await pause(PAUSE_MS);
    }
    runtime.destroy();
  }
}
