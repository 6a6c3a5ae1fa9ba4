import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { clientAs, deployment, eventually, newNamespace, removeNamespaces } from './support/cluster';

interface EndpointSlice extends KubernetesObject {
  readonly endpoints?: readonly { readonly conditions: { readonly ready?: boolean } }[];
}

interface Pod extends KubernetesObject {
  readonly status?: {
    readonly containerStatuses?: readonly { readonly state: { readonly waiting?: { readonly reason?: string } } }[];
  };
}

afterAll(removeNamespaces);

test('a Deployment becomes ready, and its Service has an endpoint for each pod', async () => {
  // GIVEN
  const namespace = await newNamespace();
  const client = clientAs();
  const manager = { fieldManager: 'mlops-test' };

  // WHEN
  await client.apply(deployment(namespace, 'model', 3), manager);
  await client.apply(
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'model', namespace },
      spec: { selector: { app: 'model' }, ports: [{ name: 'http', port: 80, targetPort: 8080 }] },
    },
    manager,
  );

  // THEN
  const slices = await eventually(
    () =>
      client.list<EndpointSlice>(
        { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' },
        { namespace, labels: { 'kubernetes.io/service-name': 'model' } },
      ),
    found =>
      found.flatMap(({ endpoints }) => endpoints ?? []).filter(({ conditions }) => conditions.ready).length === 3,
  );
  expect(slices[0]).toMatchObject({ kind: 'EndpointSlice', addressType: 'IPv4' });
  const found = await eventually(
    () =>
      client.get<KubernetesObject>({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'model', namespace },
      }),
    ready => (ready?.status as { readyReplicas?: number } | undefined)?.readyReplicas === 3,
  );
  expect(found).toMatchObject({ status: { availableReplicas: 3, observedGeneration: 1 } });
});

test('what belongs to a deleted Deployment goes with it', async () => {
  // GIVEN
  const namespace = await newNamespace();
  const client = clientAs();
  const model = deployment(namespace, 'model', 2);
  await client.apply(model, { fieldManager: 'mlops-test' });
  const pods = () => client.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels: { app: 'model' } });
  await eventually(pods, found => found.length === 2);

  // WHEN
  const deleted = await client.delete(model);

  // THEN
  expect(deleted).toBe(true);
  await eventually(pods, found => found.length === 0);
  expect(await client.get(model)).toBeUndefined();
});

test('a pod whose image cannot be pulled waits for it, and says so', async () => {
  // GIVEN
  const namespace = await newNamespace();
  const client = clientAs();

  // WHEN
  await client.apply(deployment(namespace, 'model', 1, 'mlops-missing/model-server:1'), { fieldManager: 'mlops-test' });

  // THEN
  const [pod] = await eventually(
    () => client.list<Pod>({ apiVersion: 'v1', kind: 'Pod' }, { namespace, labels: { app: 'model' } }),
    found => found[0]?.status?.containerStatuses?.[0]?.state.waiting?.reason === 'ImagePullBackOff',
  );
  expect(pod.status).toMatchObject({ phase: 'Pending', containerStatuses: [{ ready: false }] });
});
