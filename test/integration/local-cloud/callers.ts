import { setTimeout as sleep } from 'node:timers/promises';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { clientOf } from './stack';

/** What a call was answered. */
export interface Call {
  readonly startedAt: number;
  readonly endedAt: number;
  /** Undefined when it was answered by an error. */
  readonly version?: string;
  readonly variant?: string;
  readonly pid?: number;
  /** Name and HTTP status of the error. */
  readonly error?: string;
  /** What the answer should have been and was, when that differs. */
  readonly wrong?: string;
}

/** Callers of one endpoint that each send their next request when the last is answered, each request unlike all others. */
export class Callers {
  /** Every call that has ended, in the order of the ends. */
  public readonly calls: Call[] = [];
  private readonly client: SageMakerRuntimeClient;
  private going = true;
  private readonly ended: Promise<unknown>;

  constructor(
    settings: ReturnType<typeof clientOf>,
    private readonly endpointName: string,
    count: number,
  ) {
    this.client = new SageMakerRuntimeClient({
      ...settings,
      // a second attempt would hide what the first was answered
      maxAttempts: 1,
      requestHandler: { httpAgent: { maxSockets: count, keepAlive: true }, httpsAgent: {} },
    });
    this.ended = Promise.all(Array.from({ length: count }, (_, caller) => this.callOnAndOn(caller)));
  }

  /** Calls for so long, then goes on. */
  public async goOn(seconds: number): Promise<void> {
    await sleep(seconds * 1000);
  }

  /** Sends no new request; returns once each that was sent is answered. */
  public async stop(): Promise<readonly Call[]> {
    this.going = false;
    await this.ended;
    this.client.destroy();
    return this.calls;
  }

  private async callOnAndOn(caller: number): Promise<void> {
    for (let number = 0; this.going; number++) {
      this.calls.push(await call(this.client, this.endpointName, `${this.endpointName} ${caller} ${number}`));
    }
  }
}

/** One call; never rejects. */
export async function call(client: SageMakerRuntimeClient, endpointName: string, payload: string): Promise<Call> {
  const startedAt = performance.now();
  try {
    const { Body, InvokedProductionVariant: variant } = await client.send(
      new InvokeEndpointCommand({ EndpointName: endpointName, Body: payload, ContentType: 'text/plain' }),
    );
    const text = Buffer.from(Body).toString();
    const { version, pid, backwards } = JSON.parse(text) as Record<string, never>;
    const expected = [...payload].reverse().join('');
    const wrong = backwards === expected ? undefined : `'${text}' instead of '${expected}'`;
    return { startedAt, endedAt: performance.now(), version, variant, pid, ...(wrong !== undefined && { wrong }) };
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } };
    const status = $metadata?.httpStatusCode;
    return {
      startedAt,
      endedAt: performance.now(),
      // what is no answer of the service at all has no status, and its message tells what it was
      error: status === undefined ? `${name}: ${message}` : `${name} ${status}`,
    };
  }
}

/** How often each value occurs. */
export function tally(values: readonly (string | undefined)[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) {
    counts[String(value)] = (counts[String(value)] ?? 0) + 1;
  }
  return counts;
}
