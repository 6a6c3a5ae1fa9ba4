/** Clusters, rights and policies that are not as a release needs them, each asked by the real client: nothing changes. */
import { KubernetesClient } from '../../lambda/shared/kubernetes-client';
import { freePort } from '../../local-cloud/process/ports';
import { connectionOf } from '../support/kubeconfig-file';
import { AdmissionWebhook } from './support/admission-webhook';
import { CLUSTER_VARIABLE, clientAs, newNamespace, removeNamespaces, tracked } from './support/cluster';
import { came, ReleasedModel } from './support/released-model';

jest.setTimeout(120_000);

afterAll(removeNamespaces);

/** A client that does not wait before it asks again. */
function clientOf(server: string, token: string, attempts = 2): KubernetesClient {
  const { ca } = connectionOf(process.env[CLUSTER_VARIABLE] ?? '');
  return tracked(new KubernetesClient({ server, ca, token: () => token, attempts }, () => Promise.resolve()));
}

/** Version 1 serves, and version 2 is approved. */
async function serving1(): Promise<ReleasedModel> {
  const model = await ReleasedModel.begin();
  model.register('1');
  expect(came(await model.ask({ version: '1' }))).toContain('SUCCEEDED');
  model.register('2');
  return model;
}

/** Whatever came: version 1 serves, nothing moves, and nobody has the lock. */
async function expectUnchanged(model: ReleasedModel): Promise<void> {
  expect(await model.weights()).toEqual({ 1: 100 });
  expect(model.world.state()).toMatchObject({ current: '1' });
  expect(model.world.state().lockOwner).toBeUndefined();
}

test.each<[string, () => Promise<string>, RegExp]>([
  [
    'refuses connections',
    async () => `https://127.0.0.1:${await freePort()}`,
    /could not (get|list) .*: no answer from https:\/\/127\.0\.0\.1:\d+: connect ECONNREFUSED/,
  ],
  [
    'has a name that nobody knows',
    () => Promise.resolve('https://models.invalid'),
    /could not (get|list) .*: no answer from https:\/\/models\.invalid: getaddrinfo (ENOTFOUND|EAI_AGAIN) models\.invalid/,
  ],
])('a cluster that %s leaves all as it is', async (_, server, cause) => {
  // GIVEN
  const model = await serving1();
  const client = clientOf(await server(), 'any');
  model.between = () => client;

  // WHEN
  const execution = await model.ask({ version: '2' });

  // THEN
  expect(execution.status).toBe('FAILED');
  expect(execution.cause).toMatch(cause);
  await expectUnchanged(model);
});

test('an access entry that has expired or is missing leaves all as it is, and is named', async () => {
  // GIVEN a token that the real API server does not know
  const model = await serving1();
  const { server } = connectionOf(process.env[CLUSTER_VARIABLE] ?? '');
  const client = clientOf(server, 'k8s-aws-v1.nobody');
  model.between = () => client;

  // WHEN
  const execution = await model.ask({ version: '2' });

  // THEN
  expect(execution.status).toBe('FAILED');
  expect(execution.cause).toMatch(/could not get HTTPRoute 'mlops-test-\w+\/rain': HTTP 401 Unauthorized/);
  expect(execution.cause).toContain('access entry');
  await expectUnchanged(model);
});

test("another owner's namespace is not released into, and stays as it is", async () => {
  // GIVEN
  const namespace = await newNamespace({ owner: 'somebody-else' });
  const model = await ReleasedModel.begin({ namespace });
  model.register('1');
  const reference = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } };
  const before = await clientAs().get(reference);

  // WHEN
  const execution = await model.ask({ version: '1' });

  // THEN
  expect(execution.status).toBe('FAILED');
  expect(execution.cause).toMatch(
    new RegExp(`HTTP 403 Forbidden: .*User "release-function" cannot .* in the namespace "${namespace}"`),
  );
  expect(await clientAs().get(reference)).toEqual(before);
  expect(await clientAs().list({ apiVersion: 'apps/v1', kind: 'Deployment' }, { namespace })).toEqual([]);
  expect(model.world.state().lockOwner).toBeUndefined();
});

// the API server of a cluster that is given cannot call this machine
const testOnOurs = (process.env.KUBECONFIG ?? '') === '' ? test : test.skip;

testOnOurs.each<[string, string | undefined, string]>([
  ['denies', "no Tuesday's models", `admission webhook "models.example.org" denied the request: no Tuesday's models`],
  ['does not answer', undefined, 'failed calling webhook "models.example.org"'],
])('an admission webhook that %s leaves all as it is, and is named', async (_, message, cause) => {
  // GIVEN
  const model = await serving1();
  const webhook = await AdmissionWebhook.start(model.namespace, message);
  try {
    // WHEN
    const execution = await model.ask({ version: '2' });

    // THEN
    expect(execution.status).toBe('FAILED');
    expect(execution.cause).toContain(`could not apply Deployment '${model.namespace}/rain-v2-`);
    expect(execution.cause).toContain(cause);
    await expectUnchanged(model);
  } finally {
    await webhook.stop();
  }
});
