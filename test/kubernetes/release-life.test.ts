import type { KubernetesVerbs } from '../../lambda/release-step/kubernetes-cluster';
import { wayForward } from '../../lambda/release-step/step-context';
import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import { eventually, removeNamespaces } from './support/cluster';
import { came, ReleasedModel } from './support/released-model';

const DEPLOYMENT = { apiVersion: 'apps/v1', kind: 'Deployment' };
const SERVICE = { apiVersion: 'v1', kind: 'Service' };
const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' };

// whole releases, one after the other
jest.setTimeout(60_000);

afterAll(removeNamespaces);

/** A model with versions that were released one after the other; the last one serves. */
async function released(versions: readonly string[], options?: Parameters<typeof ReleasedModel.begin>[0]) {
  const model = await ReleasedModel.begin(options);
  for (const version of versions) {
    model.register(version);
    expect(came(await model.ask({ version }))).toContain('SUCCEEDED');
    model.world.pass(24 * 3600);
  }
  return model;
}

/** The Deployment of a version. */
async function deploymentOf(model: ReleasedModel, version: string): Promise<KubernetesObject> {
  const labels = { 'mlops/model-version': version };
  const [found] = await model.administrator.list<KubernetesObject>(DEPLOYMENT, { namespace: model.namespace, labels });
  if (found === undefined) throw new Error(`version ${version} has no Deployment`);
  return found;
}

/** Counts what is written to what carries the traffic; `look` sees the cluster before each. */
function countWrites(
  model: ReleasedModel,
  look: () => void | Promise<void> = () => undefined,
): { readonly writes: number } {
  const counted = { writes: 0 };
  model.between = verbs =>
    ({
      get: (...given) => verbs.get(...given),
      list: (...given) => verbs.list(...given),
      mergePatch: (...given) => verbs.mergePatch(...given),
      apply: async (object, options) => {
        if (object.metadata.name === 'rain') {
          counted.writes += 1;
          await look();
        }
        return verbs.apply(object, options);
      },
    }) as KubernetesVerbs;
  return counted;
}

