/** Two environments in two accounts: versions of the one go to the other. */
import { App, CfnOutput, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { ModelRegistry, ModelService, PromotionSource, PromotionTarget, ReleaseController } from '../../../constructs';

const region = 'us-east-1';
const giver = { environmentName: 'giver', account: '000000000000', region };
const taker = { environmentName: 'taker', account: '111111111111', region };
const app = new App();

const artifacts = (stack: Stack, bucketName: string): Bucket =>
  new Bucket(stack, 'Artifacts', {
    bucketName,
    encryption: BucketEncryption.KMS,
    encryptionKey: new Key(stack, 'Key', { removalPolicy: RemovalPolicy.DESTROY }),
    enforceSSL: true,
    removalPolicy: RemovalPolicy.DESTROY,
  });

const gives = new Stack(app, 'Giver', { env: giver });
const images = new Repository(gives, 'Images', {
  repositoryName: 'giver-images',
  removalPolicy: RemovalPolicy.DESTROY,
});
new PromotionSource(gives, 'Promotion', {
  environmentName: giver.environmentName,
  artifactBucket: artifacts(gives, 'giver-artifacts'),
  notificationTopic: new Topic(gives, 'Topic'),
  targets: [taker],
}).addModel({
  modelName: 'rain',
  registry: new ModelRegistry(gives, 'Registry', { environmentName: giver.environmentName, modelName: 'rain' }),
  imageRepository: images,
});

const takes = new Stack(app, 'Taker', { env: taker });
const artifactBucket = artifacts(takes, 'taker-artifacts');
const releaseController = new ReleaseController(takes, 'Releases', {
  environmentName: taker.environmentName,
  artifactBucket,
  pollInterval: Duration.seconds(1),
  removalPolicy: RemovalPolicy.DESTROY,
  deleteData: true,
});
const imageRepository = new Repository(takes, 'Images', {
  repositoryName: 'taker-images',
  removalPolicy: RemovalPolicy.DESTROY,
});
const promotion = new PromotionTarget(takes, 'Promotion', {
  environmentName: taker.environmentName,
  source: giver,
  artifactBucket,
  releaseController,
  imageRepository,
});
new ModelService(takes, 'Service', {
  environmentName: taker.environmentName,
  modelName: 'rain',
  registry: new ModelRegistry(takes, 'Registry', { environmentName: taker.environmentName, modelName: 'rain' }),
  releaseController,
  artifactBucket,
  instanceType: 'ml.m5.large',
  imageRepositories: [imageRepository],
});
new CfnOutput(takes, 'LedgerName', { value: releaseController.ledgerTable.tableName });
new CfnOutput(takes, 'TopicArn', { value: releaseController.notificationTopic.topicArn });
new CfnOutput(takes, 'FunctionName', { value: promotion.function.functionName });
