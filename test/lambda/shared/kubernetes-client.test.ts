import type { IncomingHttpHeaders } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { KubernetesClient, type KubernetesConnection } from '../../../lambda/shared/kubernetes-client';
import { KubernetesError, KubernetesUnreachableError } from '../../../lambda/shared/kubernetes-error';
import type { KubernetesReference } from '../../../lambda/shared/kubernetes-object';
import { selfSignedCertificate } from '../../support/self-signed-certificate';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

type Answer =
  { status: number; headers?: Record<string, string | string[]>; body?: object | string } | 'cut' | 'silence';

const { cert, key } = selfSignedCertificate();
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'model', namespace: 'rain' },
} as const;

let server: Server;
let sockets: Set<Socket>;
let received: Received[];
/** Given in this order; the last one again and again. */
let answers: Answer[];
let clients: KubernetesClient[];
/** Milliseconds between two attempts, which no test waits for. */
let pauses: number[];

beforeEach(async () => {
  received = [];
  answers = [{ status: 200, body: DEPLOYMENT }];
  clients = [];
  pauses = [];
  sockets = new Set();
  server = createServer({ cert, key }, (request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const url = new URL(request.url ?? '', 'https://any');
      const text = Buffer.concat(chunks).toString();
      received.push({
        method: request.method ?? '',
        path: url.pathname,
        query: Object.fromEntries(url.searchParams),
        headers: request.headers,
        body: text === '' ? undefined : JSON.parse(text),
      });
      const [answer] = answers.length > 1 ? answers.splice(0, 1) : answers;
      if (answer === 'silence') return;
      if (answer === 'cut') {
        response.writeHead(200, { 'content-length': 1000 });
        response.write('{"apiVersion":');
        request.socket.destroy();
        return;
      }
      const { status, headers = {}, body = {} } = answer;
      response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
    });
  });
  server.on('secureConnection', socket => {
    sockets.add(socket);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
});

afterEach(async () => {
  for (const client of clients) client.close();
  for (const socket of sockets) socket.destroy();
  await new Promise(resolve => server.close(resolve));
});

function clientWith(options: Partial<KubernetesConnection> = {}): KubernetesClient {
  const { port } = server.address() as AddressInfo;
  const client = new KubernetesClient(
    { server: `https://127.0.0.1:${port}`, ca: cert, token: () => 'a-token', ...options },
    ms => Promise.resolve(pauses.push(ms)),
  );
  clients.push(client);
  return client;
}

function statusOf(code: number, reason: string, message: string): Answer {
  return { status: code, body: { kind: 'Status', status: 'Failure', code, reason, message } };
}

describe('what is asked', () => {
  test('an apply names its field manager, forces nothing and refuses unknown fields', async () => {
    // WHEN
    await clientWith().apply(DEPLOYMENT, { fieldManager: 'mlops-release' });

    // THEN
    expect(received).toEqual([
      expect.objectContaining({
        method: 'PATCH',
        path: '/apis/apps/v1/namespaces/rain/deployments/model',
        query: { fieldManager: 'mlops-release', fieldValidation: 'Strict', force: 'false' },
        body: DEPLOYMENT,
      }),
    ]);
    expect(received[0].headers).toMatchObject({
      'content-type': 'application/apply-patch+yaml',
      authorization: 'Bearer a-token',
    });
  });

  test('an apply forces where that is asked for', async () => {
    // WHEN
    await clientWith().apply(DEPLOYMENT, { fieldManager: 'mlops-release', force: true });

    // THEN
    expect(received[0].query.force).toBe('true');
  });

  test.each([
    ['v1', 'Service', 'rain', '/api/v1/namespaces/rain/services/x'],
    ['v1', 'Namespace', undefined, '/api/v1/namespaces/x'],
    ['networking.k8s.io/v1', 'NetworkPolicy', 'rain', '/apis/networking.k8s.io/v1/namespaces/rain/networkpolicies/x'],
    ['networking.k8s.io/v1', 'Ingress', 'rain', '/apis/networking.k8s.io/v1/namespaces/rain/ingresses/x'],
    [
      'gateway.networking.k8s.io/v1',
      'Gateway',
      'rain',
      '/apis/gateway.networking.k8s.io/v1/namespaces/rain/gateways/x',
    ],
  ])('an object of %s %s has the path that the API server gives it', async (apiVersion, kind, namespace, path) => {
    // WHEN
    await clientWith().get({ apiVersion, kind, metadata: { name: 'x', namespace } });

    // THEN
    expect(received[0].path).toBe(path);
  });

  test('a list follows its pages, and its items say what they are', async () => {
    // GIVEN
    answers = [
      { status: 200, body: { items: [{ metadata: { name: 'a' } }], metadata: { continue: 'next' } } },
      { status: 200, body: { items: [{ metadata: { name: 'b' } }], metadata: {} } },
    ];

    // WHEN
    // an object names its kind as well
    const other: KubernetesReference = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'other' } };
    const found = await clientWith().list(other, {
      namespace: 'rain',
      labels: { 'mlops/model': 'rain', 'mlops/model-version': '3' },
    });

    // THEN
    expect(found).toEqual([
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'b' } },
    ]);
    expect(received.map(({ path, query }) => [path, query.labelSelector, query.continue])).toEqual([
      ['/api/v1/namespaces/rain/pods', 'mlops/model=rain,mlops/model-version=3', ''],
      ['/api/v1/namespaces/rain/pods', 'mlops/model=rain,mlops/model-version=3', 'next'],
    ]);
  });

  test('a deletion can be of one object alone, and not of another that has its name', async () => {
    // WHEN
    const deleted = await clientWith().delete(DEPLOYMENT, { uid: 'one' });

    // THEN
    expect(deleted).toBe(true);
    expect(received[0]).toMatchObject({
      method: 'DELETE',
      body: { propagationPolicy: 'Background', preconditions: { uid: 'one' } },
    });
  });
});

