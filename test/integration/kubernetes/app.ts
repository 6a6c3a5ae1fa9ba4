/** A cluster with a model on it, a role that releases it, and nothing that trains or watches it. */
import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import {
  ClusterAccess,
  ClusterAccessPurpose,
  KubernetesModelService,
  ModelRegistry,
  ReleaseController,
  ServingCluster,
} from '../../../constructs';

const env = { account: '000000000000', region: 'us-east-1' };
const app = new App();
const environmentName = 'local';
const platform = new Stack(app, 'Platform', { env });
const vpc = new Vpc(platform, 'Network', {
  maxAzs: 2,
  natGateways: 1,
  subnetConfiguration: [
    { name: 'public', subnetType: SubnetType.PUBLIC },
    { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
  ],
});
const cluster = new ServingCluster(platform, 'Cluster', {
  vpc,
  clusterName: 'models',
  kubectlLayer: new KubectlV36Layer(platform, 'Kubectl'),
  gateway: true,
});
const artifactBucket = new Bucket(platform, 'Artifacts', {
  bucketName: 'kubernetes-test-artifacts',
  removalPolicy: RemovalPolicy.RETAIN,
});
const releaseController = new ReleaseController(platform, 'Releases', {
  environmentName,
  servingCluster: cluster,
  artifactBucket,
  removalPolicy: RemovalPolicy.DESTROY,
  deleteData: true,
});
const releaser = new Role(platform, 'Releaser', { assumedBy: new AccountRootPrincipal() });
new ClusterAccess(platform, 'Access', {
  cluster,
  environmentName,
  purpose: ClusterAccessPurpose.RELEASE,
  role: releaser,
  securityGroup: new SecurityGroup(platform, 'ReleaserGroup', { vpc }),
});
const stranger = new Role(platform, 'Stranger', { assumedBy: new AccountRootPrincipal() });
new CfnOutput(platform, 'ReleaserArn', { value: releaser.roleArn });
new CfnOutput(platform, 'StrangerArn', { value: stranger.roleArn });

const model = new Stack(app, 'Model', { env });
new KubernetesModelService(model, 'Service', {
  environmentName,
  modelName: 'rain',
  cluster,
  registry: new ModelRegistry(model, 'Registry', { environmentName, modelName: 'rain' }),
  releaseController,
  artifactBucket,
  cpu: Number(app.node.tryGetContext('cpu') ?? 1),
});
