import { CfnOutput, Stack, type StackProps } from 'aws-cdk-lib';
import { GatewayVpcEndpointAwsService, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Key } from 'aws-cdk-lib/aws-kms';
import { BlockPublicAccess, Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ModelRegistry, ModelService, ReleaseController, ShiftPolicy } from 'mlops-blueprint';

/** Serves the fraud model of a team that trains by its own means. */
export class FraudStack extends Stack {
  constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);

    // what the team has already: a key, a bucket for artifacts, a network without a way to the internet
    const key = new Key(this, 'Key', { enableKeyRotation: true });
    const artifactBucket = new Bucket(this, 'Artifacts', {
      encryptionKey: key,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      enforceSSL: true,
      versioned: true,
    });
    const vpc = new Vpc(this, 'Vpc', {
      maxAzs: 2,
      natGateways: 0,
      subnetConfiguration: [{ name: 'models', subnetType: SubnetType.PRIVATE_ISOLATED }],
      gatewayEndpoints: { s3: { service: GatewayVpcEndpointAwsService.S3 } },
    });
    const modelServer = Repository.fromRepositoryName(this, 'ModelServer', 'fraud/model-server');

    // a person approves a version here ...
    const registry = new ModelRegistry(this, 'Registry', { environmentName: 'prod', modelName: 'fraud' });
    // ... which starts its release ...
    const releaseController = new ReleaseController(this, 'Releases', {
      environmentName: 'prod',
      artifactBucket,
      encryptionKey: key,
      endpointKeys: [key],
      emailAddresses: ['fraud-team@example.com'],
    });
    // ... to this endpoint, half of the capacity first
    const service = new ModelService(this, 'Service', {
      environmentName: 'prod',
      modelName: 'fraud',
      registry,
      releaseController,
      artifactBucket,
      instanceType: 'ml.m5.large',
      instanceCount: 2,
      imageRepositories: [modelServer],
      shift: ShiftPolicy.canary({ percent: 50 }),
      vpc,
      encryptionKey: key,
    });

    new CfnOutput(this, 'EndpointName', { value: service.endpointName });
  }
}
