import type { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { DeadLetterQueue } from '../private/dead-letter-queue';
import { LostAlarm } from '../private/lost-alarm';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import { RECORDS_PREFIX } from './audit-prefixes';
import type { IAuditTrail } from './audit-trail';

/** Beyond this many tries of a day's records somebody has to look. */
const RETRIES = 20;

/** Settings of the records. */
export interface AuditRecordsProps {
  /** Environment whose records these are. */
  readonly environmentName: string;

  /** Where they are kept, locked. */
  readonly auditTrail: IAuditTrail;

  /** The release ledger; its stream must give new images. */
  readonly ledgerTable: ITable;

  /** The table of runs, likewise. */
  readonly runsTable: ITable;

  /** Where people are told that a record could not be copied. */
  readonly notificationTopic: ITopic;
}

/**
 * Copies each release, decision, hold, drift, run and execution to the audit bucket as it is recorded: there it is locked
 * and can be asked by SQL, whatever becomes of the tables.
 */
export class AuditRecords extends Construct {
  /** Copies the records. */
  public readonly function: IFunction;

  /** What could not be copied, after all retries: where it stands in the stream, not the record. */
  public readonly deadLetterQueue: IQueue;

  /** Goes off when a record was not copied. */
  public readonly lostAlarm: IAlarm;

  constructor(scope: Construct, id: string, props: AuditRecordsProps) {
    super(scope, id);
    const { auditTrail, ledgerTable, runsTable } = props;
    this.validate(props);
    const { auditBucket } = auditTrail;
    const copier = new PlatformFunction(this, 'Function', {
      handler: 'audit-records',
      description: `Copies the records of ${resourcePrefix(props.environmentName)} to where they are locked`,
      environment: { AUDIT_BUCKET: auditBucket.bucketName, RECORDS_PREFIX },
    });
    // not `grantPut`: who copies must not lock, or hold, what is there
    copier.addToRolePolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [auditBucket.arnForObjects(`${RECORDS_PREFIX}/*`)] }),
    );
    // an imported bucket does not know its key
    auditTrail.encryptionKey.grant(copier, 'kms:GenerateDataKey');
    this.deadLetterQueue = new DeadLetterQueue(this, 'DeadLetterQueue');
    for (const table of [ledgerTable, runsTable]) {
      copier.addEventSource(
        new DynamoEventSource(table, {
          startingPosition: StartingPosition.TRIM_HORIZON,
          bisectBatchOnError: true,
          retryAttempts: RETRIES,
          onFailure: new SqsDlq(this.deadLetterQueue),
        }),
      );
    }
    explainWildcards(
      copier,
      { wildcard: `/${RECORDS_PREFIX}/*`, reason: 'one object a record' },
      { wildcard: '*', actions: ['dynamodb:ListStreams'], reason: 'the action takes no resource' },
    );
    this.lostAlarm = new LostAlarm(this, 'LostAlarm', {
      alarmDescription:
        'A record was not copied to the audit bucket: the ledger has it still, see docs/governance.md for how to copy it',
      queue: this.deadLetterQueue,
      notificationTopic: props.notificationTopic,
    });
    this.function = copier;
  }

  private validate(props: AuditRecordsProps): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    for (const property of ['ledgerTable', 'runsTable'] as const) {
      problems.require(
        props[property].tableStreamArn !== undefined,
        `'${property}' has no stream, must have one with new images; an imported table names it by 'tableStreamArn'`,
      );
    }
    problems.throwIfAny();
  }
}
