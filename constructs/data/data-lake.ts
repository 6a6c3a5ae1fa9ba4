import { Annotations, Duration, RemovalPolicy, type Size, Stack } from 'aws-cdk-lib';
import { CfnDatabase } from 'aws-cdk-lib/aws-glue';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Key } from 'aws-cdk-lib/aws-kms';
import type { IBucket, LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { type CfnBucket, ObjectLockRetention, StorageClass } from 'aws-cdk-lib/aws-s3';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import type { IConstruct } from 'constructs';
import { Construct } from 'constructs';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { Problems } from '../private/validation';
import { LakeBucket } from './lake-bucket';
import { LakeCleanup } from './lake-cleanup';
import {
  ATHENA_RESULTS_PREFIX,
  AUDIT_RESULTS_PREFIX,
  FIREHOSE_ERRORS_PREFIX,
  INFERENCE_LOG_PREFIX,
  LABELS_PREFIX,
} from './monitoring-prefixes';
import { DEFAULT_QUERY_SCAN_LIMIT, QueryWorkgroup, requireScanLimit } from './query-workgroup';

const DEFAULT_SNAPSHOT_RETENTION = Duration.days(365);
const DEFAULT_INFERENCE_LOG_RETENTION = Duration.days(400);

const REPLACED_OBJECTS_END_AFTER = Duration.days(90);
const LANDED_FILES_COOL_AFTER = Duration.days(90);
const ATHENA_RESULTS_END_AFTER = Duration.days(7);
const FIREHOSE_ERRORS_END_AFTER = Duration.days(30);
const ACCESS_LOGS_END_AFTER = Duration.days(365);

/** Where an environment's data lies: one bucket for each zone, one key over all of them, one catalogue. */
export interface IDataLake extends IConstruct {
  /** Key under which every bucket, table and stream of the lake is encrypted. */
  readonly encryptionKey: IKey;

  /** Files as they were landed; `<model>/<batchId>/…`, complete once `_READY` is there. */
  readonly rawBucket: IBucket;

  /** Valid rows of each batch, beside what was quarantined and why. */
  readonly curatedBucket: IBucket;

  /** Dataset snapshots, named by their digest and locked against change. */
  readonly snapshotBucket: IBucket;

  /** What runs leave behind: training code, models, evaluations, `run.json`. */
  readonly artifactBucket: IBucket;

  /** The inference log, the labels, and what the monitors make of them. */
  readonly monitoringBucket: IBucket;

  /** Glue database of the lake's tables. */
  readonly databaseName: string;

  /** Athena workgroup in which the platform's queries run, with their results under `athena/` of the monitoring bucket. */
  readonly workgroupName: string;
}

/** Settings of a data lake. */
export interface DataLakeProps {
  /** Environment whose data this is; lower-case letters and digits. */
  readonly environmentName: string;

  /**
   * Key of the whole lake.
   *
   * @default - a new key that is rotated every year and kept when the data is kept
   */
  readonly encryptionKey?: IKey;

  /**
   * Name of the Glue database.
   *
   * @default - `mlops_<environmentName>`
   */
  readonly databaseName?: string;

  /**
   * Name of the Athena workgroup.
   *
   * @default - `mlops-<environmentName>`
   */
  readonly workgroupName?: string;

  /**
   * How long nobody can change or delete a dataset snapshot, except who may bypass governance.
   *
   * @default Duration.days(365)
   */
  readonly snapshotRetention?: Duration;

  /**
   * How long predictions and labels are kept before they expire.
   *
   * @default Duration.days(400)
   */
  readonly inferenceLogRetention?: Duration;

  /**
   * Most that one query may scan before Athena stops it; a bound on what a mistake costs.
   *
   * @default Size.gibibytes(100)
   */
  readonly queryScanLimit?: Size;

  /**
   * What happens to buckets and key when they leave the stack. `DESTROY` keeps them all the same, with a warning,
   * unless `deleteData` is true too. Those of a stack that could not be created go, being empty.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Second word on the deletion of data: with `RemovalPolicy.DESTROY`, every object goes with its bucket, locked
   * snapshots included.
   *
   * @default false
   */
  readonly deleteData?: boolean;
}

/** A data lake that another stack or app made. */
export interface DataLakeAttributes {
  /** Key of the lake. */
  readonly encryptionKey: IKey;

  /** Bucket in which files are landed; it sends its events to EventBridge. */
  readonly rawBucket: IBucket;

  /** Bucket of valid and quarantined rows. */
  readonly curatedBucket: IBucket;

  /** Bucket of dataset snapshots. */
  readonly snapshotBucket: IBucket;

  /** Bucket of runs. */
  readonly artifactBucket: IBucket;

  /** Bucket of inference logs, labels and reports. */
  readonly monitoringBucket: IBucket;

  /** Name of the Glue database. */
  readonly databaseName: string;

  /** Name of the Athena workgroup. */
  readonly workgroupName: string;
}

/**
 * The data of an environment, from landed files to inference logs.
 *
 * Everything is private, versioned, encrypted under one key, logged, and kept unless told twice that it may go.
 */
export class DataLake extends Construct implements IDataLake {
  /** Uses a lake that exists already. */
  public static fromDataLakeAttributes(scope: Construct, id: string, attributes: DataLakeAttributes): IDataLake {
    class ImportedDataLake extends Construct implements IDataLake {
      public readonly encryptionKey = attributes.encryptionKey;
      public readonly rawBucket = attributes.rawBucket;
      public readonly curatedBucket = attributes.curatedBucket;
      public readonly snapshotBucket = attributes.snapshotBucket;
      public readonly artifactBucket = attributes.artifactBucket;
      public readonly monitoringBucket = attributes.monitoringBucket;
      public readonly databaseName = attributes.databaseName;
      public readonly workgroupName = attributes.workgroupName;
    }
    return new ImportedDataLake(scope, id);
  }

  public readonly encryptionKey: IKey;
  public readonly rawBucket: IBucket;
  public readonly curatedBucket: IBucket;
  public readonly snapshotBucket: IBucket;
  public readonly artifactBucket: IBucket;
  public readonly monitoringBucket: IBucket;
  public readonly databaseName: string;
  public readonly workgroupName: string;

  /** Bucket to which S3 writes who read and wrote what in the other buckets. */
  public readonly accessLogBucket: IBucket;

  constructor(scope: Construct, id: string, props: DataLakeProps) {
    super(scope, id);
    const snapshotRetention = props.snapshotRetention ?? DEFAULT_SNAPSHOT_RETENTION;
    const inferenceLogRetention = props.inferenceLogRetention ?? DEFAULT_INFERENCE_LOG_RETENTION;
    const queryScanLimit = props.queryScanLimit ?? DEFAULT_QUERY_SCAN_LIMIT;
    this.validate(props, queryScanLimit);
    // the older way needs an ACL, which the buckets do not have; an importing app may not have set the flag
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const deleteData = props.removalPolicy === RemovalPolicy.DESTROY && props.deleteData === true;

    this.encryptionKey =
      props.encryptionKey ??
      new Key(this, 'Key', {
        description: `Data lake of ${resourcePrefix(props.environmentName)}`,
        enableKeyRotation: true,
        removalPolicy: deleteData ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
      });

    const accessLogBucket = new LakeBucket(this, 'AccessLogs', {
      // S3 delivers its access logs only to buckets under SSE-S3, so this one is not under the key
      deleteData,
      lifecycleRules: [{ id: 'access-logs', expiration: ACCESS_LOGS_END_AFTER }, replacedObjects()],
    });
    const bucket = (bucketId: string, lifecycleRules: LifecycleRule[], objectLock?: ObjectLockRetention) =>
      new LakeBucket(this, bucketId, {
        encryptionKey: this.encryptionKey,
        accessLogsBucket: accessLogBucket,
        deleteData,
        lifecycleRules: [...lifecycleRules, replacedObjects()],
        objectLock,
      });
    const rawBucket = bucket('Raw', [
      {
        id: 'landed-files',
        transitions: [{ storageClass: StorageClass.INFREQUENT_ACCESS, transitionAfter: LANDED_FILES_COOL_AFTER }],
      },
    ]);
    const curatedBucket = bucket('Curated', []);
    const snapshotBucket = bucket('Snapshots', [], ObjectLockRetention.governance(snapshotRetention));
    const artifactBucket = bucket('Artifacts', []);
    const monitoringBucket = bucket('Monitoring', [
      { id: 'inference-log', prefix: `${INFERENCE_LOG_PREFIX}/`, expiration: inferenceLogRetention },
      { id: 'labels', prefix: `${LABELS_PREFIX}/`, expiration: inferenceLogRetention },
      { id: 'athena-results', prefix: `${ATHENA_RESULTS_PREFIX}/`, expiration: ATHENA_RESULTS_END_AFTER },
      { id: 'audit-results', prefix: `${AUDIT_RESULTS_PREFIX}/`, expiration: ATHENA_RESULTS_END_AFTER },
      { id: 'firehose-errors', prefix: `${FIREHOSE_ERRORS_PREFIX}/`, expiration: FIREHOSE_ERRORS_END_AFTER },
    ]);
    sendEventsToEventBridge(rawBucket);
    if (deleteData) {
      new LakeCleanup(this, 'Cleanup', {
        // the access logs last: emptying the others writes to them
        buckets: [rawBucket, curatedBucket, snapshotBucket, artifactBucket, monitoringBucket, accessLogBucket],
      });
    }
    this.rawBucket = rawBucket;
    this.curatedBucket = curatedBucket;
    this.snapshotBucket = snapshotBucket;
    this.artifactBucket = artifactBucket;
    this.monitoringBucket = monitoringBucket;
    this.accessLogBucket = accessLogBucket;

    const database = new CfnDatabase(this, 'Database', {
      catalogId: Stack.of(this).account,
      databaseInput: {
        name: props.databaseName ?? resourcePrefix(props.environmentName).replaceAll('-', '_'),
        description: `Data lake of ${resourcePrefix(props.environmentName)}`,
      },
    });
    // by reference: what is made in it, in the same stack perhaps, has to wait for it
    this.databaseName = database.ref;

    const workgroup = new QueryWorkgroup(this, 'Workgroup', {
      workgroupName: props.workgroupName ?? resourcePrefix(props.environmentName),
      description: `Queries over the data lake of ${resourcePrefix(props.environmentName)}`,
      resultsUrl: monitoringBucket.s3UrlForObject(`${ATHENA_RESULTS_PREFIX}/`),
      encryptionKey: this.encryptionKey,
      scanLimit: queryScanLimit,
    });
    this.workgroupName = workgroup.ref;
  }

  private validate(props: DataLakeProps, queryScanLimit: Size): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    problems.requirePattern(
      'databaseName',
      props.databaseName,
      /^[a-z0-9_]{1,255}$/,
      'lower-case letters, digits and underscores',
    );
    problems.requirePattern(
      'workgroupName',
      props.workgroupName,
      /^[a-zA-Z0-9._-]{1,128}$/,
      'at most 128 letters, digits, dots, underscores and hyphens',
    );
    requireScanLimit(problems, queryScanLimit);
    problems.require(
      props.deleteData !== true || props.removalPolicy === RemovalPolicy.DESTROY,
      `'deleteData' is true while 'removalPolicy' is '${props.removalPolicy ?? RemovalPolicy.RETAIN}', must be used with 'RemovalPolicy.DESTROY' or left out`,
    );
    problems.throwIfAny();
    if (props.removalPolicy === RemovalPolicy.DESTROY && props.deleteData !== true) {
      Annotations.of(this).addWarningV2(
        'mlops-blueprint:data-kept',
        "data is kept although 'removalPolicy' is 'destroy', set 'deleteData' to true as well if it may go",
      );
    }
  }
}

function replacedObjects(): LifecycleRule {
  return { id: 'replaced-objects', noncurrentVersionExpiration: REPLACED_OBJECTS_END_AFTER };
}

/**
 * Sets the property itself: the L2's `eventBridgeEnabled` adds a function with broad rights that does the same call.
 * Whoever added a notification through the L2 would overwrite it, so that is refused.
 */
function sendEventsToEventBridge(bucket: LakeBucket): void {
  const resource = bucket.node.defaultChild as CfnBucket;
  resource.addPropertyOverride('NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled', true);
  bucket.node.addValidation({
    validate: () =>
      bucket.node.tryFindChild('Notifications') === undefined
        ? []
        : ["the raw bucket's notifications go to EventBridge, use a rule instead of 'addEventNotification'"],
  });
}
