import {
  type CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  PutLogEventsCommand,
  type InputLogEvent,
} from '@aws-sdk/client-cloudwatch-logs';
import type { Clock } from '../clock';
import type { Reporter } from '../report';

const FLUSH_EVERY_MS = 1000;
const MAX_BATCH = 1000;

/** A container's lines on their way to CloudWatch Logs, in batches; a line that is not delivered fails nothing. */
export class LogStream {
  private waiting: InputLogEvent[] = [];
  private created = false;
  private sending: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly client: CloudWatchLogsClient,
    private readonly group: string,
    private readonly stream: string,
    private readonly clock: Clock,
    private readonly reporter: Reporter,
  ) {
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);
    this.timer.unref();
  }

  /** Adds a line. CloudWatch Logs refuses empty ones. */
  public write(line: string): void {
    if (line !== '') {
      this.waiting.push({ timestamp: this.clock.millis(), message: line });
    }
  }

  /** Delivers what is left and ends. */
  public async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
    this.client.destroy();
  }

  private flush(): Promise<void> {
    this.sending = this.sending.then(async () => {
      while (this.waiting.length > 0) {
        const batch = this.waiting.splice(0, MAX_BATCH);
        try {
          await this.send(batch);
        } catch (error) {
          this.reporter.warn(`log lines of '${this.group}/${this.stream}' were not delivered`, error);
          return;
        }
      }
    });
    return this.sending;
  }

  private async send(batch: InputLogEvent[]): Promise<void> {
    if (!this.created) {
      await unlessThere(this.client.send(new CreateLogGroupCommand({ logGroupName: this.group })));
      await unlessThere(
        this.client.send(new CreateLogStreamCommand({ logGroupName: this.group, logStreamName: this.stream })),
      );
      this.created = true;
    }
    await this.client.send(
      new PutLogEventsCommand({ logGroupName: this.group, logStreamName: this.stream, logEvents: batch }),
    );
  }
}

async function unlessThere(creation: Promise<unknown>): Promise<void> {
  try {
    await creation;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ResourceAlreadyExistsException') {
      throw error;
    }
  }
}
