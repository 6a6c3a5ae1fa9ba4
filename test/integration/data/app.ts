/** A lake whose data may go or not, as the environment variable says. */
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { DataLake } from '../../../constructs';

const stack = new Stack(new App(), 'Lake', { env: { account: '000000000000', region: 'us-east-1' } });
const mayGo = process.env.LAKE_MAY_GO === 'true';
const lake = new DataLake(stack, 'Lake', {
  environmentName: 'local',
  snapshotRetention: Duration.days(1),
  removalPolicy: mayGo ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  deleteData: mayGo,
});
new CfnOutput(stack, 'RawBucket', { value: lake.rawBucket.bucketName });
new CfnOutput(stack, 'SnapshotBucket', { value: lake.snapshotBucket.bucketName });
