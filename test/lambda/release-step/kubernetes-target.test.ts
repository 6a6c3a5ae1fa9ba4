import { MODEL_LABEL } from '../../../lambda/release-step/kubernetes-names';
import { KubernetesError } from '../../../lambda/shared/kubernetes-error';
import { wayForward } from '../../../lambda/release-step/step-context';
import type { Deployment } from '../../../lambda/release-step/serving-target';
import type { Execution } from '../../support/state-machine';
import { release, request, rollBack, start } from './support/machine';
import { EKS_SETTINGS, serveOnKubernetes, TEMPLATE, type KubernetesRoom } from './support/kubernetes-world';
import { MODEL, World } from './support/world';

interface Served {
  readonly world: World;
  readonly room: KubernetesRoom;
}

/** Versions were released one after the other, the last of them serves; the next is approved. */
async function serving(...versions: string[]): Promise<Served> {
  const world = new World();
  const room = serveOnKubernetes(world);
  for (const version of versions) {
    world.register(version);
    expect((await release(world, version)).status).toBe('SUCCEEDED');
    world.pass(24 * 3600);
  }
  const next = String(versions.length + 1);
  world.register(next);
  world.setApproval(next, 'Approved');
  return { world, room };
}

/** Asks for something and lives through it; `look` is called before each state. */
async function ask(
  { world }: Served,
  asked: Parameters<typeof request>[0],
  look: (state: string) => void | Promise<void>,
): Promise<Execution> {
  const execution = start(world, `asked-${asked.version}`, request(asked));
  while (execution.status === 'RUNNING') {
    await look(execution.state);
    await execution.advance();
  }
  return execution;
}

async function deploymentOf({ world }: Served, version: string): Promise<Deployment> {
  const found = (await world.serving.prepared()).find(one => one.version === version);
  if (found === undefined) throw new Error(`version ${version} is not prepared`);
  return found;
}

/** Percent of the traffic by version. */
function weights({ room }: Served): Record<string, number> {
  const { backends = [] } = room.traffic() ?? {};
  return Object.fromEntries(backends.map(({ id, weight }) => [/-v(\d+)-/.exec(id)?.[1] ?? id, weight]));
}

