import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer, type Server } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { kubeconfig } from '../../local-cloud/kubernetes/kubeconfig';
import { ClusterServing } from '../../rehearsal/stage/serving';
import { selfSignedCertificate } from '../support/self-signed-certificate';

const ROUTES = '/apis/gateway.networking.k8s.io/v1/namespaces/mlops-localeks-rain/httproutes';
const DEPLOYMENTS = '/apis/apps/v1/namespaces/mlops-localeks-rain/deployments';

const { cert, key } = selfSignedCertificate();
/** What the API server has, by the path of its list. */
const lists = new Map<string, unknown[]>();
const folder = mkdtempSync(join(tmpdir(), 'mlops-serving-test-'));
let api: Server;
let cloud: Server;
let serving: ClusterServing;

beforeAll(async () => {
  api = createServer({ cert, key }, ({ url = '', headers }, outgoing) => {
    const items = headers.authorization === 'Bearer secret' ? lists.get(url) : undefined;
    outgoing.writeHead(items === undefined ? 404 : 200).end(JSON.stringify({ items }));
  });
  api.listen(0, '127.0.0.1');
  await once(api, 'listening');
  const file = join(folder, 'kubeconfig.json');
  const server = `https://127.0.0.1:${(api.address() as AddressInfo).port}`;
  writeFileSync(file, kubeconfig({ server, certificateAuthority: cert, token: 'secret' }));
  const clusters = [{ name: 'models', version: 'v1.37.2', gatewayUrl: '', kubeconfig: file }];
  cloud = createHttpServer((_, outgoing) => outgoing.end(JSON.stringify({ clusters })));
  cloud.listen(0, '127.0.0.1');
  await once(cloud, 'listening');
  serving = new ClusterServing(`http://127.0.0.1:${(cloud.address() as AddressInfo).port}`, 'localeks');
});

afterAll(() => {
  api.close();
  cloud.close();
  cloud.closeAllConnections();
  rmSync(folder, { recursive: true });
});

beforeEach(() => {
  lists.set(ROUTES, [route({ 'rain-v1-a': 100 })]);
  lists.set(DEPLOYMENTS, [deployment('rain-v1-a', '1'), deployment('rain-v2-b', '2')]);
});

function route(weights: Record<string, number>): object {
  const backendRefs = Object.entries(weights).map(([name, weight]) => ({ name, weight }));
  return { metadata: { name: 'rain', uid: '0' }, spec: { rules: [{ backendRefs }] } };
}

function deployment(name: string, uid: string): object {
  return { metadata: { name, uid }, spec: {} };
}

describe('what serves on a cluster', () => {
  test('is told by the rules of its route and the deployments that they name', async () => {
    expect(await serving.state()).toEqual({
      cluster: 'models',
      kubernetes: 'v1.37.2',
      rules: [{ backendRefs: [{ name: 'rain-v1-a', weight: 100 }] }],
      deployments: [{ name: 'rain-v1-a', uid: '1' }],
    });
  });

  test.each<[string, () => void]>([
    ['traffic moves', () => lists.set(ROUTES, [route({ 'rain-v1-a': 0, 'rain-v2-b': 100 })])],
    ['a part of it moves', () => lists.set(ROUTES, [route({ 'rain-v1-a': 90, 'rain-v2-b': 10 })])],
    ['what serves is made anew', () => lists.set(DEPLOYMENTS, [deployment('rain-v1-a', '3')])],
  ])('is another when %s', async (_, change) => {
    // GIVEN
    const before = await serving.state();

    // WHEN
    change();

    // THEN
    expect(await serving.state()).not.toEqual(before);
  });

  test('is the same when a version goes that gets no traffic', async () => {
    // GIVEN
    const before = await serving.state();

    // WHEN
    lists.set(DEPLOYMENTS, [deployment('rain-v1-a', '1')]);

    // THEN
    expect(await serving.state()).toEqual(before);
  });

  test('fails without a route, and where the API server refuses', async () => {
    lists.set(ROUTES, []);
    await expect(serving.state()).rejects.toThrow(/expected one route in .*mlops-localeks-rain/);
    lists.delete(ROUTES);
    await expect(serving.state()).rejects.toThrow(`GET ${ROUTES}: HTTP 404`);
  });
});
