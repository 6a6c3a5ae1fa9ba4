import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { verifyByPrediction } from '../../../lambda/release-step/kubernetes-verification';
import type { KubernetesVersions } from '../../../lambda/release-step/kubernetes-versions';
import { postJson } from '../../../lambda/release-step/post-json';
import type { EksServingSettings } from '../../../lambda/shared/contracts';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';
import { EKS_SETTINGS } from './support/kubernetes-world';

const ANSWER = { model_version: '3', outputs: [{ name: 'prediction', data: [1] }] };
const asked: string[] = [];
let gateway: Server;

beforeAll(async () => {
  // a gateway that two environments share: it answers by name
  gateway = createServer((request, response) => {
    asked.push(`${request.headers.host ?? ''} ${request.url ?? ''}`);
    const there = request.headers.host === 'models.dev.example';
    response.writeHead(there ? 200 : 400).end(JSON.stringify(ANSWER));
  });
  await once(gateway.listen(0, '127.0.0.1'), 'listening');
});
afterAll(async () => {
  await once(gateway.close(), 'close');
});

function verify(hostname: string | undefined) {
  const { port } = gateway.address() as AddressInfo;
  const traffic = {
    ...EKS_SETTINGS.traffic,
    url: `http://127.0.0.1:${port}`,
    hostname,
  } as EksServingSettings['traffic'];
  return verifyByPrediction(
    {
      model: 'rain',
      settings: { ...EKS_SETTINGS, traffic },
      // it is the gateway that is asked
      versions: undefined as unknown as KubernetesVersions,
      tools: { post: postJson, now: () => new Date(), sleep: () => Promise.resolve() },
      carrier: () => Promise.resolve(taken(traffic)),
    },
    { id: 'rain-v3-01234567', version: '3' },
    { id: 'probe', instance: { a: 1 } },
  );
}

/** A route that the gateway has taken. */
function taken(traffic: EksServingSettings['traffic']): KubernetesObject {
  const { gatewayName: name, gatewayNamespace: namespace } = traffic as Extract<typeof traffic, { type: 'gateway' }>;
  const conditions = [{ type: 'Accepted', status: 'True', reason: 'Accepted', message: '' }];
  return {
    apiVersion: 'gateway.networking.k8s.io/v1',
    kind: 'HTTPRoute',
    metadata: { name: 'rain' },
    status: { parents: [{ parentRef: { name, namespace }, conditions }] },
  };
}

test("a version is asked by the name of its environment, where the gateway's address is nobody's name", async () => {
  asked.length = 0;
  expect(await verify('models.dev.example')).toMatchObject({ verified: true });
  expect(asked).toEqual(['models.dev.example /v2/models/rain/infer']);
});

test('without a name it is asked by the address alone', async () => {
  expect(await verify(undefined)).toMatchObject({ verified: false, detail: expect.stringContaining('HTTP 400') });
});
