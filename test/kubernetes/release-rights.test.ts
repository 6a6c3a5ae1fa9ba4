import { KubernetesError } from '../../lambda/shared/kubernetes-error';
import type { KubernetesClient } from '../../lambda/shared/kubernetes-client';
import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { clientAs, removeNamespaces } from './support/cluster';
import { ReleasedModel } from './support/released-model';

const KINDS = [
  ['apps/v1', 'Deployment'],
  ['v1', 'Service'],
  ['autoscaling/v2', 'HorizontalPodAutoscaler'],
  ['keda.sh/v1alpha1', 'ScaledObject'],
  ['policy/v1', 'PodDisruptionBudget'],
  ['gateway.networking.k8s.io/v1', 'HTTPRoute'],
] as const;
const SEEN_KINDS = [
  ['v1', 'Pod'],
  ['v1', 'Event'],
  ['discovery.k8s.io/v1', 'EndpointSlice'],
] as const;
const MANAGER = { fieldManager: 'mlops-release' };

jest.setTimeout(60_000);

let model: ReleasedModel;
beforeAll(async () => {
  model = await ReleasedModel.begin();
  model.register('1');
  await model.ask({ version: '1' });
});
afterAll(removeNamespaces);

/** Whether the authorizer lets somebody do it; whether it can be done is another question. */
async function allowed(act: Promise<unknown>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch (error) {
    if (error instanceof KubernetesError && error.reason === 'Forbidden' && error.message.includes('cannot'))
      return false;
    if (error instanceof KubernetesError) return true;
    throw error;
  }
}

function object(
  [apiVersion, kind]: readonly [string, string],
  name = 'nobody',
  namespace = model.namespace,
): KubernetesObject {
  return { apiVersion, kind, metadata: { name, namespace } };
}

describe('the release function', () => {
  test.each(KINDS)('reads, makes and changes %s %s, and deletes none', async (...kind) => {
    // GIVEN
    const { release, namespace } = model;

    // THEN
    expect(await allowed(release.get(object(kind)))).toBe(true);
    expect(await allowed(release.list(object(kind), { namespace }))).toBe(true);
    expect(await allowed(release.apply(object(kind), MANAGER))).toBe(true);
    expect(await allowed(release.mergePatch(object(kind), {}, MANAGER))).toBe(true);
    expect(await allowed(release.delete(object(kind)))).toBe(false);
  });

  test.each(SEEN_KINDS)('sees %s %s, and changes none', async (...kind) => {
    // GIVEN
    const { release, namespace } = model;

    // THEN
    expect(await allowed(release.list(object(kind), { namespace }))).toBe(true);
    expect(await allowed(release.mergePatch(object(kind), {}, MANAGER))).toBe(false);
    expect(await allowed(release.delete(object(kind)))).toBe(false);
  });

  test.each<[string, (release: KubernetesClient) => Promise<unknown>]>([
    ['read a secret', release => release.get(object(['v1', 'Secret']))],
    ['give itself rights', release => release.apply(object(['rbac.authorization.k8s.io/v1', 'Role']), MANAGER)],
    [
      'bind itself to a role',
      release => release.apply(object(['rbac.authorization.k8s.io/v1', 'RoleBinding']), MANAGER),
    ],
    [
      'open the network',
      release => release.apply(object(['networking.k8s.io/v1', 'NetworkPolicy'], 'default-deny'), MANAGER),
    ],
    ['lift the quota', release => release.mergePatch(object(['v1', 'ResourceQuota'], 'model'), {}, MANAGER)],
    [
      'change the account of the pods',
      release => release.mergePatch(object(['v1', 'ServiceAccount'], 'model-server'), {}, MANAGER),
    ],
    [
      'change its namespace',
      release =>
        release.mergePatch({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: model.namespace } }, {}, MANAGER),
    ],
    ['run a pod of its own', release => release.apply(object(['v1', 'Pod']), MANAGER)],
    [
      'look into another namespace',
      release => release.list(object(['apps/v1', 'Deployment']), { namespace: 'default' }),
    ],
    ['look at the whole cluster', release => release.list(object(['apps/v1', 'Deployment']), {})],
    [
      'release into another namespace',
      release => release.apply(object(['apps/v1', 'Deployment'], 'nobody', 'default'), MANAGER),
    ],
    ['change the gateway', release => release.apply(object(['gateway.networking.k8s.io/v1', 'Gateway']), MANAGER)],
  ])('may not %s', async (_, act) => {
    expect(await allowed(act(model.release))).toBe(false);
  });
});

describe('the collector', () => {
  test.each(KINDS)('reads and deletes %s %s, and makes and changes none', async (...kind) => {
    // GIVEN
    const { collector, namespace } = model;

    // THEN
    expect(await allowed(collector.get(object(kind)))).toBe(true);
    expect(await allowed(collector.list(object(kind), { namespace }))).toBe(true);
    expect(await allowed(collector.delete(object(kind)))).toBe(true);
    expect(await allowed(collector.apply(object(kind), MANAGER))).toBe(false);
    expect(await allowed(collector.mergePatch(object(kind), {}, MANAGER))).toBe(false);
  });
});

describe('the release function of another environment', () => {
  test('sees nothing of this one', async () => {
    // GIVEN
    const other = clientAs({ name: 'other', groups: ['mlops-prod-release'] });

    // THEN
    expect(await allowed(other.list(object(['apps/v1', 'Deployment']), { namespace: model.namespace }))).toBe(false);
  });
});
