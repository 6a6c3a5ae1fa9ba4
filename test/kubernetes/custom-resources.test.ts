import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { clientAs, newNamespace, removeNamespaces } from './support/cluster';

afterAll(removeNamespaces);

test('the Gateway API is served: a route is kept with the weights it was given', async () => {
  // GIVEN
  const namespace = await newNamespace();
  const route: KubernetesObject = {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'rain', namespace },
    spec: {
      parentRefs: [{ name: 'models' }],
      rules: [
        {
          backendRefs: [
            { name: 'rain-v3', port: 80, weight: 90 },
            { name: 'rain-v4', port: 80, weight: 10 },
          ],
        },
      ],
    },
  };

  // WHEN
  const applied = await clientAs().apply(route, { fieldManager: 'mlops-release' });

  // THEN
  expect(applied).toMatchObject({ spec: { rules: [{ backendRefs: [{ weight: 90 }, { weight: 10 }] }] } });
});

test("KEDA's ScaledObject is served", async () => {
  // GIVEN
  const namespace = await newNamespace();
  const scaled: KubernetesObject = {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: 'rain', namespace },
    spec: {
      scaleTargetRef: { name: 'rain' },
      minReplicaCount: 2,
      triggers: [{ type: 'cpu', metadata: { value: '60' } }],
    },
  };

  // WHEN
  const applied = await clientAs().apply(scaled, { fieldManager: 'mlops-release' });

  // THEN
  expect(applied.metadata.uid).toBeDefined();
});
