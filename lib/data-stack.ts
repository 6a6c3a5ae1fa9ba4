import { Duration, Size, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DataLake, type IDataLake } from '../constructs';
import type { Environment } from './config/environment';
import { dataRemoval } from './data-removal';
import { optional } from './optional';
import { addOutputs } from './outputs';

/** Settings of the data stack. */
export interface DataStackProps extends StackProps {
  readonly environment: Environment;
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
      snapshotRetention: optional(data.snapshotRetentionDays, days => Duration.days(days)),
      inferenceLogRetention: optional(data.inferenceLogRetentionDays, days => Duration.days(days)),
      queryScanLimit: optional(data.queryScanLimitGiB, gibibytes => Size.gibibytes(gibibytes)),
    });
    addOutputs(this, {
      RawBucketName: this.lake.rawBucket.bucketName,
      CuratedBucketName: this.lake.curatedBucket.bucketName,
      SnapshotBucketName: this.lake.snapshotBucket.bucketName,
      ArtifactBucketName: this.lake.artifactBucket.bucketName,
      MonitoringBucketName: this.lake.monitoringBucket.bucketName,
    });
  }
}
