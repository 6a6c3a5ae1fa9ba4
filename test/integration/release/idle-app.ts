/** A platform with one model that is up from seven to twenty by the clocks of UTC. */
import { App, CfnOutput, Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ModelRegistry, ModelService, ReleaseController, Weekday } from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const app = new App();
const platform = new Stack(app, 'Platform', { env });
const artifactBucket = new Bucket(platform, 'Artifacts', {
  bucketName: 'release-test-artifacts',
  removalPolicy: RemovalPolicy.DESTROY,
});
const releaseController = new ReleaseController(platform, 'Releases', {
  environmentName: 'local',
  artifactBucket,
  pollInterval: Duration.seconds(1),
  // each look that is due is played when the clock moves on
  reconcileInterval: Duration.minutes(30),
  removalPolicy: RemovalPolicy.DESTROY,
  deleteData: true,
});
new CfnOutput(platform, 'MachineArn', { value: releaseController.stateMachine.stateMachineArn });
new CfnOutput(platform, 'LedgerName', { value: releaseController.ledgerTable.tableName });
new CfnOutput(platform, 'TopicArn', { value: releaseController.notificationTopic.topicArn });

const model = new Stack(app, 'Model', { env });
new ModelService(model, 'Service', {
  environmentName: 'local',
  modelName: 'rain',
  registry: new ModelRegistry(model, 'Registry', { environmentName: 'local', modelName: 'rain' }),
  releaseController,
  artifactBucket,
  instanceType: 'ml.m5.large',
  imageRepositories: [Repository.fromRepositoryName(model, 'Repository', 'stub')],
  idle: { awake: { days: Object.values(Weekday), from: '07:00', to: '20:00', timeZone: TimeZone.ETC_UTC } },
});
