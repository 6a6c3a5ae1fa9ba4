import { Duration, Stack, Token } from 'aws-cdk-lib';
import { CfnTrail } from 'aws-cdk-lib/aws-cloudtrail';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import { type IRole, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { type IBucket, ObjectLockMode } from 'aws-cdk-lib/aws-s3';
import { Construct, type IConstruct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import { AuditBucket } from './audit-bucket';
import { auditSelectors } from './audit-selectors';

const DEFAULT_RETENTION = Duration.days(365);
/**
 * CloudTrail takes 500 values in all selectors of a trail, of which some twenty are said without any table:
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PutEventSelectors.html
 */
const MAX_TABLES = 400;
const CLOUDTRAIL = 'cloudtrail.amazonaws.com';

/** Where the evidence of an environment lies. */
export interface IAuditTrail extends IConstruct {
  /** Bucket of what CloudTrail wrote, under `AWSLogs/`, and of the platform's own records. */
  readonly auditBucket: IBucket;

  /** Key of the bucket. Who may use it may read the evidence. */
  readonly encryptionKey: IKey;
}

/** Settings of an audit trail. */
export interface AuditTrailProps {
  /** Environment whose trail this is; lower-case letters and digits. */
  readonly environmentName: string;

  /** Lake whose objects are watched: each read and each write of one is logged. */
  readonly dataLake: IDataLake;

  /**
   * Tables of records, such as the release ledger and the table of runs, each write of which is logged.
   *
   * @default - no table is watched
   */
  readonly tables?: ITable[];

  /**
   * Whether reads of the lake's objects are logged beside writes. They are most of what a trail costs.
   *
   * @default true
   */
  readonly logReads?: boolean;

  /**
   * How long each file is locked; it expires afterwards.
   *
   * @default Duration.days(365)
   */
  readonly retention?: Duration;

  /**
   * Who may end a lock early: by `GOVERNANCE` the `legalHoldRoles`, by `COMPLIANCE` nobody, the root user neither. There
   * is no way back from `COMPLIANCE` for what was written under it.
   *
   * @default ObjectLockMode.GOVERNANCE
   */
  readonly objectLockMode?: ObjectLockMode;

  /**
   * The only roles that may put a file under legal hold, and change or end locks.
   *
   * @default - nobody, until the bucket's policy is changed
   */
  readonly legalHoldRoles?: IRole[];

  /**
   * Log group to which CloudTrail sends the events as well, for alarms on single ones.
   *
   * @default - the events go to the bucket alone
   */
  readonly logGroup?: ILogGroup;
}

/** An audit trail that another stack or app made. */
export interface AuditTrailAttributes {
  /** Bucket of the evidence. */
  readonly auditBucket: IBucket;

  /** Key of the bucket. */
  readonly encryptionKey: IKey;
}

/**
 * Who changed what in the account, in whatever region, and who touched the data of an environment: a CloudTrail trail.
 *
 * Calls of SageMaker that make or change anything (a version's approval, a job, an endpoint) are management events, as
 * are those of IAM and Step Functions: all that change something are logged. Objects of the lake and items of the tables
 * are data events, which are logged for these alone; of the evidence itself, that it is deleted or its locks are changed.
 */
export class AuditTrail extends Construct implements IAuditTrail {
  /** Uses an audit trail that exists already. */
  public static fromAuditTrailAttributes(scope: Construct, id: string, attributes: AuditTrailAttributes): IAuditTrail {
    class ImportedAuditTrail extends Construct implements IAuditTrail {
      public readonly auditBucket = attributes.auditBucket;
      public readonly encryptionKey = attributes.encryptionKey;
    }
    return new ImportedAuditTrail(scope, id);
  }

  public readonly auditBucket: IBucket;
  public readonly encryptionKey: IKey;

  /** ARN of the trail. */
  public readonly trailArn: string;

  constructor(scope: Construct, id: string, props: AuditTrailProps) {
    super(scope, id);
    const retention = props.retention ?? DEFAULT_RETENTION;
    this.validate(props, retention);
    const { bucket, encryptionKey } = new AuditBucket(this, 'Bucket', {
      description: `Audit trail of ${resourcePrefix(props.environmentName)}`,
      retention,
      mode: props.objectLockMode ?? ObjectLockMode.GOVERNANCE,
      legalHoldRoles: props.legalHoldRoles ?? [],
    });
    this.auditBucket = bucket;
    this.encryptionKey = encryptionKey;
    // by name: bucket and key must trust the trail before it is there
    const trailName = resourcePrefix(props.environmentName);
    this.trailArn = Stack.of(this).formatArn({ service: 'cloudtrail', resource: 'trail', resourceName: trailName });
    this.letTrailWrite();

    const deliveryRole = props.logGroup === undefined ? undefined : this.logDeliveryRole(props.logGroup);
    const trail = new CfnTrail(this, 'Resource', {
      trailName,
      isLogging: true,
      s3BucketName: bucket.bucketName,
      kmsKeyId: encryptionKey.keyArn,
      enableLogFileValidation: true,
      includeGlobalServiceEvents: true,
      // elsewhere than in us-east-1 a trail of one region misses what IAM does
      isMultiRegionTrail: true,
      advancedEventSelectors: auditSelectors(props.dataLake, bucket, props.tables ?? [], props.logReads ?? true),
      cloudWatchLogsLogGroupArn: props.logGroup?.logGroupArn,
      cloudWatchLogsRoleArn: deliveryRole?.roleArn,
    });
    // CloudTrail tries to write when the trail is made
    trail.node.addDependency(bucket, encryptionKey, ...(deliveryRole === undefined ? [] : [deliveryRole]));
  }

  private validate(props: AuditTrailProps, retention: Duration): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    problems.requireRange('retention in days', retention.toDays({ integral: false }), 1, 36_500);
    problems.requireRange("number of 'tables'", props.tables?.length, 0, MAX_TABLES);
    problems.require(
      props.objectLockMode === undefined ||
        Token.isUnresolved(props.objectLockMode) ||
        Object.values(ObjectLockMode).includes(props.objectLockMode),
      `'objectLockMode' is '${props.objectLockMode ?? ''}', must be one of ${Object.values(ObjectLockMode).join(', ')}`,
    );
    problems.throwIfAny();
  }

  private letTrailWrite(): void {
    const principals = [new ServicePrincipal(CLOUDTRAIL)];
    const fromTrail = { 'aws:SourceArn': this.trailArn };
    const { account, partition } = Stack.of(this);
    this.auditBucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailLooks',
        principals,
        actions: ['s3:GetBucketAcl'],
        resources: [this.auditBucket.bucketArn],
        conditions: { StringEquals: fromTrail },
      }),
    );
    this.auditBucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailWrites',
        principals,
        actions: ['s3:PutObject'],
        resources: [this.auditBucket.arnForObjects(`AWSLogs/${account}/*`)],
        conditions: { StringEquals: { ...fromTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
    this.encryptionKey.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailEncrypts',
        principals,
        actions: ['kms:GenerateDataKey*'],
        // in a key's policy: this key
        resources: ['*'],
        conditions: {
          StringEquals: fromTrail,
          StringLike: {
            'kms:EncryptionContext:aws:cloudtrail:arn': `arn:${partition}:cloudtrail:*:${account}:trail/*`,
          },
        },
      }),
    );
    this.encryptionKey.addToResourcePolicy(
      new PolicyStatement({
        sid: 'TrailLooks',
        principals,
        actions: ['kms:DescribeKey'],
        resources: ['*'],
        conditions: { StringEquals: fromTrail },
      }),
    );
  }

  private logDeliveryRole(logGroup: ILogGroup): Role {
    const role = new Role(this, 'LogDeliveryRole', {
      assumedBy: new ServicePrincipal(CLOUDTRAIL, { conditions: { StringEquals: { 'aws:SourceArn': this.trailArn } } }),
    });
    logGroup.grantWrite(role);
    explainWildcards(role, { wildcard: ':*', reason: 'the streams of one log group' });
    return role;
  }
}
