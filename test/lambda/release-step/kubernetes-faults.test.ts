import { KubernetesError, KubernetesUnreachableError } from '../../../lambda/shared/kubernetes-error';
import type { Execution } from '../../support/state-machine';
import { release, rollBack } from './support/machine';
import { EKS_SETTINGS, serveOnKubernetes } from './support/kubernetes-world';
import { World } from './support/world';

/** Versions 1 and 2 were released, the second one serves; the third one waits. */
async function serving2(): Promise<World> {
  const world = new World();
  const { shift, ...settings } = EKS_SETTINGS;
  // a canary with few looks: each of them is broken once
  serveOnKubernetes(world).deploy({ ...settings, shift: { ...shift, waitSeconds: 10 } });
  for (const version of ['1', '2', '3']) world.register(version);
  for (const version of ['1', '2']) {
    expect((await release(world, version)).status).toBe('SUCCEEDED');
    world.pass(24 * 3600);
  }
  return world;
}

/** Numbers of the calls to the cluster that a request makes when nothing fails. */
async function callsOf(act: (world: World) => Promise<Execution>): Promise<string[]> {
  const world = await serving2();
  const calls: string[] = [];
  world.fault = name => {
    if (/^(cluster|cloudwatch|model)\./.test(name)) calls.push(name);
    return undefined;
  };
  expect((await act(world)).status).toBe('SUCCEEDED');
  return calls;
}

/** What an API server may answer, or not answer, whoever asks; each passes. */
const FAULTS: [string, 'before' | 'after', (name: string) => Error][] = [
  ['is too busy', 'before', name => new KubernetesError(name, 429, '{"reason":"TooManyRequests"}')],
  ['fails', 'before', name => new KubernetesError(name, 500, '{"reason":"InternalError"}')],
  ['changed meanwhile', 'before', name => new KubernetesError(name, 409, '{"reason":"Conflict"}')],
  ['takes no token', 'before', name => new KubernetesError(name, 401, '{"reason":"Unauthorized"}')],
  ['cannot be reached', 'before', name => new KubernetesUnreachableError(name, 'https://api', new Error('refused'))],
  ['does it and is not heard', 'after', name => new KubernetesUnreachableError(name, 'https://api', new Error('cut'))],
];

const REQUESTS: [string, (world: World) => Promise<Execution>, string][] = [
  ['a release', world => release(world, '3'), '3'],
  ['a rollback', world => rollBack(world, '2', '1'), '1'],
];

describe.each(REQUESTS)('%s ends healthy', (_, act, wanted) => {
  test.each(FAULTS)(
    'whenever the cluster %s once',
    async (__, when, errorOf) => {
      // GIVEN
      const calls = await callsOf(act);
      expect(calls.length).toBeGreaterThan(15);

      for (let at = 0; at < calls.length; at++) {
        const world = await serving2();
        let count = 0;
        world.error = name =>
          /^(cluster|cloudwatch|model)\./.test(name) && count++ === at ? { when, error: errorOf(name) } : undefined;

        // WHEN
        const execution = await act(world);

        // THEN
        const { state, deployment } = world.serving.look();
        const serves = { at: calls[at], status: execution.status, state, version: deployment?.version };
        expect(serves).toEqual({ ...serves, status: 'SUCCEEDED', state: 'serving', version: wanted });
        expect(world.state()).toMatchObject({ current: wanted });
        expect(world.state().lockOwner).toBeUndefined();
      }
    },
    120_000,
  );

  test('when the cluster is gone for good: unchanged, told why, and free for the next', async () => {
    // GIVEN
    const world = await serving2();
    world.error = name =>
      name.startsWith('cluster.')
        ? {
            when: 'before',
            error: new KubernetesUnreachableError(name, 'https://api', new Error('getaddrinfo ENOTFOUND api')),
          }
        : undefined;

    // WHEN
    const execution = await act(world);

    // THEN
    expect(execution.status).toBe('FAILED');
    expect(execution.cause).toContain('no answer from https://api: getaddrinfo ENOTFOUND api');
    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
    expect(world.state().lockOwner).toBeUndefined();
  });
});
