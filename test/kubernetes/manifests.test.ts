import { randomBytes } from 'node:crypto';
import { App, Duration, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { parse } from 'yaml';
import { ClusterCapacity } from '../../constructs/serving/kubernetes/cluster-capacity';
import type { KubernetesModelServiceProps } from '../../constructs/serving/kubernetes/kubernetes-model-service-props';
import { ModelDelivery } from '../../constructs/serving/kubernetes/kubernetes-model-service-props';
import { ServingCluster } from '../../constructs/serving/kubernetes/serving-cluster';
import type { KubernetesClient } from '../../lambda/shared/kubernetes-client';
import { type KubernetesObject, objectPath } from '../../lambda/shared/kubernetes-object';
import { clusterDefinitions } from '../../local-cloud/eks/cluster-definitions';
import { ENV, kubectlLayer, modelService } from '../constructs/serving/kubernetes/fixture';
import { type Resource, synthesise } from '../support/platform';
import { clientAs, eventually, removeNamespaces } from './support/cluster';
import { stackObjects, type StackFiles, versionObjects } from './support/stack-objects';

/** Whoever applies for the CDK. */
const CDK = { fieldManager: 'kubectl-client-side-apply' };
const RELEASE = { fieldManager: 'mlops-release' };

jest.setTimeout(60_000);

/** Every stack of every environment that gives anything to kubectl. */
const stacks = [...synthesise()].flatMap(([environment, all]) =>
  all
    .filter(stack => stackObjects(stack, manifest => manifest).length > 0)
    .map((stack): [string, StackFiles] => [`${environment}/${stack.id}`, stack]),
);

const GPU: Partial<KubernetesModelServiceProps> = { gpus: 1 };
/** What a model may be given beside what the environments give theirs. */
const VARIANTS: [string, () => Partial<KubernetesModelServiceProps>, string][] = [
  [
    "with Kubernetes' own autoscaler",
    () => ({ autoScaling: { maxReplicas: 4, targetCpuPercent: 60 } }),
    'HorizontalPodAutoscaler',
  ],
  [
    "with KEDA's",
    () => ({ autoScaling: { maxReplicas: 4, targetRequestsInFlight: 8, targetLatency: Duration.millis(200) } }),
    'ScaledObject',
  ],
  ['on a GPU', () => GPU, 'Deployment'],
  ['on spot capacity', () => ({ spot: true }), 'Deployment'],
  ['on a GPU of spot capacity', () => ({ ...GPU, spot: true }), 'Deployment'],
  ['from an OCI image', () => ({ modelDelivery: ModelDelivery.IMAGE_VOLUME }), 'Deployment'],
  [
    'with batches',
    () => ({
      batch: {
        bucket: Bucket.fromBucketName(new Stack(), 'Lake', 'lake'),
        inputPrefix: 'rain/in/',
        outputPrefix: 'rain/out/',
      },
    }),
    'Job',
  ],
  ['whose callers are in another namespace', () => ({ clientNamespaces: ['shop'] }), 'Deployment'],
];

const administrator = clientAs();
const made: KubernetesObject[] = [];

beforeAll(async () => {
  for (const definition of await clusterDefinitions()) {
    const object = parse(definition) as KubernetesObject;
    // a cluster on EKS may have them
    if ((await administrator.get(object)) !== undefined) continue;
    await administrator.apply(object, CDK);
    await eventually(() => administrator.get<KubernetesObject>(object), isEstablished);
  }
});

afterAll(async () => {
  for (const object of made.reverse()) await administrator.delete(object);
  await removeNamespaces();
});

function isEstablished(object: KubernetesObject | undefined): boolean {
  const { conditions } = (object?.status ?? {}) as { conditions?: { type: string; status: string }[] | null };
  return conditions?.some(({ type, status }) => type === 'Established' && status === 'True') === true;
}

/** Applies what the CDK applies, field by field; into what is everybody's, for a try. */
async function applyAll(client: KubernetesClient, objects: readonly KubernetesObject[]): Promise<void> {
  for (const object of objects) {
    if (object.metadata.namespace === 'kube-system') {
      await client.send({
        method: 'PATCH',
        path: `${objectPath(object)}?fieldManager=${CDK.fieldManager}&fieldValidation=Strict&dryRun=All`,
        description: 'try to apply',
        contentType: 'application/apply-patch+yaml',
        body: JSON.stringify(object),
      });
      continue;
    }
    if (object.metadata.namespace === undefined) made.push(object);
    await client.apply(object, CDK);
  }
}

/** Names that no other test has, in the place of an environment's. */
function ownNames(): (text: string) => string {
  const prefix = `mlops-test-${randomBytes(4).toString('hex')}`;
  return text =>
    text.replaceAll(/"mlops(-dev|-localeks)?(?=[-"])/g, `"${prefix}`).replaceAll(/mlops-(dev|localeks)/g, prefix);
}

