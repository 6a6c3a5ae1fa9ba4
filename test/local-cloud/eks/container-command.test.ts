import { describe, expect, test } from '@jest/globals';
import { containerCommand, type ContainerPlace } from '../../../local-cloud/eks/container-command';
import type { Pod, PodContainer } from '../../../local-cloud/eks/pod';

const PYTHON = { program: '/venv/bin/python', args: ['-m', 'model_server'], pythonPath: ['/images/model-server'] };

function commandOf(container: Partial<PodContainer>, place: Partial<ContainerPlace> = {}) {
  const whole = { name: 'model-server', image: 'model-server', ...container };
  const pod: Pod = {
    metadata: { name: 'rain-1', namespace: 'models', uid: 'u', labels: { version: '7' } },
    spec: { containers: [whole] },
  };
  return containerCommand(pod, whole, {
    image: PYTHON,
    folder: '/work/pod',
    logFile: '/logs/pod.log',
    address: '10.213.0.9',
    endpointUrl: 'http://127.0.0.1:4566',
    region: 'us-east-1',
    ...place,
  });
}

describe('the process of a container', () => {
  test('is the image with the arguments', () => {
    const { program, args } = commandOf({ args: ['serve'] });
    expect([program, ...args]).toEqual(['/venv/bin/python', '-m', 'model_server', 'serve']);
  });

  test("is the command in its place, by the image's own Python", () => {
    const { program, args } = commandOf({ command: ['python', '-m', 'model_server', 'fetch'] });
    expect([program, ...args]).toEqual(['/venv/bin/python', '-m', 'model_server', 'fetch']);
  });

  test('finds its mounts where they lie on this machine, the innermost first', () => {
    const { environment, args } = commandOf({
      args: ['--file', '/data/model/x'],
      env: [
        { name: 'MODEL', value: '/data/model' },
        { name: 'OTHER', value: '/database' },
      ],
      volumeMounts: [
        { name: 'data', mountPath: '/data' },
        { name: 'model', mountPath: '/data/model' },
      ],
    });
    expect(environment).toMatchObject({ MODEL: '/work/pod/volumes/model', OTHER: '/database' });
    expect(args.at(-1)).toBe('/work/pod/volumes/model/x');
  });

  test('listens at an address of its own, and is told of the pod what it asks for', () => {
    const { environment } = commandOf({
      env: [
        { name: 'ADDRESS', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } },
        { name: 'VERSION', valueFrom: { fieldRef: { fieldPath: "metadata.labels['version']" } } },
      ],
    });
    expect(environment).toMatchObject({ MODEL_SERVER_HOST: '127.213.0.9', ADDRESS: '10.213.0.9', VERSION: '7' });
  });

  test('has no credentials but those of its pod', () => {
    // GIVEN
    process.env.AWS_ACCESS_KEY_ID = 'of the one who started the cloud';

    // THEN
    expect(commandOf({}).environment).not.toHaveProperty('AWS_ACCESS_KEY_ID');
    const identity = { url: 'http://127.0.0.1:1/v1/credentials', tokenFile: '/work/pod/identity/token' };
    expect(commandOf({}, { identity }).environment).toMatchObject({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: identity.url,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: identity.tokenFile,
    });
    delete process.env.AWS_ACCESS_KEY_ID;
  });
});
