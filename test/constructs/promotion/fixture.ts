import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3';
import { Topic } from 'aws-cdk-lib/aws-sns';
import {
  ModelRegistry,
  PromotionSource,
  type PromotionSourceProps,
  PromotionTarget,
  type PromotionTargetProps,
  ReleaseController,
} from '../../../constructs';

export const DEV = { environmentName: 'dev', account: '111111111111', region: 'eu-west-1' };
export const PROD = { environmentName: 'prod', account: '222222222222', region: 'eu-west-1' };

/** What a policy says of the one role of the receiving environment, and of nobody else. */
export const PROD_ALONE = {
  Principal: { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::222222222222:root']] } },
  Condition: {
    ArnEquals: {
      'aws:PrincipalArn': {
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::222222222222:role/mlops-prod-promotion']],
      },
    },
  },
};

function artifacts(stack: Stack) {
  const encryptionKey = new Key(stack, 'Key');
  return new Bucket(stack, 'Artifacts', { encryption: BucketEncryption.KMS, encryptionKey, enforceSSL: true });
}

/** An environment that gives, with these models. */
export function giving(props: Partial<PromotionSourceProps> = {}, models = ['rain']) {
  const stack = new Stack(new App(), 'Dev', { env: { account: DEV.account, region: DEV.region } });
  const images = new Repository(stack, 'Images');
  const source = new PromotionSource(stack, 'Promotion', {
    environmentName: 'dev',
    artifactBucket: artifacts(stack),
    notificationTopic: new Topic(stack, 'Topic'),
    targets: [PROD],
    ...props,
  });
  for (const modelName of models) {
    const registry = new ModelRegistry(stack, `Registry-${modelName}`, { environmentName: 'dev', modelName });
    source.addModel({ modelName, registry, imageRepository: images });
  }
  return { stack, source, template: () => Template.fromStack(stack) };
}

/** An environment that receives. */
export function receiving(props: Partial<PromotionTargetProps> = {}) {
  const stack = new Stack(new App(), 'Prod', { env: { account: PROD.account, region: PROD.region } });
  const artifactBucket = artifacts(stack);
  const releaseController = new ReleaseController(stack, 'Releases', { environmentName: 'prod', artifactBucket });
  const target = new PromotionTarget(stack, 'Promotion', {
    environmentName: 'prod',
    source: DEV,
    artifactBucket,
    releaseController,
    imageRepository: Repository.fromRepositoryName(stack, 'Images', 'mlops/model-server'),
    ...props,
  });
  return { stack, target, template: () => Template.fromStack(stack) };
}

interface Statement {
  readonly Sid?: string;
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly Principal?: unknown;
  readonly Condition?: unknown;
}

/** Statements for another environment in a policy of this type, which lies under this property. */
export function forOthers(template: Template, type: string, property: string): Statement[] {
  return Object.values(template.findResources(type)).flatMap(({ Properties }) =>
    ((Properties?.[property]?.Statement ?? []) as Statement[]).filter(
      ({ Sid }) => Sid?.startsWith('Promotion') ?? false,
    ),
  );
}
