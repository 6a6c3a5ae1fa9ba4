import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { clientAs, deployment, eventually, newNamespace, removeNamespaces, restrictedPod } from './support/cluster';

const RESTRICTED = { 'pod-security.kubernetes.io/enforce': 'restricted' };

afterAll(removeNamespaces);

/** A namespace in which pods may be made: a controller makes the account that they have by default. */
async function restrictedNamespace(): Promise<string> {
  const namespace = await newNamespace(RESTRICTED);
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'default', namespace } };
  await eventually(
    () => clientAs().get(account),
    found => found !== undefined,
  );
  return namespace;
}

function pod(namespace: string, spec: object): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'one', namespace }, spec };
}

test('the restricted profile refuses a pod that does not give up what it need not have', async () => {
  // GIVEN
  const namespace = await restrictedNamespace();

  // WHEN
  const applied = clientAs().apply(
    pod(namespace, { containers: [{ name: 'server', image: 'registry.example/model-server:1' }] }),
    { fieldManager: 'mlops-test' },
  );

  // THEN
  await expect(applied).rejects.toThrow(
    /HTTP 403 Forbidden: .*violates PodSecurity "restricted.*allowPrivilegeEscalation != false.*runAsNonRoot != true/,
  );
});

test('the restricted profile lets a pod in that does', async () => {
  // GIVEN
  const namespace = await restrictedNamespace();

  // WHEN
  const applied = await clientAs().apply(pod(namespace, restrictedPod()), { fieldManager: 'mlops-test' });

  // THEN
  expect(applied.metadata.uid).toBeDefined();
});

test('what the profile only warns of is done, and the warning kept', async () => {
  // GIVEN
  const namespace = await newNamespace({ 'pod-security.kubernetes.io/warn': 'restricted' });
  const client = clientAs();
  const bare = { containers: [{ name: 'server', image: 'registry.example/model-server:1' }] };
  const { spec, ...model } = deployment(namespace, 'rain', 1) as KubernetesObject & { spec: { template: object } };

  // WHEN
  await client.apply(
    { ...model, spec: { ...spec, template: { ...spec.template, spec: bare } } },
    { fieldManager: 'mlops-test' },
  );

  // THEN
  expect([...client.warnings]).toEqual([
    expect.stringMatching(/^would violate PodSecurity "restricted:latest": allowPrivilegeEscalation != false \(/),
  ]);
});

test('an unknown field is refused by its path', async () => {
  // GIVEN
  const namespace = await newNamespace();
  const model = deployment(namespace, 'rain', 1);
  const misspelt = { ...model, spec: { ...(model.spec as object), replica: 3 } };

  // WHEN
  const applied = clientAs().apply(misspelt, { fieldManager: 'mlops-test' });

  // THEN
  await expect(applied).rejects.toThrow(/\.spec\.replica: field not declared in schema/);
});

test('a ValidatingAdmissionPolicy refuses what its expression does not allow', async () => {
  // GIVEN a policy for this namespace alone: more than seven replicas are refused
  const namespace = await newNamespace();
  const client = clientAs();
  const metadata = { name: namespace };
  const manager = { fieldManager: 'mlops-test' };
  const policy = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata,
    spec: {
      matchConstraints: {
        resourceRules: [
          { apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] },
        ],
      },
      validations: [{ expression: 'object.spec.replicas <= 7', message: 'seven are enough' }],
    },
  };
  const binding = {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata,
    spec: {
      policyName: namespace,
      validationActions: ['Deny'],
      matchResources: { namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } } },
    },
  };
  try {
    await client.apply(policy, manager);
    await client.apply(binding, manager);

    // WHEN the API server has read it
    const answer = await eventually(
      () => client.apply(deployment(namespace, 'rain', 8), manager).catch(String),
      found => typeof found === 'string',
    );

    // THEN
    expect(answer).toContain('denied request: seven are enough');
  } finally {
    await client.delete(binding);
    await client.delete(policy);
  }
});
