/** A cluster with a model on it that predicts files too, a role that releases it, and nothing that trains or watches it. */
import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { App, CfnOutput, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
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
const named = { name: 'beside', namespace: 'mlops-local-rain' };
const scaled = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'beside' };
const BESIDE: Record<string, object> = {
  PodDisruptionBudget: {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: named,
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'beside' } } },
  },
  HorizontalPodAutoscaler: {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: named,
    spec: { scaleTargetRef: scaled, maxReplicas: 2 },
  },
  ScaledObject: {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: named,
    spec: { scaleTargetRef: { name: 'beside' }, triggers: [{ type: 'cpu', metadata: { value: '60' } }] },
  },
};
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
  // approvals start nothing: the tests release by hand
  modelName: 'nobody',
  artifactBucket,
  servingCluster: cluster,
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
// what the command line looks for
new CfnOutput(platform, 'LedgerTableName', { value: releaseController.ledgerTable.tableName });
new CfnOutput(platform, 'ReleaseStateMachineArn', { value: releaseController.stateMachine.stateMachineArn });
new CfnOutput(platform, 'BatchFunctionName', { value: releaseController.batchFunction?.functionName ?? '' });

/** A model's service in a stack of its own. */
function serve(stack: Stack, modelName: string): KubernetesModelService {
  return new KubernetesModelService(stack, 'Service', {
    environmentName,
    modelName,
    cluster,
    registry: new ModelRegistry(stack, 'Registry', { environmentName, modelName }),
    releaseController,
    artifactBucket,
    batch: { bucket: artifactBucket, inputPrefix: 'batch/in/', outputPrefix: 'batch/out/', parallelism: 2 },
    cpu: Number(app.node.tryGetContext('cpu') ?? 1),
  });
}

const model = new Stack(app, 'Model', { env });
const service = serve(model, 'rain');

// `without=DefaultDeny,Quota`: these objects leave the template, as when a chart drops them
for (const id of given('without')) service.node.findChild('Namespace').node.tryRemoveChild(id);

// `beside=<kinds>`: objects that an importing app may give to kubectl beside ours
for (const kind of given('beside')) {
  new KubernetesManifest(model, `Beside${kind}`, {
    cluster: cluster.cluster,
    manifest: [BESIDE[kind]],
    prune: false,
  }).node.addDependency(service);
}

// `others=<model>`: one more model, whose namespace may be somebody else's
for (const name of given('others')) serve(new Stack(app, `Other-${name}`, { env }), name);

function given(name: string): string[] {
  return String(app.node.tryGetContext(name) ?? '')
    .split(',')
    .filter(value => value !== '');
}
