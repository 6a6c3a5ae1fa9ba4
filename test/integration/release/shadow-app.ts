/**
 * The platform of `app.ts` with a lake, and a service whose new versions shadow before they serve. Its arguments: how many
 * minutes they do, and every how many seconds they are looked at.
 */
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  ColumnType,
  DataLake,
  InferenceLog,
  ModelRegistry,
  ModelService,
  ReleaseController,
  ShiftPolicy,
} from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const named = { environmentName: 'local', modelName: 'rain' };
const [minutes = '1', pollSeconds = '1'] = process.argv.slice(2);
const app = new App();
const platform = new Stack(app, 'Platform', { env });
const artifactBucket = new Bucket(platform, 'Artifacts', {
  bucketName: 'release-test-artifacts',
  removalPolicy: RemovalPolicy.DESTROY,
});
const dataLake = new DataLake(platform, 'Lake', {
  environmentName: 'local',
  removalPolicy: RemovalPolicy.DESTROY,
  deleteData: true,
});
const releaseController = new ReleaseController(platform, 'Releases', {
  environmentName: 'local',
  artifactBucket,
  shadowDataLake: dataLake,
  pollInterval: Duration.seconds(Number(pollSeconds)),
  removalPolicy: RemovalPolicy.DESTROY,
  deleteData: true,
});
new CfnOutput(platform, 'MachineArn', { value: releaseController.stateMachine.stateMachineArn });
new CfnOutput(platform, 'LedgerName', { value: releaseController.ledgerTable.tableName });
new CfnOutput(platform, 'TopicArn', { value: releaseController.notificationTopic.topicArn });

const model = new Stack(app, 'Model', { env });
new ModelService(model, 'Service', {
  ...named,
  registry: new ModelRegistry(model, 'Registry', named),
  releaseController,
  artifactBucket,
  inferenceLog: new InferenceLog(model, 'Log', {
    ...named,
    dataLake,
    schema: { features: [{ name: 'temp', type: ColumnType.DOUBLE }], label: 'rain' },
    bufferingInterval: Duration.minutes(1),
  }),
  instanceType: 'ml.m5.large',
  instanceCount: 2,
  imageRepositories: [Repository.fromRepositoryName(model, 'Repository', 'stub')],
  shift: ShiftPolicy.canary({ percent: 50, bakeTime: Duration.minutes(1) }),
  shadow: { dataLake, duration: Duration.minutes(Number(minutes)), logDelay: Duration.minutes(2), minRequests: 10 },
});
