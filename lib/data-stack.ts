import { Duration, RemovalPolicy, Size, Stack, type StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { DataLake } from '../constructs';
import type { Environment } from './config/environment';
import { optional } from './optional';

/** Settings of the data stack. */
export interface DataStackProps extends StackProps {
  readonly environment: Environment;
}

/** What holds data, and changes least. */
export class DataStack extends Stack {
  public readonly lake: DataLake;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { name, data } = props.environment;

    this.lake = new DataLake(this, 'Lake', {
      environmentName: name,
      removalPolicy: data.removalPolicy === 'destroy' ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
      deleteData: data.deleteData,
      snapshotRetention: optional(data.snapshotRetentionDays, days => Duration.days(days)),
      inferenceLogRetention: optional(data.inferenceLogRetentionDays, days => Duration.days(days)),
      queryScanLimit: optional(data.queryScanLimitGiB, gibibytes => Size.gibibytes(gibibytes)),
    });
  }
}
