import type { ModelChartProps } from '../../constructs/serving/kubernetes/model-chart';
import { eventually, removeNamespaces } from './support/cluster';
import { ReleasedModel } from './support/released-model';

const POD = { apiVersion: 'v1', kind: 'Pod' };
/** No node has so much: the pod stays as the test makes it. */
const NOWHERE = { cpuMillis: 900_000, memoryMebibytes: 64, gpus: 0, modelMebibytes: 64 };

jest.setTimeout(60_000);

afterAll(removeNamespaces);

/** Version 1 serves; version 2 is approved, and its objects are another template's. */
async function serving1(chart: Partial<ModelChartProps> = {}): Promise<ReleasedModel> {
  const model = await ReleasedModel.begin();
  model.register('1');
  await model.ask({ version: '1' });
  model.deploy(chart);
  model.register('2');
  return model;
}

/** Releases version 2, in whose first pod a kubelet would see this. */
async function release2(model: ReleasedModel, status: object) {
  let isSet = false;
  return model.ask({ version: '2' }, async state => {
    if (state !== 'WaitForOther' || isSet) return;
    const labels = { 'mlops/model-version': '2' };
    const [pod] = await eventually(
      () => model.administrator.list(POD, { namespace: model.namespace, labels }),
      pods => pods.length > 0,
    );
    if (pod === undefined) throw new Error('no pod');
    await model.administrator.send({
      method: 'PATCH',
      path: `/api/v1/namespaces/${model.namespace}/pods/${pod.metadata.name}/status`,
      description: 'play the kubelet',
      contentType: 'application/merge-patch+json',
      body: JSON.stringify({ status }),
    });
    isSet = true;
  });
}

/** Whatever came: version 1 serves, nothing moves, and nobody has the lock. */
async function expectUnchanged(model: ReleasedModel): Promise<void> {
  expect(await model.weights()).toEqual({ 1: 100 });
  expect(model.world.state()).toMatchObject({ current: '1' });
  expect(model.world.state().lockOwner).toBeUndefined();
}

test('an image that cannot be pulled ends the release with the pod, the container and the cause', async () => {
  // GIVEN
  const model = await serving1({ resources: NOWHERE });
  await model.widenQuota();

  // WHEN
  const execution = await release2(model, {
    containerStatuses: [
      {
        name: 'model-server',
        image: 'image',
        imageID: '',
        ready: false,
        restartCount: 0,
        state: { waiting: { reason: 'ImagePullBackOff', message: 'Back-off pulling image "image": not found' } },
      },
    ],
  });

  // THEN
  expect(execution.error).toBe('ReleaseUndone');
  expect(execution.cause).toContain(`Deployment '${model.namespace}/rain-v2-`);
  expect(execution.cause).toContain(
    `container 'model-server': ImagePullBackOff: Back-off pulling image "image": not found`,
  );
  await expectUnchanged(model);
});

test('an artifact whose digest is another one ends it with what the init container said', async () => {
  // GIVEN
  const model = await serving1({ resources: NOWHERE });
  await model.widenQuota();

  // WHEN
  const execution = await release2(model, {
    initContainerStatuses: [
      {
        name: 'fetch-model',
        image: 'image',
        imageID: '',
        ready: false,
        restartCount: 2,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off 20s' } },
        lastState: {
          terminated: { exitCode: 1, reason: 'Error', message: "digest is 'sha256:b', must be 'sha256:a'" },
        },
      },
    ],
  });

  // THEN
  expect(execution.error).toBe('ReleaseUndone');
  expect(execution.cause).toContain(
    "container 'fetch-model': CrashLoopBackOff: it ended 2 times, at last with exit code 1 (Error): digest is 'sha256:b', must be 'sha256:a'",
  );
  await expectUnchanged(model);
});

test('pods for which there is no node end it, once a node had time to start', async () => {
  // GIVEN
  const model = await serving1({ resources: NOWHERE });
  await model.widenQuota();

  // WHEN
  const execution = await model.ask({ version: '2' });

  // THEN
  expect(execution.error).toBe('ReleaseUndone');
  expect(execution.cause).toMatch(/Pod 'rain-v2-[^']*' finds no node \(FailedScheduling\): 0\/3 nodes are available/);
  await expectUnchanged(model);
});

test('a quota that is used up ends it with what it has', async () => {
  // GIVEN
  const model = await serving1({ replicas: 40 });

  // WHEN
  const execution = await model.ask({ version: '2' });

  // THEN
  expect(execution.error).toBe('ReleaseUndone');
  expect(execution.cause).toMatch(/its pods are refused \(FailedCreate\): .*exceeded quota: model/);
  await expectUnchanged(model);
});

test('an admission that denies ends it with its words', async () => {
  // GIVEN
  const model = await serving1();
  await model.deny('2', "no Tuesday's models");

  // WHEN
  const execution = await model.ask({ version: '2' });

  // THEN
  expect(execution.error).toBe('ReleaseUndone');
  expect(execution.cause).toContain(`could not apply Deployment '${model.namespace}/rain-v2-`);
  expect(execution.cause).toContain("no Tuesday's models");
  await expectUnchanged(model);
});

test('a namespace that is gone ends it with its name', async () => {
  // GIVEN
  const model = await ReleasedModel.begin();
  await model.administrator.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: model.namespace } });
  await eventually(
    () => model.administrator.get({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: model.namespace } }),
    found => found === undefined,
  );
  model.register('1');

  // WHEN its rights are gone with it
  const execution = await model.ask({ version: '1' });

  // THEN
  expect(execution.status).toBe('FAILED');
  expect(execution.cause).toContain(`in the namespace "${model.namespace}"`);
  expect(model.world.state().lockOwner).toBeUndefined();
});

test('a Deployment that somebody else made under the name is not taken over', async () => {
  // GIVEN
  const model = await serving1();
  const { id } = await model.target.prepare(await model.packaged('2'));
  const reference = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: id, namespace: model.namespace } };
  const byHand = { spec: { template: { spec: { terminationGracePeriodSeconds: 90 } } } };
  await model.administrator.mergePatch(reference, byHand, { fieldManager: 'kubectl-edit' });

  // WHEN
  const execution = await model.ask({ version: '2' });

  // THEN
  expect(execution.cause).toContain(
    "field '.spec.template.spec.terminationGracePeriodSeconds' is owned by 'kubectl-edit'",
  );
  await expectUnchanged(model);
});
