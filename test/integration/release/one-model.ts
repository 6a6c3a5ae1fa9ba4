import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { ModelRegistry, ModelService, type ModelServiceProps, ReleaseController } from '../../../constructs';

/** What an app says of its one model, and how often all models are looked at. */
export interface OneModel {
  readonly service?: Partial<ModelServiceProps>;
  readonly reconcileInterval?: Duration;
}

/** A platform with one model, and nothing that trains or watches it; returns what releases it. */
export function oneModel({ service, reconcileInterval }: OneModel = {}): ReleaseController {
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
    reconcileInterval,
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
    ...service,
  });
  return releaseController;
}
