import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { KubectlProvider } from 'aws-cdk-lib/aws-eks-v2';
import { LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ModelRegistry } from '../../../../constructs/registry/model-registry';
import { ReleaseController } from '../../../../constructs/release/release-controller';
import { KubernetesModelService } from '../../../../constructs/serving/kubernetes/kubernetes-model-service';
import type { KubernetesModelServiceProps } from '../../../../constructs/serving/kubernetes/kubernetes-model-service-props';
import { ServingCluster } from '../../../../constructs/serving/kubernetes/serving-cluster';
import type {
  IServingCluster,
  ServingClusterAttributes,
} from '../../../../constructs/serving/kubernetes/serving-cluster-props';

export const ENV = { account: '000000000000', region: 'eu-west-1' };
const PROVIDER_ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:kubectl';

/** JSON as it is read: of no shape that TypeScript knows. */
export type Manifest = Record<string, ReturnType<typeof JSON.parse>>;

export function kubectlLayer(stack: Stack) {
  return LayerVersion.fromLayerVersionArn(stack, 'Kubectl', 'arn:aws:lambda:eu-west-1:000000000000:layer:kubectl:1');
}

/** A cluster that somebody else made, with everything in it. */
export function importedCluster(stack: Stack, attributes: Partial<ServingClusterAttributes> = {}): IServingCluster {
  return ServingCluster.fromServingClusterAttributes(stack, 'Cluster', {
    clusterName: 'models',
    clusterEndpoint: 'https://ABCD.gr7.eu-west-1.eks.amazonaws.com',
    clusterCertificateAuthorityData: 'LS0tLS1CRUdJTg==',
    clusterSecurityGroupId: 'sg-1',
    vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-1',
      vpcCidrBlock: '10.0.0.0/16',
      availabilityZones: ['eu-west-1a', 'eu-west-1b'],
      privateSubnetIds: ['subnet-1', 'subnet-2'],
    }),
    kubernetesVersion: '1.36',
    kubectlProvider: KubectlProvider.fromKubectlProviderAttributes(stack, 'Provider', { serviceToken: PROVIDER_ARN }),
    metricsServer: true,
    kedaNamespace: 'keda',
    gpuPool: true,
    spotPool: true,
    gateway: { name: 'mlops', namespace: 'mlops-gateway' },
    ...attributes,
  });
}

/** A model's service in a stack of its own, on a cluster that exists. */
export function modelService(
  props: Partial<KubernetesModelServiceProps> = {},
  attributes: Partial<ServingClusterAttributes> = {},
) {
  const app = new App();
  const platform = new Stack(app, 'Platform', { env: ENV });
  const artifactBucket = Bucket.fromBucketName(platform, 'Artifacts', 'artifacts');
  const environmentName = props.environmentName ?? 'dev';
  const modelName = props.modelName ?? 'rain';
  const releaseController = new ReleaseController(platform, 'Releases', {
    environmentName: 'dev',
    artifactBucket,
    servingCluster: importedCluster(platform),
  });
  const stack = new Stack(app, 'Model', { env: ENV });
  const service = new KubernetesModelService(stack, 'Service', {
    environmentName,
    modelName,
    registry: new ModelRegistry(stack, 'Registry', { environmentName, modelName }),
    artifactBucket,
    releaseController,
    cluster: importedCluster(stack, attributes),
    ...props,
  });
  return { app, stack, service, template: () => Template.fromStack(stack) };
}

/** Whether jest was told `-u`: then files for reviewers are written anew. */
export function updating(): boolean {
  const { snapshotState } = expect.getState() as unknown as { snapshotState: { _updateSnapshot: string } };
  return snapshotState._updateSnapshot === 'all';
}

/** A text with references as their names. */
export function text(value: unknown): string {
  if (typeof value === 'string') return value;
  const [intrinsic, argument] = Object.entries(value as Record<string, unknown>)[0] ?? ['', ''];
  return intrinsic === 'Fn::Join'
    ? (argument as [string, unknown[]])[1].map(text).join('')
    : `<${[argument].flat().join('.')}>`;
}

/** The objects that a stack gives to kubectl. */
export function manifests(template: Template): Manifest[] {
  return Object.values(template.findResources('Custom::AWSCDK-EKS-KubernetesResource')).flatMap(
    resource => JSON.parse(text((resource as Manifest).Properties.Manifest)) as Manifest[],
  );
}

/** The one object of a kind, by its name where there are several. */
export function object(all: Manifest[], kind: string, name?: string): Manifest {
  const found = all.filter(each => each.kind === kind && (name === undefined || each.metadata.name === name));
  if (found.length !== 1) throw new Error(`found ${found.length} of ${kind} ${name ?? ''}`);
  return found[0] as Manifest;
}
