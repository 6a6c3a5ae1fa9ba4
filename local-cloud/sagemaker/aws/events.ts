import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../clock';
import type { RequestContext } from '../names';
import type { Reporter } from '../report';

const ATTEMPTS = 5;
const RETRY_AFTER_MS = 200;

/** One state change, told in the words of "Events that Amazon SageMaker AI sends to Amazon EventBridge". */
export interface StateChange {
  readonly detailType: string;
  readonly arn: string;
  readonly detail: object;
}

/**
 * Sends state changes to EventBridge, in the order in which they happened. EventBridge refuses sources that begin with
 * `aws.` from callers, so they go through the local cloud's own door.
 */
export class EventEmitter {
  private queue: Promise<void> = Promise.resolve();

  constructor(
    private readonly endpointUrl: string,
    private readonly clock: Clock,
    private readonly reporter: Reporter,
  ) {}

  /** Queues a state change; the caller goes on at once, as the service does. */
  public emit(context: RequestContext, change: StateChange): void {
    const entry = {
      Source: 'aws.sagemaker',
      DetailType: change.detailType,
      Detail: JSON.stringify(change.detail),
      Resources: [change.arn],
      Time: this.clock.millis() / 1000,
    };
    this.queue = this.queue.then(() => this.send(context, entry));
  }

  /** Resolves once everything emitted so far was delivered or given up. */
  public async drain(): Promise<void> {
    await this.queue;
  }

  private async send(context: RequestContext, entry: object): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.post(context, entry);
        return;
      } catch (error) {
        if (attempt === ATTEMPTS) {
          this.reporter.warn('an event was lost', error);
          return;
        }
        await sleep(RETRY_AFTER_MS * attempt);
      }
    }
  }

  private async post(context: RequestContext, entry: object): Promise<void> {
    const response = await fetch(new URL('/_mlops/events', this.endpointUrl), {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-mlops-account': context.account,
        'x-mlops-region': context.region,
      },
      body: JSON.stringify({ Entries: [entry] }),
    });
    if (!response.ok) {
      throw new Error(`'/_mlops/events' answered ${response.status}: ${(await response.text()).slice(0, 200)}`);
    }
    await response.arrayBuffer();
  }
}
