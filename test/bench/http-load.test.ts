import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { requestsPerSecond } from '../../bench/http-load';

let server: Server | undefined;
afterEach(() => server?.closeAllConnections());
afterEach(() => server?.close());

async function listen(listener: RequestListener): Promise<number> {
  server = createServer(listener);
  await new Promise<void>(resolve => server?.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

test('requests are sent whole over connections that stay open', async () => {
  // GIVEN
  const bodies: string[] = [];
  const types = new Set<unknown>();
  const ports = new Set<number | undefined>();
  const port = await listen((request, response) => {
    let body = '';
    ports.add(request.socket.remotePort);
    types.add(request.headers['x-type']);
    request.on('data', data => (body += String(data)));
    request.on('end', () => {
      bodies.push(body);
      response.end('{"ok":true}');
    });
  });

  // WHEN
  const load = { port, path: '/x', body: '{"a":"ä"}', headers: { 'x-type': 'b' }, connections: 2, seconds: 0.1 };
  const rate = await requestsPerSecond(load);

  // THEN
  expect(rate).toBeGreaterThan(0);
  expect(new Set(bodies)).toEqual(new Set(['{"a":"ä"}']));
  expect(types).toEqual(new Set(['b']));
  expect(ports.size).toBe(2);
});

test('fails on an answer that is no success, and names it', async () => {
  const port = await listen((_, response) => {
    response.statusCode = 500;
    response.end('broken');
  });

  await expect(requestsPerSecond({ port, path: '/x', body: '', connections: 1, seconds: 0.1 })).rejects.toThrow(
    /answered 'HTTP\/1\.1 500[\s\S]*broken'/,
  );
});

test('fails when nobody listens', async () => {
  const port = await listen((_, response) => response.end());
  await new Promise(resolve => server?.close(resolve));

  await expect(requestsPerSecond({ port, path: '/x', body: '', connections: 1, seconds: 0.1 })).rejects.toThrow(
    'ECONNREFUSED',
  );
});
