import type { ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { ClusterApi } from '../../../local-cloud/eks/cluster-api';
import { selfSignedCertificate } from '../../support/self-signed-certificate';

const { cert, key } = selfSignedCertificate();
const PODS = '/api/v1/pods';

let server: Server;
let api: ClusterApi;
let asked: number;
let answer: (response: ServerResponse) => void;

beforeEach(async () => {
  asked = 0;
  server = createServer({ cert, key }, (_request, response) => {
    asked += 1;
    answer(response);
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  api = new ClusterApi({ server: `https://127.0.0.1:${port}`, certificateAuthority: cert, token: 'token' });
});
afterEach(async () => {
  api.close();
  await new Promise(resolve => server.close(resolve));
});

function tooEarly(response: ServerResponse, headers: Record<string, string>): void {
  response.writeHead(429, headers);
  response.end(JSON.stringify({ message: 'storage is (re)initializing', reason: 'TooManyRequests' }));
}

const list = (): Promise<object> => api.send<object>('GET', PODS);

test('asks again when the server says when to', async () => {
  // GIVEN
  answer = response => {
    if (asked < 3) tooEarly(response, { 'retry-after': '0' });
    else response.end('{"items":[]}');
  };

  // THEN
  await expect(list()).resolves.toEqual({ items: [] });
  expect(asked).toBe(3);
});

test('does so for a watch, too', async () => {
  // GIVEN
  const event = { type: 'ADDED', object: { metadata: { name: 'rain' } } };
  answer = response => {
    if (asked < 2) tooEarly(response, { 'retry-after': '0' });
    else response.end(`${JSON.stringify(event)}\n`);
  };
  const events: unknown[] = [];

  // WHEN
  await api.watch(PODS, new AbortController().signal, seen => events.push(seen));

  // THEN
  expect(events).toEqual([event]);
});

test('fails with its words when it never lets in', async () => {
  // GIVEN
  answer = response => {
    tooEarly(response, { 'retry-after': '0' });
  };

  // THEN
  await expect(list()).rejects.toThrow('storage is (re)initializing');
  expect(asked).toBe(10);
});

test.each(['6', 'Fri, 27 Nov 2026 18:00:00 GMT'])('does not wait until %s', async seconds => {
  // GIVEN
  answer = response => {
    tooEarly(response, { 'retry-after': seconds });
  };

  // THEN
  await expect(list()).rejects.toThrow('storage is (re)initializing');
  expect(asked).toBe(1);
});

test('takes a refusal without a time for one, as that of an eviction is', async () => {
  // GIVEN
  answer = response => {
    tooEarly(response, {});
  };

  // THEN
  await expect(list()).rejects.toThrow('storage is (re)initializing');
  expect(asked).toBe(1);
});