describe('what is not there', () => {
  test('is undefined, and deleting it is no failure', async () => {
    // GIVEN
    answers = [statusOf(404, 'NotFound', 'deployments.apps "model" not found')];

    // WHEN
    const client = clientWith();

    // THEN
    expect(await client.get(DEPLOYMENT)).toBeUndefined();
    expect(await client.delete(DEPLOYMENT)).toBe(false);
  });

  test('fails where it is the kind that the server does not know', async () => {
    // GIVEN an API server without the Gateway API
    answers = [{ status: 404, headers: { 'content-type': 'text/plain' }, body: '404 page not found' }];

    // WHEN
    const get = clientWith().get({
      apiVersion: 'gateway.networking.k8s.io/v1',
      kind: 'HTTPRoute',
      metadata: { name: 'x' },
    });

    // THEN
    await expect(get).rejects.toThrow("could not get HTTPRoute 'x': HTTP 404: 404 page not found");
  });
});

describe('what passes by itself', () => {
  test.each([429, 500, 502, 503, 504])('is tried again after HTTP %d', async status => {
    // GIVEN
    answers = [
      { status, body: {} },
      { status: 200, body: DEPLOYMENT },
    ];

    // WHEN
    const applied = await clientWith().apply(DEPLOYMENT, { fieldManager: 'mlops-release' });

    // THEN
    expect(applied).toEqual(DEPLOYMENT);
    expect(received).toHaveLength(2);
  });

  test('is waited for as long as the server asks for', async () => {
    // GIVEN
    answers = [
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 200, body: DEPLOYMENT },
    ];

    // WHEN
    await clientWith().get(DEPLOYMENT);

    // THEN
    expect(pauses).toEqual([7000]);
  });

  test('is waited for longer each time where the server does not say how long', async () => {
    // GIVEN
    answers = [{ status: 502 }];

    // WHEN
    await clientWith({ attempts: 4 })
      .get(DEPLOYMENT)
      .catch(() => undefined);

    // THEN half of each pause is chance
    expect(pauses.map(ms => Math.floor(Math.log2(ms / 100)))).toEqual([0, 1, 2]);
  });

  test('fails at once where the server asks for longer than a caller can wait', async () => {
    // GIVEN
    answers = [{ status: 503, headers: { 'retry-after': '3600' }, body: 'down for maintenance' }];

    // WHEN
    const get = clientWith().get(DEPLOYMENT);

    // THEN
    await expect(get).rejects.toThrow("could not get Deployment 'rain/model': HTTP 503: down for maintenance");
    expect(received).toHaveLength(1);
  });

  test('fails in the end, with what was said last', async () => {
    // GIVEN
    answers = [statusOf(500, 'InternalError', 'failed calling webhook "deny.example": connection refused')];

    // WHEN
    const error: unknown = await clientWith({ attempts: 3 })
      .apply(DEPLOYMENT, { fieldManager: 'mlops-release' })
      .catch((thrown: unknown) => thrown);

    // THEN
    expect(error).toBeInstanceOf(KubernetesError);
    expect(error).toMatchObject({ status: 500, reason: 'InternalError' });
    expect(received).toHaveLength(3);
  });

  test('includes an answer that is cut in its middle', async () => {
    // GIVEN
    answers = ['cut', { status: 200, body: DEPLOYMENT }];

    // WHEN
    const found = await clientWith().get(DEPLOYMENT);

    // THEN
    expect(found).toEqual(DEPLOYMENT);
  });

  test('includes an answer that does not come', async () => {
    // GIVEN
    answers = ['silence', { status: 200, body: DEPLOYMENT }];

    // WHEN
    const found = await clientWith({ timeoutMs: 500 }).get(DEPLOYMENT);

    // THEN
    expect(found).toEqual(DEPLOYMENT);
    expect(received).toHaveLength(2);
  });
});

