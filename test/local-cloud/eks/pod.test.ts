import { expect, test } from '@jest/globals';
import { type Pod, unsupported } from '../../../local-cloud/eks/pod';

function pod(spec: Partial<Pod['spec']>): Pod {
  return { metadata: { name: 'p', namespace: 'n', uid: 'u' }, spec: { containers: [], ...spec } };
}

test('a pod of what this machine can do is run', () => {
  const readinessProbe = { httpGet: { port: 'http' } };
  const lifecycle = { preStop: { sleep: { seconds: 5 } } };
  const containers = [{ name: 'c', image: 'i', readinessProbe, lifecycle }];
  expect(unsupported(pod({ containers, volumes: [{ name: 'tmp', emptyDir: {} }] }))).toBeUndefined();
});

test.each<[string, Partial<Pod['spec']>]>([
  ["volume 'secret' of the kind 'secret'", { volumes: [{ name: 'secret', secret: {} }] }],
  ["readinessProbe of container 'c'", { containers: [{ name: 'c', image: 'i', readinessProbe: { exec: {} } }] }],
  [
    "'PASSWORD' of container 'c'",
    { containers: [{ name: 'c', image: 'i', env: [{ name: 'PASSWORD', valueFrom: {} }] }] },
  ],
  ["'envFrom' of container 'c'", { containers: [{ name: 'c', image: 'i', envFrom: [{}] }] }],
  ["'lifecycle' of container 'c'", { containers: [{ name: 'c', image: 'i', lifecycle: { postStart: {} } }] }],
  ["init container 'i'", { initContainers: [{ name: 'i', image: 'i', restartPolicy: 'Always' }] }],
])('fails by the name of %s', (what, spec) => {
  expect(unsupported(pod(spec))).toContain(`not implemented in the local cloud: ${what}`);
});
