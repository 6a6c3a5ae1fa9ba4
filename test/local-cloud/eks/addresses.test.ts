import { execFile } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { Addresses, onThisMachine } from '../../../local-cloud/eks/addresses';

test('no two pods have an address in common, and one is used again only when its pod is gone', () => {
  // GIVEN
  const addresses = new Addresses();
  const taken = Array.from({ length: 600 }, () => addresses.take());

  // THEN
  expect(new Set(taken).size).toBe(600);
  expect(taken.every(address => /^10\.213\.\d+\.\d+$/.test(address))).toBe(true);
});

test('an address of a pod is one of the loopback interface here, and any other stays', () => {
  expect(onThisMachine('10.213.4.5')).toBe('127.213.4.5');
  expect(onThisMachine('10.21.4.5')).toBe('10.21.4.5');
});

test('a function reaches a pod by the address that the cluster tells', async () => {
  // GIVEN
  const server = createServer((_, response) => response.end('from the pod'));
  await new Promise<void>(resolve => server.listen(0, '127.213.77.1', resolve));
  const { port } = server.address() as { port: number };

  // WHEN
  const preload = join(__dirname, '..', '..', '..', 'local-cloud', 'eks', 'pod-network.cjs');
  const ask = `
    const url = 'http://10.213.77.1:${String(port)}/';
    const http = new Promise(done => require('node:http').get(url, answer => answer.on('data', done)));
    Promise.all([http, fetch(url).then(answer => answer.text())]).then(all => console.log(all.join('; ')));
  `;
  const { stdout } = await promisify(execFile)(process.execPath, ['--require', preload, '--eval', ask]);
  server.close();

  // THEN
  expect(stdout.trim()).toBe('from the pod; from the pod');
});
