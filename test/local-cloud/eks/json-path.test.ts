import { expect, test } from '@jest/globals';
import { jsonPath } from '../../../local-cloud/eks/json-path';

const SERVICE = { status: { loadBalancer: { ingress: [{ hostname: 'lb.example.com' }] }, replicas: 3 } };

test.each([
  ['.status.loadBalancer.ingress[0].hostname', 'lb.example.com'],
  ['.status.replicas', '3'],
  ['.status.loadBalancer.ingress[1].hostname', ''],
])('%s is %p', (path, value) => {
  expect(jsonPath(SERVICE, path)).toBe(value);
});

test('fails with a filter', () => {
  expect(() => jsonPath(SERVICE, '.status[?(@.a)]')).toThrow(/not implemented in the local cloud: the path/);
});