/** Applies a stack and a version on it; gives all the pods that came of it. */
async function live(files: StackFiles): Promise<{ objects: KubernetesObject[]; pods: KubernetesObject[] }> {
  const own = ownNames();
  const client = clientAs();
  const objects = stackObjects(files, own);
  const versioned = versionObjects(files, own);
  await applyAll(client, objects);
  for (const object of versioned) await client.apply(object, RELEASE);
  expect([...client.warnings]).toEqual([]);
  const all = [...objects, ...versioned];
  if (versioned.length === 0) return { objects: all, pods: [] };
  const namespace = versioned[0]?.metadata.namespace ?? '';
  const makers = versioned.filter(({ kind }) => kind === 'Deployment' || kind === 'Job');
  const pods = await eventually(
    () => client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace }),
    found => makers.every(({ metadata }) => found.some(pod => pod.metadata.name.startsWith(metadata.name))),
  );
  return { objects: all, pods };
}

test('some environment has a cluster and serves a model on it', () => {
  expect(stacks.map(([name]) => name)).toEqual(expect.arrayContaining(['localeks/Cluster', 'localeks/Model-rain']));
});

test.each(stacks)(
  'the API server takes what %s makes, field by field, and has nothing to say to it',
  async (_, stack) => {
    // WHEN
    const { objects } = await live(stack);

    // THEN
    for (const { kind, metadata } of objects.filter(object => object.kind === 'Namespace')) {
      expect({ kind, labels: metadata.labels }).toMatchObject(
        metadata.labels?.['mlops/model'] === undefined
          ? { kind }
          : { labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
      );
    }
  },
);

test.each(VARIANTS)('it takes a model %s, and lets its pods in', async (_, props, kind) => {
  // GIVEN
  const { app, template } = modelService(props());
  const files = { resources: template().toJSON().Resources as Record<string, Resource>, assetFolder: app.outdir };

  // WHEN
  const { objects, pods } = await live(files);

  // THEN
  expect(objects.map(object => object.kind)).toContain(kind);
  expect(pods.length).toBeGreaterThan(0);
});

function clusterWith(capacity: ClusterCapacity): Record<string, Resource> {
  const stack = new Stack(new App(), 'Cluster', { env: ENV });
  new ServingCluster(stack, 'Models', {
    vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }),
    kubectlLayer: kubectlLayer(stack),
    capacity,
    gateway: true,
  });
  return Template.fromStack(stack).toJSON().Resources as Record<string, Resource>;
}

test('it takes a cluster in Auto Mode with every pool', async () => {
  // GIVEN
  const resources = clusterWith(ClusterCapacity.autoMode({ maxSpotCpus: 64, maxGpus: 8, maxSpotGpus: 4 }));

  // WHEN
  const { objects } = await live({ resources, assetFolder: '' });

  // THEN
  const kinds = objects.map(({ kind }) => kind);
  expect(kinds.filter(kind => kind === 'NodePool')).toHaveLength(4);
  expect(kinds).toEqual(expect.arrayContaining(['NodeClass', 'ConfigMap', 'GatewayClass', 'Gateway']));
});

test('it takes a cluster with managed node groups, and how its Gateway is run', async () => {
  // GIVEN
  const resources = clusterWith(ClusterCapacity.managedNodeGroups());

  // WHEN
  const { objects } = await live({ resources, assetFolder: '' });

  // THEN
  expect(objects.map(({ kind }) => kind)).toEqual(
    expect.arrayContaining(['GatewayClass', 'Gateway', 'EnvoyProxy', 'BackendTrafficPolicy']),
  );
});

test.each([
  ['NodePool', ClusterCapacity.autoMode()],
  ['NodeClass', ClusterCapacity.autoMode()],
  ['Gateway', ClusterCapacity.autoMode()],
  ['EnvoyProxy', ClusterCapacity.managedNodeGroups()],
  ['BackendTrafficPolicy', ClusterCapacity.managedNodeGroups()],
])('it refuses a field of a %s that is misspelt', async (kind, capacity) => {
  // GIVEN
  const files = { resources: clusterWith(capacity), assetFolder: '' };
  const object = stackObjects(files, ownNames()).find(each => each.kind === kind);
  const misspelt = { ...object, spec: { ...(object?.spec as object), expireAftr: '1h' } } as KubernetesObject;

  // THEN
  await expect(clientAs().apply(misspelt, CDK)).rejects.toThrow('.spec.expireAftr: field not declared in schema');
});
