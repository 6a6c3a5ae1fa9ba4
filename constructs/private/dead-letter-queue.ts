import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** The longest that SQS keeps a message: a person may be on holiday. */
const KEPT = Duration.days(14);

/** Where events go that a function could not work off, and calls that a schedule could not make. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: KEPT });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'is a dead-letter queue itself: of a function or a schedule, which names it, not of a queue',
    });
  }
}
