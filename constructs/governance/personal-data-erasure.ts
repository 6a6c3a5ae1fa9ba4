import { Duration, Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { INFERENCE_LOG_PREFIX, LABELS_PREFIX } from '../data/monitoring-prefixes';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix, settingsParameterName } from '../private/names';
import { PlatformFunction } from '../private/platform-function';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';

/** Lambda's longest. It stops to begin after two minutes; the rest is for the largest file that it has begun. */
const TIMEOUT = Duration.minutes(15);

/** The most that Lambda gives a new account; a whole file of the inference log is in it at once. */
const MEMORY_MB = 3008;

/**
 * Deletes versions; S3 asks for the first right as well.
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/API_DeleteObjects.html
 */
const DELETE_ACTIONS = ['s3:DeleteObject', 's3:DeleteObjectVersion'];

/** What replaces an object and deletes its old versions. */
const REPLACE_ACTIONS = ['s3:GetObject', 's3:GetObjectVersion', 's3:PutObject', ...DELETE_ACTIONS];

const LOG_PREFIXES = [INFERENCE_LOG_PREFIX, LABELS_PREFIX];

/** Settings of the erasure. */
export interface PersonalDataErasureProps {
  /** Environment in which persons can be erased. */
  readonly environmentName: string;

  /** Lake from which their rows go. */
  readonly dataLake: IDataLake;

  /** Where it is recorded that somebody was erased, and not who. */
  readonly ledgerTable: ITable;
}

/**
 * Erases one person's rows of a model: from the landed batches, the inference log and the labels, with all old versions.
 * One function for all models of an environment. What it is given has the person's key, so only `grantErase` starts it,
 * directly: no event, no queue and no state machine should.
 */
export class PersonalDataErasure extends Construct {
  /** Erases; for its input see `erasureRequest` in `lambda/shared/erasure-contract.ts`. */
  public readonly function: IFunction;

  constructor(scope: Construct, id: string, props: PersonalDataErasureProps) {
    super(scope, id);
    const { environmentName, dataLake, ledgerTable } = props;
    const problems = new Problems(this);
    requireEnvironmentName(problems, environmentName);
    problems.throwIfAny();

    const { rawBucket, curatedBucket, snapshotBucket, monitoringBucket } = dataLake;
    const eraser = new PlatformFunction(this, 'Function', {
      handler: 'erasure',
      description: `Erases persons from the data of ${resourcePrefix(environmentName)}`,
      timeout: TIMEOUT,
      memorySize: MEMORY_MB,
      environment: {
        ENVIRONMENT: environmentName,
        LEDGER_TABLE: ledgerTable.tableName,
        RAW_BUCKET: rawBucket.bucketName,
        CURATED_BUCKET: curatedBucket.bucketName,
        SNAPSHOT_BUCKET: snapshotBucket.bucketName,
        MONITORING_BUCKET: monitoringBucket.bucketName,
      },
    });
    const allow = (actions: string[], ...resources: string[]): void =>
      eraser.addToRolePolicy(new PolicyStatement({ actions, resources }));
    const logs = LOG_PREFIXES.map(prefix => monitoringBucket.arnForObjects(`${prefix}/*`));
    const bucketArns = (...buckets: IBucket[]): string[] => buckets.map(({ bucketArn }) => bucketArn);

    // without `ListBucket` S3 answers `AccessDenied` for an object that is not there
    allow(['s3:ListBucket'], ...bucketArns(rawBucket, curatedBucket, snapshotBucket, monitoringBucket));
    allow(['s3:ListBucketVersions'], ...bucketArns(rawBucket, curatedBucket, monitoringBucket));
    allow(REPLACE_ACTIONS, rawBucket.arnForObjects('*'), ...logs);
    // which declaration was validated
    allow(['s3:GetObject'], curatedBucket.arnForObjects('*/validation.json'));
    allow(DELETE_ACTIONS, curatedBucket.arnForObjects('*'));
    // how long the lock of the newest snapshot lasts: nothing takes it away
    allow(['s3:GetObjectRetention'], snapshotBucket.arnForObjects('*'));
    dataLake.encryptionKey.grant(eraser, 'kms:Decrypt', 'kms:GenerateDataKey');
    ledgerTable.grant(eraser, 'dynamodb:PutItem');
    ledgerTable.encryptionKey?.grant(eraser, 'kms:Decrypt');
    allow(
      ['ssm:GetParameter'],
      Stack.of(this).formatArn({
        service: 'ssm',
        resource: 'parameter',
        resourceName: settingsParameterName(environmentName, '*', 'training').slice(1),
      }),
    );
    explainWildcards(
      eraser,
      {
        wildcard: '/*',
        actions: [...REPLACE_ACTIONS, 's3:GetObjectRetention'],
        reason: "a person's rows may be in any batch of any model; the lake's locked snapshots are read only",
      },
      { wildcard: `/mlops/${environmentName}/*/`, reason: 'settings of the models, which other stacks make' },
    );
    // an event that Lambda keeps to try again keeps the person's key
    eraser.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: Duration.minutes(1) });
    this.function = eraser;
  }

  /** Lets the grantee erase persons. */
  public grantErase(grantee: IGrantable): Grant {
    return this.function.grantInvoke(grantee);
  }
}
