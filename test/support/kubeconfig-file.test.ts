import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { connectionOf } from './kubeconfig-file';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'kubeconfig-test-'));
});

afterEach(() => {
  rmSync(folder, { recursive: true });
});

function kubeconfig(user: object, cluster: object = { 'certificate-authority-data': base64('an authority') }): string {
  const file = join(folder, 'config');
  const config = {
    'current-context': 'two',
    contexts: [
      { name: 'one', context: { cluster: 'other', user: 'nobody' } },
      { name: 'two', context: { cluster: 'serving', user: 'me' } },
    ],
    clusters: [{ name: 'serving', cluster: { server: 'https://serving.example', ...cluster } }],
    users: [{ name: 'me', user }],
  };
  writeFileSync(file, stringify(config));
  return file;
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

test('the certificate of a user may lie in the file, as that of kind does', () => {
  // WHEN
  const connection = connectionOf(
    kubeconfig({ 'client-certificate-data': base64('a certificate'), 'client-key-data': base64('a key') }),
  );

  // THEN
  expect(connection).toEqual({
    server: 'https://serving.example',
    ca: 'an authority',
    cert: 'a certificate',
    key: 'a key',
    token: undefined,
  });
});

test('a certificate may lie beside the file', () => {
  // GIVEN
  writeFileSync(join(folder, 'ca.crt'), 'another authority');

  // WHEN
  const connection = connectionOf(kubeconfig({ token: 'a-token' }, { 'certificate-authority': 'ca.crt' }));

  // THEN
  expect(connection.ca).toBe('another authority');
  expect(connection.token?.()).toBe('a-token');
});

test('a token may be printed by a program, as that of EKS is, and is printed anew once it was refused', () => {
  // GIVEN a program that counts how often it was run
  const script = `
    n=$(cat ${folder}/runs 2>/dev/null || echo 0); n=$((n + 1)); echo $n > ${folder}/runs
    echo "{\\"status\\": {\\"token\\": \\"$CLUSTER-$n\\"}}"`;
  const exec = {
    apiVersion: 'client.authentication.k8s.io/v1beta1',
    command: 'sh',
    args: ['-c', script],
    env: [{ name: 'CLUSTER', value: 'serving' }],
  };
  const { token } = connectionOf(kubeconfig({ exec }));

  // WHEN
  const tokens = [token?.(), token?.(), token?.('serving-1'), token?.('serving-1')];

  // THEN
  expect(tokens).toEqual(['serving-1', 'serving-1', 'serving-2', 'serving-2']);
});

test('fails for a cluster that nobody vouches for', () => {
  // WHEN
  const connect = () => connectionOf(kubeconfig({ token: 'a-token' }, {}));

  // THEN
  expect(connect).toThrow(/the cluster 'serving' of .* has no certificate authority, which is needed to trust it/);
});
