/**
 * Releases and rollbacks by the real client over real connections, each of which breaks once. Nothing here watches the
 * API server: each look asks anew, so what would be a watch that is cut is an answer that is cut.
 */
import { KubernetesClient } from '../../lambda/shared/kubernetes-client';
import { AccountTokens } from './support/account-tokens';
import { ApiProxy, type Fault, type SeenRequest } from './support/api-proxy';
import { eventually, removeNamespaces, tracked } from './support/cluster';
import { came, ReleasedModel } from './support/released-model';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
/** An answer that does not come is not waited for long here. */
const TIMEOUT_MS = 1500;

jest.setTimeout(180_000);

let proxy: ApiProxy;
beforeAll(async () => {
  proxy = await ApiProxy.start();
});
afterEach(() => {
  proxy.fault = () => undefined;
});
afterAll(async () => {
  proxy.stop();
  await removeNamespaces();
});

/** A model whose version 1 serves, and whose releases go through the proxy with tokens of their own. */
async function serving1(): Promise<{ model: ReleasedModel; tokens: AccountTokens }> {
  const model = await ReleasedModel.begin();
  const tokens = await AccountTokens.begin(model.namespace);
  const client = tracked(
    new KubernetesClient({ server: proxy.url, ca: proxy.certificate, token: tokens.token, timeoutMs: TIMEOUT_MS }),
  );
  model.between = () => client;
  model.register('1');
  model.register('2');
  expect(came(await model.ask({ version: '1' }))).toContain('SUCCEEDED');
  model.world.pass(24 * 3600);
  return { model, tokens };
}

/** Breaks the first request of each sort; tells which it broke. */
function breakEachSort(faultOf: (seen: SeenRequest) => Fault | undefined): Set<string> {
  const broken = new Set<string>();
  proxy.fault = seen => {
    const sort = `${seen.method} ${seen.path.replace(/rain-v\d+-\w+$/, '<version>').replace(/\/namespaces\/[^/]+/, '')}`;
    if (broken.has(sort)) return undefined;
    const fault = faultOf(seen);
    if (fault !== undefined) broken.add(sort);
    return fault;
  };
  return broken;
}

/** Every sort of request that a release makes. */
const SORTS = [
  'GET /apis/apps/v1/deployments',
  'GET /apis/apps/v1/deployments/<version>',
  'GET /apis/discovery.k8s.io/v1/endpointslices',
  'GET /apis/gateway.networking.k8s.io/v1/httproutes/rain',
  'PATCH /api/v1/services/<version>',
  'PATCH /apis/apps/v1/deployments/<version>',
  'PATCH /apis/gateway.networking.k8s.io/v1/httproutes/rain',
  'PATCH /apis/policy/v1/poddisruptionbudgets/<version>',
];

test.each<[string, Fault]>([
  ['is too busy (429), and says when to come again', { type: 'answer', status: 429, retryAfterSeconds: 1 }],
  ['fails (500)', { type: 'answer', status: 500 }],
  ['cannot be reached by what stands before it (503)', { type: 'answer', status: 503 }],
  ['does it and does not answer in time', { type: 'silence' }],
  ['does it, and the connection is cut in the middle of the answer', { type: 'cut' }],
])('a release and its rollback come to their end when the API server %s', async (_, fault) => {
  // GIVEN
  const { model } = await serving1();
  const broken = breakEachSort(() => fault);

  // WHEN
  const forward = await model.ask({ version: '2' });
  const serves2 = await model.weights();
  const sorts = [...broken];
  broken.clear();
  const back = await model.ask({ action: 'rollback', version: '1', from: '2' });

  // THEN
  expect(came(forward)).toContain('SUCCEEDED');
  expect(serves2).toEqual({ 1: 0, 2: 100 });
  expect(sorts).toEqual(expect.arrayContaining(SORTS));
  expect(came(back)).toContain('SUCCEEDED');
  expect(await model.weights()).toEqual({ 1: 100 });
  expect(broken.size).toBeGreaterThan(0);
  // what was sent twice was made once
  expect(await model.versions(DEPLOYMENT)).toEqual(['1', '2']);
  expect(model.world.state().lockOwner).toBeUndefined();
});

test('a release comes to its end when what carries the traffic changes before each of its writes is there (409)', async () => {
  // GIVEN
  const { model } = await serving1();
  const conflicts: number[] = [];
  let isEven = false;
  proxy.fault = ({ method, path }) => {
    if (method !== 'PATCH' || !path.endsWith('/httproutes/rain')) return undefined;
    // it is asked again after a look, and gets through
    isEven = !isEven;
    if (!isEven) return undefined;
    return {
      type: 'before',
      act: async () => {
        const seen = { metadata: { annotations: { 'example.org/seen': String(conflicts.push(409)) } } };
        await model.administrator.mergePatch(await model.traffic(), seen, { fieldManager: 'somebody' });
      },
    };
  };

  // WHEN
  const execution = await model.ask({ version: '2' });

  // THEN
  expect(came(execution)).toContain('SUCCEEDED');
  expect(conflicts.length).toBeGreaterThan(1);
  expect(await model.weights()).toEqual({ 1: 0, 2: 100 });
});

test('a release whose token is taken from it in the canary goes on with another', async () => {
  // GIVEN
  const { model, tokens } = await serving1();
  const stale = await tokens.token();
  const before = tokens.made;
  const refusals: number[] = [];

  // WHEN
  const execution = await model.ask({ version: '2' }, async state => {
    if (state !== 'WaitForTraffic' || refusals.length > 0) return;
    await tokens.expire();
    const late = tracked(new KubernetesClient({ ...directly(), token: () => stale }));
    // the API server remembers for some seconds whom it let in
    await eventually(
      () => late.list(DEPLOYMENT, { namespace: model.namespace }).then(() => 200, statusOf),
      status => status === 401,
    );
    refusals.push(401);
  });

  // THEN
  expect(came(execution)).toContain('SUCCEEDED');
  expect(refusals).toEqual([401]);
  expect(tokens.made).toBe(before + 1);
  expect(await model.weights()).toEqual({ 1: 0, 2: 100 });
});

function directly(): { server: string; ca: string } {
  return { server: proxy.url, ca: proxy.certificate };
}

function statusOf(error: unknown): number {
  return (error as { status: number }).status;
}
