/** A platform with one model that is trained when its code is merged, and the role of the CI that tells of it. */
import { join } from 'node:path';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { OidcProviderNative } from 'aws-cdk-lib/aws-iam';
import {
  ColumnType,
  DataLake,
  MergeRole,
  ModelImage,
  ModelRegistry,
  PipelineController,
  ReleaseController,
  TrainingPipeline,
} from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const mayGo = { removalPolicy: RemovalPolicy.DESTROY, deleteData: true };
const named = { environmentName: 'local', modelName: 'rain' };
const { environmentName } = named;
const app = new App();

const platform = new Stack(app, 'Platform', { env });
const dataLake = new DataLake(platform, 'Lake', { ...mayGo, environmentName });
const { artifactBucket, encryptionKey } = dataLake;
const { ledgerTable, notificationTopic, stateMachine } = new ReleaseController(platform, 'Releases', {
  ...mayGo,
  environmentName,
  artifactBucket,
  encryptionKey,
});
const controller = new PipelineController(platform, 'Pipelines', {
  ...mayGo,
  environmentName,
  dataLake,
  ledgerTable,
  notificationTopic,
});
const { role } = new MergeRole(platform, 'Merge', {
  environmentName,
  pipeline: controller,
  issuer: 'ci.example.com',
  // the local cloud makes none; it looks at what a token says, and at the trust of the role
  provider: OidcProviderNative.fromOidcProviderArn(
    platform,
    'Provider',
    'arn:aws:iam::000000000000:oidc-provider/ci.example.com',
  ),
  subjects: ['repo:acme/models:ref:refs/heads/main'],
});

const model = new Stack(app, 'Model', { env });
const repository = Repository.fromRepositoryName(model, 'Repository', 'stub');
new TrainingPipeline(model, 'Training', {
  ...named,
  schema: { features: [{ name: 'pressure', type: ColumnType.DOUBLE }], label: 'rain' },
  dataLake,
  registry: new ModelRegistry(model, 'Registry', named),
  controller,
  codePath: join(__dirname, '..', '..', '..', 'examples', 'rain'),
  image: ModelImage.fromEcrRepository(repository, '1'),
  inferenceImage: ModelImage.fromEcrRepository(repository, '1'),
  instanceType: 'ml.m5.large',
  trainOnMerge: true,
});

for (const [key, value] of Object.entries({
  MachineArn: stateMachine.stateMachineArn,
  LedgerName: ledgerTable.tableName,
  TopicArn: notificationTopic.topicArn,
  ArtifactBucketName: artifactBucket.bucketName,
  RawBucketName: dataLake.rawBucket.bucketName,
  MergeRoleArn: role.roleArn,
  // by these the `mlops` command line finds a platform
  ReleaseStateMachineArn: stateMachine.stateMachineArn,
  PipelineStateMachineArn: controller.stateMachine.stateMachineArn,
  LedgerTableName: ledgerTable.tableName,
  RunsTableName: controller.runsTable.tableName,
})) {
  new CfnOutput(platform, key, { value });
}
