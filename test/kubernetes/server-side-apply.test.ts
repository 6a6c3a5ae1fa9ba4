import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { KubernetesError } from '../../lambda/shared/kubernetes-error';
import { clientAs, deployment, newNamespace, removeNamespaces } from './support/cluster';

afterAll(removeNamespaces);

function service(namespace: string, version: string): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'rain', namespace },
    spec: { selector: { 'mlops/model-version': version }, ports: [{ name: 'http', port: 80 }] },
  };
}

test("another's field is a conflict that names it and its owner, and stays as it is", async () => {
  // GIVEN
  const namespace = await newNamespace();
  const client = clientAs();
  await client.apply(service(namespace, '3'), { fieldManager: 'mlops-release' });

  // WHEN
  const error: unknown = await client
    .apply(service(namespace, '4'), { fieldManager: 'somebody-else' })
    .catch((thrown: unknown) => thrown);

  // THEN
  expect(error).toBeInstanceOf(KubernetesError);
  expect(error).toMatchObject({ status: 409, reason: 'Conflict' });
  expect(String(error)).toContain(`could not apply Service '${namespace}/rain' as 'somebody-else': HTTP 409 Conflict`);
  expect((error as KubernetesError).causes).toEqual([
    expect.objectContaining({
      reason: 'FieldManagerConflict',
      field: '.spec.selector',
      message: expect.stringContaining('mlops-release') as string,
    }),
  ]);
  expect(await client.get(service(namespace, '3'))).toMatchObject({
    spec: { selector: { 'mlops/model-version': '3' } },
  });
});

test("another's field is taken over only by force", async () => {
  // GIVEN
  const namespace = await newNamespace();
  const client = clientAs();
  await client.apply(service(namespace, '3'), { fieldManager: 'somebody-else' });

  // WHEN
  const taken = await client.apply(service(namespace, '4'), { fieldManager: 'mlops-release', force: true });

  // THEN
  expect(taken).toMatchObject({ spec: { selector: { 'mlops/model-version': '4' } } });
});

test('a field that nobody applies belongs to nobody: an autoscaler may set what is left out', async () => {
  // GIVEN a Deployment without `replicas`
  const namespace = await newNamespace();
  const client = clientAs();
  const { replicas, ...spec } = deployment(namespace, 'rain', 1).spec as { replicas: number };
  const model = { ...deployment(namespace, 'rain', 1), spec };
  await client.apply(model, { fieldManager: 'mlops-release' });
  await client.mergePatch(model, { spec: { replicas: replicas + 4 } }, { fieldManager: 'autoscaler' });

  // WHEN
  const again = await client.apply(model, { fieldManager: 'mlops-release' });

  // THEN
  expect(again).toMatchObject({ spec: { replicas: 5 } });
});

test('what its owner no longer names goes away', async () => {
  // GIVEN
  const namespace = await newNamespace();
  const client = clientAs();
  const labelled = (labels: Record<string, string>): KubernetesObject => ({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'rain', namespace, labels },
  });
  await client.apply(labelled({ one: 'a', two: 'b' }), { fieldManager: 'mlops-release' });

  // WHEN
  const now = await client.apply(labelled({ two: 'b' }), { fieldManager: 'mlops-release' });

  // THEN
  expect(now.metadata.labels).toEqual({ two: 'b' });
});
