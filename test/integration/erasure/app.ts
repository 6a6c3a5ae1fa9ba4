/** A platform with one model whose rows are of persons, and what erases them. */
import { join } from 'node:path';
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import {
  ColumnType,
  DataLake,
  InferenceLog,
  ModelImage,
  ModelRegistry,
  ModelService,
  PersonalDataErasure,
  PipelineController,
  ReleaseController,
  TrainingPipeline,
} from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const mayGo = { removalPolicy: RemovalPolicy.DESTROY, deleteData: true };
const named = { environmentName: 'local', modelName: 'churn' };
const { environmentName } = named;
const schema = { features: [{ name: 'age', type: ColumnType.DOUBLE, min: 0 }], label: 'left' };
const app = new App();

const platform = new Stack(app, 'Platform', { env });
const dataLake = new DataLake(platform, 'Lake', { ...mayGo, environmentName, snapshotRetention: Duration.days(30) });
const { artifactBucket, encryptionKey } = dataLake;
const releaseController = new ReleaseController(platform, 'Releases', {
  ...mayGo,
  environmentName,
  artifactBucket,
  encryptionKey,
});
const { ledgerTable, notificationTopic, stateMachine } = releaseController;
const controller = new PipelineController(platform, 'Pipelines', {
  ...mayGo,
  environmentName,
  dataLake,
  ledgerTable,
  notificationTopic,
});
const erasure = new PersonalDataErasure(platform, 'Erasure', { environmentName, dataLake, ledgerTable });

const model = new Stack(app, 'Model', { env });
const registry = new ModelRegistry(model, 'Registry', named);
const repository = Repository.fromRepositoryName(model, 'Repository', 'stub');
const image = ModelImage.fromEcrRepository(repository, '1');
const inferenceLog = new InferenceLog(model, 'Log', { ...named, schema, dataLake });
new TrainingPipeline(model, 'Training', {
  ...named,
  schema,
  personalData: { subject: 'customer', fields: ['age'], acceptedInSnapshots: ['age'] },
  dataLake,
  registry,
  controller,
  codePath: join(__dirname, '..', '..', '..', 'examples', 'rain'),
  image,
  inferenceImage: image,
  instanceType: 'ml.m5.large',
});
new ModelService(model, 'Service', {
  ...named,
  registry,
  inferenceLog,
  releaseController,
  artifactBucket,
  instanceType: 'ml.m5.large',
  imageRepositories: [repository],
});

for (const [key, value] of Object.entries({
  MachineArn: stateMachine.stateMachineArn,
  LedgerName: ledgerTable.tableName,
  TopicArn: notificationTopic.topicArn,
  ArtifactBucketName: artifactBucket.bucketName,
  RawBucketName: dataLake.rawBucket.bucketName,
  CuratedBucketName: dataLake.curatedBucket.bucketName,
  SnapshotBucketName: dataLake.snapshotBucket.bucketName,
  MonitoringBucketName: dataLake.monitoringBucket.bucketName,
  DataFunctionName: controller.dataFunction.functionName,
  // by these the `mlops` command line finds a platform
  ReleaseStateMachineArn: stateMachine.stateMachineArn,
  LedgerTableName: ledgerTable.tableName,
  ErasureFunctionName: erasure.function.functionName,
})) {
  new CfnOutput(platform, key, { value });
}
new CfnOutput(model, 'StreamName', { value: inferenceLog.streamName });