describe('a model behind a gateway', () => {
  test('gets a first version, and a second one by its canary', async () => {
    // GIVEN
    const model = await ReleasedModel.begin();
    model.register('1');
    model.register('2');

    // WHEN
    const first = await model.ask({ version: '1' });
    const atFirst = await model.weights();
    const seen: Record<string, number>[] = [];
    const second = await model.ask({ version: '2' }, async state => {
      if (state === 'WaitForTraffic') seen.push(await model.weights());
    });

    // THEN
    expect(came(first)).toContain('SUCCEEDED');
    expect(atFirst).toEqual({ 1: 100 });
    expect(came(second)).toContain('SUCCEEDED');
    // the new version is named before it gets anything, and the old one stays named
    expect(seen[0]).toEqual({ 1: 100, 2: 0 });
    expect(seen).toContainEqual({ 1: 90, 2: 10 });
    expect(seen).toContainEqual({ 1: 0, 2: 100 });
    expect(await model.weights()).toEqual({ 1: 0, 2: 100 });
    expect(model.answered).toEqual(['1', '2']);
    expect(model.world.state()).toMatchObject({ current: '2', healthy: ['2', '1'] });
    // the last good one stays able to serve
    for (const kind of [DEPLOYMENT, SERVICE, BUDGET]) expect(await model.versions(kind)).toEqual(['1', '2']);
  });

  test('goes back by itself when an alarm goes off in the canary, and says which', async () => {
    // GIVEN
    const model = await released(['1']);
    model.register('2');

    // WHEN
    const execution = await model.ask({ version: '2' }, state => {
      if (state === 'WaitForTraffic') model.red.add('errors');
    });

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(execution.cause).toContain("went back to version 1 by itself: alarm 'errors' went off");
    expect(await model.weights()).toEqual({ 1: 100 });
    expect(model.world.state()).toMatchObject({ current: '1' });
  });

  test('goes back when the new version loses its last pod in the canary', async () => {
    // GIVEN
    const model = await released(['1']);
    model.register('2');

    // WHEN somebody scales it to nothing
    const execution = await model.ask({ version: '2' }, async state => {
      if (state !== 'WaitForTraffic') return;
      const deployment = await deploymentOf(model, '2');
      await model.administrator.mergePatch(deployment, { spec: { replicas: 0 } }, { fieldManager: 'kubectl' });
      await eventually(
        () => deploymentOf(model, '2'),
        ({ status }) => ((status as { readyReplicas?: number }).readyReplicas ?? 0) === 0,
      );
    });

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(execution.cause).toContain('0 of 1 pods are ready');
    expect(await model.weights()).toEqual({ 1: 100 });
  });

  test('is rolled back late by one write, to pods that still run', async () => {
    // GIVEN
    const model = await released(['1', '2']);
    const before = await deploymentOf(model, '1');
    const counted = countWrites(model);

    // WHEN
    const execution = await model.ask({ action: 'rollback', version: '1', from: '2' });

    // THEN
    expect(came(execution)).toContain('SUCCEEDED');
    expect(counted.writes).toBe(1);
    expect(execution.path).not.toContain('WaitForOther');
    expect(await model.weights()).toEqual({ 1: 100 });
    expect((await deploymentOf(model, '1')).metadata.uid).toBe(before.metadata.uid);
  });

  test("keeps a rollback through the CDK's next deploys, of what is unchanged and of what is changed", async () => {
    // GIVEN
    const model = await released(['1', '2']);
    await model.applyCdk();
    expect(came(await model.ask({ action: 'rollback', version: '1', from: '2' }))).toContain('SUCCEEDED');
    const before = await model.traffic();

    // WHEN
    await model.applyCdk();
    await model.applyCdk({ cpu: 2, autoScaling: { maxReplicas: 7, targetCpuPercent: 60 }, clientNamespaces: ['shop'] });
    model.deploy({ loadSeconds: 600 });
    await model.target.tend();

    // THEN
    expect(await model.traffic()).toEqual(before);
    expect(await model.weights()).toEqual({ 1: 100 });
    const writers = before.metadata.managedFields?.filter(({ subresource }) => subresource === undefined);
    expect(writers?.map(({ manager }) => manager)).toEqual(['mlops-release']);
  });

  test('would lose it to a deploy that holds the route, which is why none does', async () => {
    // GIVEN a stack with the route as it was when version 2 served
    const model = await released(['1', '2']);
    const { apiVersion, kind, metadata, spec } = await model.traffic();
    const route = { apiVersion, kind, metadata: { name: metadata.name, namespace: model.namespace }, spec };
    await model.ask({ action: 'rollback', version: '1', from: '2' });

    // WHEN
    await model.applyCdk({}, [route]);

    // THEN
    expect(await model.weights()).toEqual({ 1: 0, 2: 100 });
  });

  test.each<[string, (model: ReleasedModel, standby: KubernetesObject) => Promise<unknown>]>([
    ['is gone', (model, standby) => model.administrator.delete(standby)],
    [
      'was scaled to nothing by hand',
      (model, standby) =>
        model.administrator.mergePatch(standby, { spec: { replicas: 0 } }, { fieldManager: 'kubectl' }),
    ],
  ])('is rolled back to a version that %s once it is ready again; traffic stays until then', async (_, harm) => {
    // GIVEN
    const model = await released(['1', '2']);
    await harm(model, await deploymentOf(model, '1'));
    await eventually(
      () => model.administrator.list({ apiVersion: 'v1', kind: 'Pod' }, { namespace: model.namespace }),
      pods => pods.every(({ metadata }) => metadata.labels?.['mlops/model-version'] === '2'),
    );

    const available: (number | undefined)[] = [];
    countWrites(model, async () => {
      const { status } = await deploymentOf(model, '1');
      available.push((status as { availableReplicas?: number }).availableReplicas);
    });

    // WHEN
    const execution = await model.ask({ action: 'rollback', version: '1', from: '2' });

    // THEN
    expect(came(execution)).toContain('SUCCEEDED');
    // one is enough where the others have been missing for long
    expect(available).toHaveLength(1);
    expect(available[0]).toBeGreaterThan(0);
    expect(await model.weights()).toEqual({ 1: 100 });
  });

  test('is finished by the next execution when one dies in the canary', async () => {
    // GIVEN
    const model = await released(['1']);
    model.register('2');
    const dying = model.ask({ version: '2' }, async state => {
      if (state === 'WaitForTraffic' && (await model.weights())[2] === 10) throw new Error('died');
    });
    await expect(dying).rejects.toThrow('died');
    expect(await model.weights()).toEqual({ 1: 90, 2: 10 });
    model.world.pass(24 * 3600);

    // WHEN
    const execution = await model.ask({ action: 'reconcile' });

    // THEN its longest time is over
    expect(execution.error).toBe('ReleaseUndone');
    expect(execution.cause).toContain('took longer than the 3600 s that its policy allows');
    expect(await model.weights()).toEqual({ 1: 100 });
    expect(model.world.state().lockOwner).toBeUndefined();
  });

  test('is rolled forward over a movement that was left, without a wait for its end', async () => {
    // GIVEN
    const model = await released(['1', '2']);
    await model.target.shift(
      (await model.target.prepared()).find(({ version }) => version === '1') ?? { id: '', version: '' },
      wayForward(model.settings),
    );
    expect(await model.target.current()).toMatchObject({ state: 'moving', yields: true });
    model.register('3');

    // WHEN
    const execution = await model.ask({ version: '3' });

    // THEN
    expect(came(execution)).toContain('SUCCEEDED');
    expect(await model.weights()).toEqual({ 2: 0, 3: 100 });
  });

  test('tells of a change by hand before it moves on, and goes over it on the way back', async () => {
    // GIVEN
    const model = await released(['1', '2']);
    const route = await model.traffic();
    const { rules } = route.spec as { rules: object[] };
    const byHand = { spec: { rules: [{ ...rules[0], timeouts: { request: '5s' } }] } };
    await model.administrator.mergePatch(route, byHand, { fieldManager: 'kubectl-edit' });
    model.register('3');

    // WHEN
    const forward = await model.ask({ version: '3' });
    const back = await model.ask({ action: 'rollback', version: '1', from: '2' });

    // THEN
    expect(forward.error).toBe('ReleaseUndone');
    expect(forward.cause).toContain(`could not apply HTTPRoute '${model.namespace}/rain' as 'mlops-release'`);
    expect(forward.cause).toContain("field '.spec.rules' is owned by 'kubectl-edit'");
    expect(came(back)).toContain('SUCCEEDED');
    expect(await model.weights()).toEqual({ 1: 100 });
  });

  test('shadows by copies of requests, which end before traffic moves', async () => {
    // GIVEN
    const model = await released(['1', '2']);
    const [one] = (await model.target.prepared()).filter(({ version }) => version === '1');
    if (one === undefined) throw new Error('version 1 is gone');

    // WHEN
    await model.target.shadow(one);

    // THEN
    expect(await model.target.current()).toMatchObject({
      state: 'serving',
      deployment: { version: '2' },
      shadow: { version: '1' },
    });
    expect((await model.traffic()).spec).toMatchObject({
      rules: [{ filters: [{ type: 'RequestMirror', requestMirror: { backendRef: { name: one.id, port: 8080 } } }] }],
    });
    await model.target.shift(one, wayForward(model.settings));
    expect(await model.target.current()).not.toHaveProperty('shadow');
    expect((await model.traffic()).spec).not.toHaveProperty('rules.0.filters');
  });

  test('gives up what no release needs, which only the collector removes', async () => {
    // WHEN
    const model = await released(['1', '2', '3']);

    // THEN
    expect((await model.target.prepared()).map(({ version }) => version).sort()).toEqual(['2', '3']);
    expect((await deploymentOf(model, '1')).metadata.annotations).toHaveProperty(['mlops/retired-at']);

    // WHEN it is wanted again
    model.register('1');
    const execution = await model.ask({ version: '1' });

    // THEN
    expect(came(execution)).toContain('SUCCEEDED');
    expect((await deploymentOf(model, '1')).metadata.annotations).not.toHaveProperty(['mlops/retired-at']);
  });

  test('takes new limits of its autoscaler while it serves', async () => {
    // GIVEN
    const autoscaler = { minReplicas: 2, maxReplicas: 4, targetCpuPercent: 60 };
    const chart = { autoscaler: { namespace: '', ...autoscaler } };
    const model = await released(['1'], { chart });
    const AUTOSCALER = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };

    const { generation } = (await deploymentOf(model, '1')).metadata as { generation?: number };

    // WHEN
    model.deploy({ autoscaler: { ...chart.autoscaler, maxReplicas: 9 } });
    await model.target.tend();

    // THEN
    const [found] = await model.administrator.list<KubernetesObject>(AUTOSCALER, { namespace: model.namespace });
    expect(found?.spec).toMatchObject({ maxReplicas: 9 });
    expect((await deploymentOf(model, '1')).metadata).toMatchObject({ generation });
  });
});