/** One pod of a version cannot get its image. */
async function breakPod(served: Served, version: string): Promise<void> {
  const { id } = await deploymentOf(served, version);
  served.room.cluster.write({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${id}-a`,
      namespace: EKS_SETTINGS.namespace,
      labels: { [MODEL_LABEL]: MODEL, 'mlops/deployment': id },
    },
    status: {
      containerStatuses: [
        { name: 'model-server', state: { waiting: { reason: 'ImagePullBackOff', message: 'not found' } } },
      ],
    },
  });
}

describe('the way back', () => {
  test('takes one pod of what was good where the other never comes', async () => {
    // GIVEN
    const served = await serving('1', '2');
    served.room.limit('1', 1);
    await breakPod(served, '1');

    // WHEN
    const execution = await rollBack(served.world, '2', '1');

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.path).not.toContain('WaitForOther');
    expect(weights(served)).toEqual({ 1: 100 });
  });

  test('waits for pods that fail, and goes as soon as one comes up', async () => {
    // GIVEN
    const served = await serving('1', '2');
    served.room.limit('1', 0);
    await breakPod(served, '1');
    let waits = 0;

    // WHEN
    const execution = await ask(served, { action: 'rollback', version: '1', from: '2' }, state => {
      if (state === 'WaitForOther' && ++waits === 3) served.room.limit('1', 1);
    });

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
    expect(waits).toBe(3);
    expect(weights(served)).toEqual({ 1: 100 });
  });

  test('of a failed release waits for them too; when none comes, a person is told what it waited for', async () => {
    // GIVEN
    const served = await serving('1');
    served.world.natures.set('2', 'mute');

    // WHEN
    const execution = await ask(served, { version: '2' }, async state => {
      if (state !== 'Verify') return;
      served.room.limit('1', 0);
      await breakPod(served, '1');
    });

    // THEN
    expect(execution.status).toBe('FAILED');
    expect(execution.cause).toContain('going back to version 1 did not succeed');
    expect(execution.cause).toContain("container 'model-server': ImagePullBackOff: not found");
  });

  test('does not wait for a canary towards the same version that somebody left', async () => {
    // GIVEN
    const served = await serving('1', '2');
    await served.world.serving.shift(await deploymentOf(served, '1'), wayForward(EKS_SETTINGS));
    expect(weights(served)).toEqual({ 1: 0, 2: 100 });

    // WHEN
    const seen: Record<string, number>[] = [];
    const execution = await ask(served, { action: 'rollback', version: '1', from: '2' }, state => {
      if (state === 'WaitForTraffic') seen.push(weights(served));
    });

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
    expect(seen).toEqual([{ 1: 100 }]);
  });

  test('by itself gives what was good as many pods as what had the load', async () => {
    // GIVEN
    const served = await serving('1');
    const one = await deploymentOf(served, '1');

    // WHEN the new one was scaled up while all traffic went to it
    const execution = await ask(served, { version: '2' }, state => {
      if (state !== 'Settle' || weights(served)[2] !== 100) return;
      served.room.autoscale('2');
      served.world.natures.set('2', 'crashing');
    });

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(weights(served)).toEqual({ 1: 100 });
    expect(served.room.ready(one.id)).toBeGreaterThan(2);
  });
});

describe('a release', () => {
  test('names the new version before its first request, and keeps the old one named', async () => {
    // GIVEN
    const served = await serving('1');
    const seen: Record<string, number>[] = [];

    // WHEN
    await ask(served, { version: '2' }, state => {
      if (state === 'WaitForTraffic') seen.push(weights(served));
    });

    // THEN
    expect(seen[0]).toEqual({ 1: 100, 2: 0 });
    expect(seen).toContainEqual({ 1: 90, 2: 10 });
    expect(weights(served)).toEqual({ 1: 0, 2: 100 });
  });

  test('frees what it keeps named once nobody needs it', async () => {
    // GIVEN
    const served = await serving('1', '2');

    // WHEN
    await served.world.serving.retire(await deploymentOf(served, '1'));

    // THEN
    expect(weights(served)).toEqual({ 2: 100 });
    expect((await served.world.serving.prepared()).map(({ version }) => version)).toEqual(['2']);
  });

  test('goes on when an autoscaler writes in the canary, and when a pod fails one probe', async () => {
    // GIVEN
    const served = await serving('1');
    let looks = 0;

    // WHEN
    const execution = await ask(served, { version: '2' }, state => {
      if (state !== 'Settle') return;
      served.room.autoscale('2');
      looks += 1;
      served.room.limit('2', looks % 3 === 0 ? 0 : undefined);
    });

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
  });

  test('begins from what answers when what an earlier one began from is dead', async () => {
    // GIVEN
    const served = await serving('1', '2');
    await served.world.serving.shift(await deploymentOf(served, '1'), wayForward(EKS_SETTINGS));
    served.room.limit('2', 0);
    const three = await served.world.serving.prepare(packaged(served, '3'));
    served.world.pass(60);

    // WHEN
    await served.world.serving.shift(three, wayForward(EKS_SETTINGS));

    // THEN
    expect(weights(served)).toEqual({ 1: 100, 3: 0 });
  });

  test('waits a while when nothing answers, and then gets all requests at once', async () => {
    // GIVEN
    const served = await serving('1');
    served.room.limit('1', 0);
    const two = await served.world.serving.prepare(packaged(served, '2'));
    served.world.pass(30);

    // THEN
    await expect(served.world.serving.shift(two, wayForward(EKS_SETTINGS))).rejects.toThrow(
      /busy: what serves 'rain' cannot answer just now \(Deployment 'mlops-local-rain\/rain-v1-\w+': 0 of 1 pods are ready\)/,
    );
    served.world.pass(30);
    await served.world.serving.shift(two, wayForward(EKS_SETTINGS));
    expect(weights(served)).toEqual({ 2: 100 });
  });

  test('begins from the heavier of two between which somebody divided the traffic', async () => {
    // GIVEN
    const served = await serving('1', '2');
    const [one, two] = [await deploymentOf(served, '1'), await deploymentOf(served, '2')];
    served.room.divideByHand([
      { id: one.id, weight: 30 },
      { id: two.id, weight: 70 },
    ]);
    const three = await served.world.serving.prepare(packaged(served, '3'));
    served.world.pass(60);

    // WHEN
    await served.world.serving.shift(three, wayForward(EKS_SETTINGS));

    // THEN
    expect(weights(served)).toEqual({ 2: 100, 3: 0 });
  });

  test.each([
    [undefined, /the Gateway 'mlops-gateway\/mlops' has not said that it takes the route 'rain' as it is now/],
    [
      { reason: 'NotAllowedByListeners', message: 'no listener matches' },
      /the Gateway 'mlops-gateway\/mlops' does not take the route 'rain': NotAllowedByListeners: no listener matches/,
    ],
  ])('fails when the gateway says of its route: %j', async (refusal, words) => {
    // GIVEN
    const served = await serving('1');

    // WHEN
    const execution = await ask(served, { version: '2' }, state => {
      if (state === 'Verify') served.room.refusal = refusal ?? 'silent';
      if (state === 'Undo') served.room.refusal = undefined;
    });

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(execution.cause).toMatch(words);
    expect(weights(served)).toEqual({ 1: 100 });
  });
});

describe('what follows the load', () => {
  const follower = (apiVersion: string, kind: string): object => ({
    apiVersion,
    kind,
    metadata: { name: '${mlops:name}', namespace: EKS_SETTINGS.namespace },
    spec: { minReplicas: 2 },
  });
  const HPA = follower('autoscaling/v2', 'HorizontalPodAutoscaler');
  const SCALED = follower('keda.sh/v1alpha1', 'ScaledObject');

  /** Versions 1 and 2 were released with one autoscaler, and the settings have another one since. */
  async function tended(before: object[], after: object[]): Promise<KubernetesRoom> {
    const world = new World();
    let template = [...(JSON.parse(TEMPLATE) as object[]), ...before];
    const room = serveOnKubernetes(world, {
      change: tools => ({ ...tools, template: () => Promise.resolve(JSON.stringify(template)) }),
    });
    for (const version of ['1', '2']) {
      world.register(version);
      await release(world, version);
    }
    template = [...(JSON.parse(TEMPLATE) as object[]), ...after];
    await world.serving.tend({ now: new Date(world.now) });
    return room;
  }

  test('is made where it is missing, for the warm standby too', async () => {
    const room = await tended([], [HPA]);
    expect(room.cluster.all('HorizontalPodAutoscaler')).toHaveLength(2);
  });

  test('is never of two kinds for one version', async () => {
    const room = await tended([SCALED], [HPA]);
    expect(room.cluster.all('HorizontalPodAutoscaler')).toEqual([]);
    expect(room.cluster.all('ScaledObject')).toHaveLength(2);
  });
});

describe('a movement that nobody has brought to its end', () => {
  /** The API server answers nothing while this holds. */
  const silent = ({ world }: Served, holds: () => boolean): void => {
    world.fault = call => (call.startsWith('cluster.') && holds() ? 'before' : undefined);
  };

  test('is gone back from once what served before can answer, and what it moved to is given up', async () => {
    // GIVEN the API server was gone for the rest of a release
    const served = await serving('1');
    let isGone = false;
    silent(served, () => isGone);
    const died = await ask(served, { version: '2' }, state => {
      isGone ||= state === 'Settle' && weights(served)[2] === 10;
    });
    isGone = false;
    expect(died.status).toBe('FAILED');
    expect(weights(served)).toEqual({ 1: 90, 2: 10 });
    served.room.limit('1', 0);
    expect(await served.world.serving.current()).toMatchObject({ yields: true, returns: false });
    served.room.limit('1', undefined);
    served.world.pass(60);

    // WHEN
    const asked = { action: 'reconcile', model: MODEL, requestedBy: 'reconciler', reason: 'traffic is divided' };
    const execution = await start(served.world, 'left', asked).run();

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded' });
    expect(weights(served)).toEqual({ 1: 100 });
    expect((await served.world.serving.prepared()).map(({ version }) => version)).toEqual(['1']);
    expect(served.world.notifications.at(-1)?.subject).toContain('traffic that was left divided is together again');
  });

  test('and which began where somebody had moved traffic by hand, ends at what the ledger says', async () => {
    // GIVEN
    const served = await serving('1', '2');
    expect(served.room.moveByHand('1')).toBe(true);
    let isGone = false;
    silent(served, () => isGone);

    // WHEN the API server is gone while traffic moves
    const execution = await ask(served, { version: '3' }, state => {
      isGone = state === 'Settle' && weights(served)[3] === 10;
    });

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(weights(served)).toEqual({ 2: 100 });
  });
});

test('a cluster that goes on taking no token is said to lack the access entry', async () => {
  // GIVEN
  const { world } = await serving('1');
  world.error = name =>
    name.startsWith('cluster.')
      ? { when: 'before', error: new KubernetesError(name, 401, '{"reason":"Unauthorized"}') }
      : undefined;

  // WHEN
  const execution = await release(world, '2');

  // THEN
  expect(execution.status).toBe('FAILED');
  expect(execution.cause).toContain('the cluster knows no access entry of the role of this function');
});

function packaged({ world }: Served, version: string) {
  const found = world.packages.get(version);
  if (found === undefined) throw new Error(`version ${version} is not registered`);
  return found;
}
