import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, type IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { type IBucket, ObjectLockMode, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { LakeBucket } from '../data/lake-bucket';

const ACCESS_LOGS_END_AFTER = Duration.days(365);
/** An expired object leaves a marker, and its version a day later. */
const MARKED_END_AFTER = Duration.days(1);

/** What takes a lock off, or puts one on that has no end. */
const LOCK_ACTIONS = ['s3:BypassGovernanceRetention', 's3:PutObjectLegalHold', 's3:PutObjectRetention'];

/** Settings of the bucket. */
export interface AuditBucketProps {
  readonly description: string;
  readonly retention: Duration;
  readonly mode: ObjectLockMode;
  readonly legalHoldRoles: IRole[];
}

/**
 * Where evidence lies: each object is locked for the whole of its retention, under a key of its own, and no role that
 * works with the data it tells of can take the lock off.
 */
export class AuditBucket extends Construct {
  public readonly bucket: IBucket;
  public readonly encryptionKey: IKey;

  constructor(scope: Construct, id: string, props: AuditBucketProps) {
    super(scope, id);
    const { retention, mode } = props;
    // the older way needs an ACL, which the buckets do not have; an importing app may not have set the flag
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    // not the lake's: who may read the data need not be able to read who read it
    this.encryptionKey = new Key(this, 'Key', {
      description: props.description,
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const accessLogsBucket = new LakeBucket(this, 'AccessLogs', {
      // S3 delivers its access logs only to buckets under SSE-S3 without Object Lock, so not into the bucket itself
      deleteData: false,
      lifecycleRules: [
        { id: 'access-logs', expiration: ACCESS_LOGS_END_AFTER, noncurrentVersionExpiration: MARKED_END_AFTER },
      ],
    });
    const bucket = new LakeBucket(this, 'Resource', {
      encryptionKey: this.encryptionKey,
      accessLogsBucket,
      // evidence outlives what it tells of
      deleteData: false,
      objectLock:
        mode === ObjectLockMode.COMPLIANCE
          ? ObjectLockRetention.compliance(retention)
          : ObjectLockRetention.governance(retention),
      lifecycleRules: [
        {
          id: 'evidence',
          expiration: retention.plus(Duration.days(1)),
          noncurrentVersionExpiration: MARKED_END_AFTER,
        },
      ],
    });
    const holders = props.legalHoldRoles.map(({ roleArn }) => roleArn);
    bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'LocksStay',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: LOCK_ACTIONS,
        resources: [bucket.arnForObjects('*')],
        ...(holders.length === 0 ? {} : { conditions: { ArnNotEquals: { 'aws:PrincipalArn': holders } } }),
      }),
    );
    // Not `RetainExceptOnCreate`, which deletes what a failed first deploy made: CloudTrail writes as soon as it is made,
    // and what is locked cannot be deleted, so that the rollback would be stuck:
    // https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-attribute-deletionpolicy.html
    // Kept with it: where its accesses are logged, and the policies without which anybody could end the locks
    for (const kept of [bucket, accessLogsBucket]) {
      kept.applyRemovalPolicy(RemovalPolicy.RETAIN);
      kept.policy?.applyRemovalPolicy(RemovalPolicy.RETAIN);
    }
    this.bucket = bucket;
  }
}