describe('what does not pass', () => {
  test('a conflict is told with whose field it is, and not tried again', async () => {
    // GIVEN
    const causes = [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.spec.replicas' }];
    const message = 'Apply failed with 1 conflict: conflict with "kubectl": .spec.replicas';
    answers = [{ status: 409, body: { kind: 'Status', reason: 'Conflict', message, details: { causes } } }];

    // WHEN
    const error: unknown = await clientWith()
      .apply(DEPLOYMENT, { fieldManager: 'mlops-release' })
      .catch((thrown: unknown) => thrown);

    // THEN
    expect(error).toMatchObject({
      message: `could not apply Deployment 'rain/model' as 'mlops-release': HTTP 409 Conflict: ${message}`,
      causes,
    });
    expect(received).toHaveLength(1);
  });

  test('a server that nobody vouches for is told of, and sent no token', async () => {
    // GIVEN
    const client = clientWith({ ca: selfSignedCertificate().cert });

    // WHEN
    const error: unknown = await client.get(DEPLOYMENT).catch((thrown: unknown) => thrown);

    // THEN
    expect(error).toBeInstanceOf(KubernetesUnreachableError);
    expect(String(error)).toContain("could not get Deployment 'rain/model': no answer from https://127.0.0.1:");
    expect(received).toEqual([]);
  });

  test('a server that is gone is told of by its address', async () => {
    // GIVEN
    const client = clientWith({ server: 'https://127.0.0.1:1', attempts: 2 });

    // WHEN
    const get = client.get(DEPLOYMENT);

    // THEN
    await expect(get).rejects.toThrow(/no answer from https:\/\/127\.0\.0\.1:1: connect ECONNREFUSED/);
  });
});

describe('a bearer token', () => {
  test('that expires midway is made anew, once', async () => {
    // GIVEN
    answers = [statusOf(401, 'Unauthorized', 'Unauthorized'), { status: 200, body: DEPLOYMENT }];
    const token = jest.fn((refused?: string) => (refused === undefined ? 'old' : 'new'));

    // WHEN
    const found = await clientWith({ token }).get(DEPLOYMENT);

    // THEN
    expect(found).toEqual(DEPLOYMENT);
    expect(received.map(({ headers }) => headers.authorization)).toEqual(['Bearer old', 'Bearer new']);
    expect(token.mock.calls).toEqual([[undefined], ['old']]);
  });

  test('that is refused again is nobody whom the cluster knows', async () => {
    // GIVEN
    answers = [statusOf(401, 'Unauthorized', 'Unauthorized')];

    // WHEN
    const get = clientWith().get(DEPLOYMENT);

    // THEN
    await expect(get).rejects.toThrow("could not get Deployment 'rain/model': HTTP 401 Unauthorized");
    expect(received).toHaveLength(2);
  });
});

test('warnings are kept, each once', async () => {
  // GIVEN
  const warning = ['299 - "autoscaling/v2beta2 is deprecated"', '299 - "unknown field \\"spec.x\\""'];
  answers = [{ status: 200, headers: { warning }, body: DEPLOYMENT }];
  const client = clientWith();

  // WHEN
  await client.get(DEPLOYMENT);
  await client.get(DEPLOYMENT);

  // THEN
  expect([...client.warnings]).toEqual(['autoscaling/v2beta2 is deprecated', 'unknown field "spec.x"']);
});