describe('a model behind a Service alone', () => {
  test('is released and rolled back by a flip of its selector', async () => {
    // GIVEN
    const model = await released(['1', '2'], { gateway: false });
    expect((await model.traffic()).spec).toMatchObject({
      selector: { 'mlops/deployment': (await deploymentOf(model, '2')).metadata.name },
    });
    const counted = countWrites(model);

    // WHEN
    const execution = await model.ask({ action: 'rollback', version: '1', from: '2' });

    // THEN
    expect(came(execution)).toContain('SUCCEEDED');
    expect(counted.writes).toBe(1);
    expect(await model.target.current()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
    expect(model.answered.at(-1)).toBe('1');
  });

  test('is watched after the flip, and goes back by itself', async () => {
    // GIVEN
    const model = await released(['1'], { gateway: false });
    model.register('2');

    // WHEN
    const execution = await model.ask({ version: '2' }, state => {
      if (state === 'WaitForTraffic') model.red.add('errors');
    });

    // THEN
    expect(execution.cause).toContain("by itself: alarm 'errors' went off");
    expect(await model.target.current()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
  });

  test('is refused a canary and a shadow, in words', async () => {
    // GIVEN
    const model = await released(['1'], { gateway: false, shift: { type: 'ALL_AT_ONCE', waitSeconds: 0 } });
    model.register('2');
    const two = await model.target.prepare(await model.packaged('2'));
    await eventually(
      () => deploymentOf(model, '2'),
      ({ status }) => (status as { availableReplicas?: number } | undefined)?.availableReplicas === 2,
    );

    // THEN
    await expect(model.target.shadow(two)).rejects.toThrow(
      "a shadow needs a Gateway that copies requests, and 'rain' has none",
    );
    await expect(
      model.target.shift(two, { ...wayForward(model.settings), type: 'CANARY', stepPercent: 10 }),
    ).rejects.toThrow("a 'CANARY' shift needs a Gateway, and 'rain' has a Service alone");
  });

  test('whose first version fails has nothing that answers, and takes the next', async () => {
    // GIVEN
    const model = await ReleasedModel.begin({ gateway: false });
    model.register('1');
    model.register('2');
    model.mute.add('1');

    // WHEN
    const first = await model.ask({ version: '1' });

    // THEN
    expect(first.error).toBe('ReleaseUndone');
    expect(await model.target.current()).toMatchObject({ state: 'absent' });
    expect(came(await model.ask({ version: '2' }))).toContain('SUCCEEDED');
  });
});
