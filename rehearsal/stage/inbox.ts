import { SubscribeCommand } from '@aws-sdk/client-sns';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
} from '@aws-sdk/client-sqs';
import type { Aws } from './aws';
import { until } from './expectation';

/** What a person was told. */
export interface Letter {
  readonly at: string;
  readonly subject: string;
  readonly text: string;
}

/** The on-call person's inbox: a queue subscribed to the platform's notification topic. */
export class Inbox {
  readonly letters: Letter[] = [];
  private queueUrl = '';

  constructor(private readonly aws: Aws) {}

  async subscribe(topicArn: string): Promise<void> {
    const { QueueUrl } = await this.aws.sqs.send(new CreateQueueCommand({ QueueName: 'rehearsal-inbox' }));
    this.queueUrl = QueueUrl ?? '';
    const { Attributes } = await this.aws.sqs.send(
      new GetQueueAttributesCommand({ QueueUrl: this.queueUrl, AttributeNames: ['QueueArn'] }),
    );
    const queueArn = Attributes?.['QueueArn'];
    // as on AWS: a queue takes a topic's messages only by its own policy
    const statement = {
      Effect: 'Allow',
      Principal: { Service: 'sns.amazonaws.com' },
      Action: 'sqs:SendMessage',
      Resource: queueArn,
      Condition: { ArnEquals: { 'aws:SourceArn': topicArn } },
    };
    await this.aws.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: this.queueUrl,
        Attributes: { Policy: JSON.stringify({ Version: '2012-10-17', Statement: [statement] }) },
      }),
    );
    await this.aws.sns.send(new SubscribeCommand({ TopicArn: topicArn, Protocol: 'sqs', Endpoint: queueArn }));
  }

  /** Takes what has come since the last look. */
  async read(): Promise<readonly Letter[]> {
    for (;;) {
      const { Messages } = await this.aws.sqs.send(
        new ReceiveMessageCommand({ QueueUrl: this.queueUrl, MaxNumberOfMessages: 10 }),
      );
      if (Messages === undefined || Messages.length === 0) {
        return this.letters;
      }
      for (const message of Messages) {
        const letter = JSON.parse(message.Body ?? '{}') as { Timestamp?: string; Subject?: string; Message?: string };
        this.letters.push({ at: letter.Timestamp ?? '', subject: letter.Subject ?? '', text: letter.Message ?? '' });
        await this.aws.sqs.send(
          new DeleteMessageCommand({ QueueUrl: this.queueUrl, ReceiptHandle: message.ReceiptHandle }),
        );
      }
    }
  }

  /** Waits for a letter that came after the first `known` ones and whose words match. */
  async letter(words: RegExp, known: number): Promise<Letter> {
    return until(
      `a person to be told something like ${String(words)}`,
      async () => (await this.read()).slice(known).find(letter => words.test(`${letter.subject}\n${letter.text}`)),
      () => Promise.resolve(this.letters.slice(known)),
    );
  }
}
