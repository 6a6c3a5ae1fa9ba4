import type { ModelChartProps } from '../../constructs/serving/kubernetes/model-chart';
import { collect } from '../../lambda/version-collector/collect';
import { eventually, removeNamespaces } from './support/cluster';
import { came, ReleasedModel } from './support/released-model';

const KINDS = [
  { apiVersion: 'apps/v1', kind: 'Deployment' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' },
];

const KEDA_CHART = {
  replicas: 1,
  autoscaler: { namespace: '', minReplicas: 1, maxReplicas: 4, targetRequestsInFlight: 8 },
};

jest.setTimeout(60_000);

afterAll(removeNamespaces);

/** Three versions were released, so that the first one is needed no more; the third one serves. */
async function released3(chart: Partial<ModelChartProps> = KEDA_CHART): Promise<ReleasedModel> {
  const model = await ReleasedModel.begin({ chart });
  for (const version of ['1', '2', '3']) {
    model.register(version);
    expect(came(await model.ask({ version }))).toContain('SUCCEEDED');
    model.world.pass(24 * 3600);
  }
  return model;
}

function look(model: ReleasedModel, cluster = model.collector): Promise<string[]> {
  return collect({
    models: () => Promise.resolve(['rain']),
    state: () => Promise.resolve(model.world.state()),
    settings: () => Promise.resolve(model.settings),
    cluster: () => cluster,
  });
}

/** Looks until these versions are left, of each kind: what a controller changes meanwhile is removed by the next look. */
async function lookUntil(model: ReleasedModel, left: string[], removed: string[] = []): Promise<void> {
  await eventually(
    async () => {
      removed.push(...(await look(model)));
      return Promise.all(KINDS.map(kind => model.versions(kind)));
    },
    found => found.every(versions => versions.join() === left.join()),
  );
}

test('all of a version that no release needs goes, of each kind; what serves and the last good one stay', async () => {
  // GIVEN
  const model = await released3();
  for (const kind of KINDS) expect(await model.versions(kind)).toEqual(['1', '2', '3']);

  // WHEN
  const removed: string[] = [];
  await lookUntil(model, ['2', '3'], removed);

  // THEN
  expect(removed).toHaveLength(KINDS.length);
  await eventually(
    () => model.versions({ apiVersion: 'v1', kind: 'Pod' }),
    pods => !pods.includes('1'),
  );
  expect(await look(model)).toEqual([]);
  expect(await model.target.current()).toMatchObject({ state: 'serving', deployment: { version: '3' } });
});

test('nothing goes while a release is under way', async () => {
  // GIVEN
  const model = await released3();
  model.register('4');

  // WHEN version 1 could go all the time
  const removed: string[][] = [];
  await model.ask({ version: '4' }, async () => {
    if (model.world.state().lockOwner !== undefined) removed.push(await look(model));
  });

  // THEN
  expect(removed.length).toBeGreaterThan(0);
  expect(removed.flat()).toEqual([]);
  expect(await look(model)).not.toEqual([]);
});

test('what a release needs again between the look and the removal stays', async () => {
  // GIVEN
  const model = await released3();
  const late = {
    get: model.collector.get.bind(model.collector),
    list: model.collector.list.bind(model.collector),
    delete: async (...given: Parameters<typeof model.collector.delete>) => {
      await model.target.prepare(await model.packaged('1'));
      return model.collector.delete(...given);
    },
  };

  // WHEN
  const removed = await look(model, late as typeof model.collector);

  // THEN
  expect(removed).toEqual([]);
  for (const kind of KINDS) expect(await model.versions(kind)).toEqual(['1', '2', '3']);
  expect((await model.target.prepared()).map(({ version }) => version).sort()).toEqual(['1', '2', '3']);
});

test('what a release makes while the collector looks stays, with all that belongs to it', async () => {
  // GIVEN
  const model = await released3();
  model.register('4');
  let isMade = false;
  const slow = {
    get: model.collector.get.bind(model.collector),
    list: async (...given: Parameters<typeof model.collector.list>) => {
      const found = await model.collector.list(...given);
      if (!isMade) await model.target.prepare(await model.packaged('4'));
      isMade = true;
      return found;
    },
    delete: model.collector.delete.bind(model.collector),
  };

  // WHEN
  await look(model, slow as typeof model.collector);

  // THEN
  for (const kind of KINDS) expect(await model.versions(kind)).toContain('4');
  await lookUntil(model, ['2', '3', '4']);
});

test('an autoscaler on the load of the processors goes with its version too', async () => {
  // GIVEN
  const autoscaler = { namespace: '', minReplicas: 2, maxReplicas: 4, targetCpuPercent: 60 };
  const model = await released3({ autoscaler });
  const AUTOSCALER = { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' };
  expect(await model.versions(AUTOSCALER)).toEqual(['1', '2', '3']);

  // THEN
  await eventually(
    async () => {
      await look(model);
      return model.versions(AUTOSCALER);
    },
    versions => versions.join() === '2,3',
  );
});

test('what a Deployment that went by hand left goes too', async () => {
  // GIVEN
  const model = await released3();
  model.register('4');
  const { id: name } = await model.target.prepare(await model.packaged('4'));
  const metadata = { name, namespace: model.namespace };
  await model.administrator.delete({ apiVersion: 'apps/v1', kind: 'Deployment', metadata });

  // THEN
  await lookUntil(model, ['2', '3']);
});
