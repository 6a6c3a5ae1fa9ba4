import { KubernetesError } from '../../lambda/shared/kubernetes-error';
import { KubernetesClient } from '../../lambda/shared/kubernetes-client';
import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { connectionOf } from '../support/kubeconfig-file';
import { AccountTokens } from './support/account-tokens';
import { ask, clientAs, CLUSTER_VARIABLE, removeNamespaces, tracked } from './support/cluster';
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
let podName: string;
beforeAll(async () => {
  model = await ReleasedModel.begin();
  model.register('1');
  await model.ask({ version: '1' });
  const [running] = await model.administrator.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: model.namespace });
  podName = running?.metadata.name ?? '';
});
afterAll(removeNamespaces);

/** What the API server answers only when the authorizer has let somebody through: no such object, or one that is not right. */
const LET_THROUGH = [
  { status: 404, reason: 'NotFound' },
  { status: 409, reason: 'Conflict' },
  { status: 422, reason: 'Invalid' },
];

/** Whether the authorizer lets somebody do it; whether it can be done is another question. */
async function allowed(act: Promise<unknown>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.reason === 'Forbidden' && error.message.includes('cannot')) return false;
    if (LET_THROUGH.some(({ status, reason }) => error.status === status && error.reason === reason)) return true;
    // who is not known, or asks a path that is not there, was never judged
    throw error;
  }
}

/** Asks as the release function what the client has no verb for. */
async function asRelease(method: string, path: string, body?: object): Promise<void> {
  const answer = await ask(method, path, body, { name: 'release-function', groups: ['mlops-dev-release'] });
  if (answer.status >= 300) throw new KubernetesError(`${method} ${path}`, answer.status, answer.body);
}

/** A part of a pod that runs. */
function pod(part: string): string {
  return `/api/v1/namespaces/${model.namespace}/pods/${podName}/${part}`;
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
    ['run a command in a pod', () => asRelease('POST', pod('exec?command=id'))],
    ['open a shell in a pod', () => asRelease('GET', pod('exec?command=id'))],
    ['read the log of a pod', () => asRelease('GET', pod('log'))],
    ['reach into a pod', () => asRelease('POST', pod('portforward'))],
    [
      'make a token of the account of the pods',
      () =>
        asRelease('POST', `/api/v1/namespaces/${model.namespace}/serviceaccounts/model-server/token`, {
          apiVersion: 'authentication.k8s.io/v1',
          kind: 'TokenRequest',
          spec: {},
        }),
    ],
    ['change the gateway', release => release.apply(object(['gateway.networking.k8s.io/v1', 'Gateway']), MANAGER)],
  ])('may not %s', async (_, act) => {
    expect(await allowed(act(model.release))).toBe(false);
  });
});

test('the release function may not act as somebody else', async () => {
  // GIVEN it is known by a token of its own: who impersonates already cannot be asked that
  const tokens = await AccountTokens.begin(model.namespace);
  const token = await tokens.token();
  const { server, ca } = connectionOf(process.env[CLUSTER_VARIABLE] ?? '');
  const as = (headers: Record<string, string>) =>
    tracked(new KubernetesClient({ server, ca, token: () => token, headers }));
  const look = (client: KubernetesClient) => client.list(object(['v1', 'Pod']), { namespace: model.namespace });

  // THEN
  expect(await allowed(look(as({})))).toBe(true);
  expect(await allowed(look(as({ 'impersonate-user': 'administrator' })))).toBe(false);
  expect(await allowed(look(as({ 'impersonate-user': 'any', 'impersonate-group': 'system:masters' })))).toBe(false);
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
