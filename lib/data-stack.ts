import { Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import { DataLake, type IDataLake } from '../constructs';
import type { Environment } from './config/environment';
import { dataRemoval } from './data-removal';
import { keepExports } from './keep-exports';
import { optional } from './optional';
import { addOutputs } from './outputs';

/** Settings of the data stack. */
export interface DataStackProps extends StackProps {
  readonly environment: Environment;
  /**
   * Key of the environment's data.
   *
   * @default - the lake makes its own here, as it did before there was a foundation
   */
  readonly encryptionKey?: IKey;
}

/** What holds data, and changes least. */
export class DataStack extends Stack {
  public readonly lake: IDataLake;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { environment } = props;
    const { data } = environment;

    this.lake = new DataLake(this, 'Lake', {
      ...dataRemoval(environment),
      environmentName: environment.name,
      encryptionKey: props.encryptionKey,
      snapshotRetention: optional(data.snapshotRetentionDays, days => Duration.days(days)),
      inferenceLogRetention: optional(data.inferenceLogRetentionDays, days => Duration.days(days)),
      queryScanLimit: optional(data.queryScanLimitGiB, gibibytes => Size.gibibytes(gibibytes)),
    });
    const { rawBucket, curatedBucket, snapshotBucket, artifactBucket, monitoringBucket } = this.lake;
    const buckets = [rawBucket, curatedBucket, snapshotBucket, artifactBucket, monitoringBucket];
    keepExports(this, [
      props.encryptionKey === undefined ? this.lake.encryptionKey.keyArn : undefined,
      ...buckets.flatMap(({ bucketName, bucketArn }) => [bucketName, bucketArn]),
      this.lake.databaseName,
      this.lake.workgroupName,
    ]);
    addOutputs(this, {
      RawBucketName: rawBucket.bucketName,
      CuratedBucketName: curatedBucket.bucketName,
      SnapshotBucketName: snapshotBucket.bucketName,
      ArtifactBucketName: artifactBucket.bucketName,
      MonitoringBucketName: monitoringBucket.bucketName,
    });
  }
}
