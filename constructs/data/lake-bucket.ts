import { Duration, RemovalPolicy, Tags } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket, LifecycleRule, ObjectLockRetention } from 'aws-cdk-lib/aws-s3';
import { BlockPublicAccess, Bucket, BucketEncryption, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { DELETE_DATA_TAG } from '../private/tag-keys';

const INCOMPLETE_UPLOADS_END_AFTER = Duration.days(7);

/** Settings of one of the lake's buckets. */
export interface LakeBucketProps {
  /**
   * Key of the objects.
   *
   * @default - SSE-S3
   */
  readonly encryptionKey?: IKey;
  /** @default - accesses are not logged */
  readonly accessLogsBucket?: IBucket;
  readonly deleteData: boolean;
  readonly lifecycleRules: LifecycleRule[];
  /**
   * How each new object is locked.
   *
   * @default - no object can be locked
   */
  readonly objectLock?: ObjectLockRetention;
}

/** One bucket of the lake: private, versioned, encrypted, logged, over TLS only. */
export class LakeBucket extends Bucket {
  constructor(scope: Construct, id: string, props: LakeBucketProps) {
    super(scope, id, {
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      versioned: true,
      encryption: props.encryptionKey === undefined ? BucketEncryption.S3_MANAGED : BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      // one KMS call for many objects instead of one for each
      bucketKeyEnabled: props.encryptionKey !== undefined,
      serverAccessLogsBucket: props.accessLogsBucket,
      serverAccessLogsPrefix: props.accessLogsBucket === undefined ? undefined : `${id.toLowerCase()}/`,
      objectLockEnabled: props.objectLock !== undefined,
      objectLockDefaultRetention: props.objectLock,
      // a deploy that failed before anything was landed leaves nothing behind
      removalPolicy: props.deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      lifecycleRules: [
        { id: 'incomplete-uploads', abortIncompleteMultipartUploadAfter: INCOMPLETE_UPLOADS_END_AFTER },
        ...props.lifecycleRules,
      ],
    });
    if (props.deleteData) {
      // without it the cleanup function leaves a bucket alone, so taking `deleteData` back deletes nothing
      Tags.of(this).add(DELETE_DATA_TAG, 'true');
    }
  }
}
