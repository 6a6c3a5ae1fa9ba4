import { Duration, Validations } from 'aws-cdk-lib';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';

/** The longest that SQS keeps a message: a person may be on holiday. */
const KEPT = Duration.days(14);

/** Where a function's events go that it could not work off. */
export class DeadLetterQueue extends Queue {
  constructor(scope: Construct, id: string) {
    super(scope, id, { encryption: QueueEncryption.SQS_MANAGED, enforceSSL: true, retentionPeriod: KEPT });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'is a dead-letter queue itself: of a function, which names it, not of a queue',
    });
  }
}
