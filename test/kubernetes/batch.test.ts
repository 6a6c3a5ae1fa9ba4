import { Batches } from '../../lambda/batch-inference/batches';
import type { BatchRequest, StartBatch } from '../../lambda/shared/batch-contract';
import type { EksServingSettings } from '../../lambda/shared/contracts';
import type { KubernetesClient } from '../../lambda/shared/kubernetes-client';
import type { KubernetesObject } from '../../lambda/shared/kubernetes-object';
import {
  type ModelNamespaceProps,
  namespacedObjects,
  namespaceLabels,
} from '../../constructs/serving/kubernetes/model-namespace';
import { batchSettings, BatchWorld, REQUEST } from '../lambda/batch-inference/support';
import { clientAs, deployment, eventually, newNamespace, removeNamespaces } from './support/cluster';
import { inNamespace, KUBECTL } from './support/released-model';

jest.setTimeout(60_000);
afterAll(removeNamespaces);

const JOB = { apiVersion: 'batch/v1', kind: 'Job' };
const POD = { apiVersion: 'v1', kind: 'Pod' };
const MANAGER = { fieldManager: 'mlops-batch' };
const NAMESPACE_PROPS = {
  environmentName: 'dev',
  modelName: 'rain',
  cluster: { kubernetesVersion: '1.36', vpcCidrs: ['10.0.0.0/16'], callerCidrs: ['10.0.0.0/16'] },
  resources: { cpuMillis: 100, memoryMebibytes: 64, gpus: 0, modelMebibytes: 64 },
  maxReplicas: 1,
  batchPods: 2,
  clientNamespaces: [],
} as unknown as ModelNamespaceProps;

/** The cluster stays real; registry, ledger and template are given. */
class RealCluster extends BatchWorld {
  constructor(
    namespace: string,
    private readonly client: KubernetesClient,
  ) {
    super();
    this.given = batchSettings(namespace);
  }
  override cluster() {
    return this.client;
  }
  /** No node takes its pods, or they would end by themselves: how they end is the tests' to tell. */
  override async template(settings: EksServingSettings): Promise<string> {
    const [job] = JSON.parse(await super.template(settings)) as { spec: { template: { spec: object } } }[];
    Object.assign(job.spec.template.spec, { nodeSelector: { 'mlops/test': 'nowhere' } });
    return JSON.stringify([job]);
  }
}

const administrator = clientAs();
const batch = clientAs({ name: 'batch-function', groups: ['mlops-dev-batch'] });
let namespace: string;
let batches: Batches;

/** The namespace of a model with batches, as the CDK makes it. */
beforeEach(async () => {
  namespace = await newNamespace(namespaceLabels(NAMESPACE_PROPS));
  for (const object of Object.values(namespacedObjects(NAMESPACE_PROPS))) {
    await administrator.apply(inNamespace(object, namespace), KUBECTL);
  }
  batches = new Batches(new RealCluster(namespace, batch));
});

function jobs(): Promise<KubernetesObject[]> {
  return administrator.list(JOB, { namespace });
}

/** What becomes of a pod is told by its node; nothing here is one that runs it. */
async function tell(pod: KubernetesObject, status: object): Promise<void> {
  const { name } = pod.metadata;
  await administrator.send({
    method: 'PATCH',
    path: `/api/v1/namespaces/${namespace}/pods/${name}/status`,
    description: `tell how Pod '${name}' is`,
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ status }),
  });
}

function exit(exitCode: number, message: string): object {
  const at = new Date().toISOString();
  const terminated = {
    exitCode,
    reason: exitCode === 0 ? 'Completed' : 'Error',
    message,
    startedAt: at,
    finishedAt: at,
  };
  const status = { name: 'batch', image: 'i', imageID: '', ready: false, restartCount: 0, state: { terminated } };
  return { phase: exitCode === 0 ? 'Succeeded' : 'Failed', containerStatuses: [status] };
}

async function start(request: Partial<StartBatch> = {}) {
  const answer = await batches.answer({ ...REQUEST, ...request });
  if (answer.outcome === 'refused') throw new Error(answer.reason);
  return answer;
}

function pods(job: string, count: number): Promise<KubernetesObject[]> {
  return eventually(
    () => administrator.list(POD, { namespace, labels: { 'batch.kubernetes.io/job-name': job } }),
    found => found.length >= count,
  );
}

function look(job: string) {
  return batches.answer({ action: 'look', model: 'rain', job } satisfies BatchRequest);
}

describe('a batch', () => {
  test('is a Job that the API server takes, with pods that the restricted profile lets in, by the rights of its role', async () => {
    const { outcome, batch: made } = await start();

    expect(outcome).toBe('started');
    expect(await pods(made.job, 2)).toHaveLength(2);
    expect([...batch.warnings]).toEqual([]);
    expect(await look(made.job)).toMatchObject({ outcome: 'seen', batch: { state: 'active', version: '2' } });
  });

  test('that is asked for twice is one Job', async () => {
    const first = await start();
    const second = await start();

    expect(second).toMatchObject({ outcome: 'exists', batch: { job: first.batch.job } });
    expect(await jobs()).toHaveLength(1);
    await start({ requestId: 'two' });
    expect(await jobs()).toHaveLength(2);
  });

  test('that two ask for at the same moment is one Job', async () => {
    const [one, other] = await Promise.all([start(), start()]);

    expect(one.batch.job).toBe(other.batch.job);
    expect(await jobs()).toHaveLength(1);
  });

  test('succeeds when each of its parts did', async () => {
    const { job } = (await start()).batch;
    for (const pod of await pods(job, 2)) await tell(pod, exit(0, 'done'));

    const seen = await eventually(
      () => look(job),
      answer => 'batch' in answer && answer.batch.state !== 'active',
    );
    expect(seen).toMatchObject({ batch: { state: 'succeeded', detail: '2 of 2 parts done' } });
  });

  test('fails with the words of the pod that could not go on', async () => {
    const { job } = (await start()).batch;
    const [bad, good] = await pods(job, 2);
    await tell(good, exit(0, 'done'));
    // 42: another try is in vain
    await tell(bad, exit(42, "'s3://lake/rain/in/a.csv', of the lines after 1: bad row"));

    const seen = await eventually(
      () => look(job),
      answer => 'batch' in answer && answer.batch.state !== 'active',
    );
    expect(seen).toMatchObject({
      batch: {
        state: 'failed',
        detail: expect.stringMatching(
          /^FailedIndexes: .*; Pod '.*', container 'batch', ended with exit code 42 \(Error\): 's3:\/\/lake\/rain\/in\/a.csv', of the lines after 1: bad row$/,
        ) as unknown,
      },
    });
  });

  test('waits while another has its room, says so, and takes none from a version', async () => {
    await pods((await start()).batch.job, 2);
    const second = (await start({ requestId: 'two' })).batch.job;

    const seen = await eventually(
      () => look(second),
      answer => 'batch' in answer && answer.batch.detail.includes('exceeded quota'),
    );
    expect(seen).toMatchObject({ batch: { state: 'active', detail: expect.stringContaining('batch') as unknown } });
    await administrator.apply(deployment(namespace, 'version', 4), KUBECTL);
    const version = await eventually(
      () => administrator.list(POD, { namespace, labels: { app: 'version' } }),
      found => found.length === 4,
    );
    // all that the quota of the model has beside a batch
    expect(version).toHaveLength(4);
  });
});

describe('rights', () => {
  const object = (apiVersion: string, kind: string, within = namespace): KubernetesObject => ({
    apiVersion,
    kind,
    metadata: { name: 'nobody', namespace: within },
  });

  test.each<[string, () => Promise<unknown>]>([
    ['delete a Job', () => batch.delete(object('batch/v1', 'Job'))],
    ['list Jobs', () => batch.list(JOB, { namespace })],
    ['make a Deployment', () => batch.apply(object('apps/v1', 'Deployment'), MANAGER)],
    ['move traffic', () => batch.mergePatch(object('v1', 'Service'), {}, MANAGER)],
    ['run a pod of its own', () => batch.apply(object('v1', 'Pod'), MANAGER)],
    ['read a secret', () => batch.get(object('v1', 'Secret'))],
    ['lift the quota', () => batch.mergePatch(object('v1', 'ResourceQuota'), {}, MANAGER)],
    ['give itself rights', () => batch.apply(object('rbac.authorization.k8s.io/v1', 'Role'), MANAGER)],
    ['make a Job in another namespace', () => batch.apply(object('batch/v1', 'Job', 'default'), MANAGER)],
  ])('the role may not %s', async (_, act) => {
    await expect(act()).rejects.toMatchObject({ reason: 'Forbidden', message: expect.stringContaining('cannot') });
  });

  test.each(['mlops-dev-release', 'mlops-dev-collector', 'mlops-prod-batch'])(
    'nobody of %s makes a Job',
    async group => {
      batches = new Batches(new RealCluster(namespace, clientAs({ name: 'other', groups: [group] })));
      expect(await batches.answer(REQUEST)).toMatchObject({
        outcome: 'refused',
        reason: expect.stringContaining('cannot get resource "jobs"') as unknown,
      });
    },
  );

  test('are missing where the model has no batches', async () => {
    const bare = await newNamespace(namespaceLabels(NAMESPACE_PROPS));
    for (const each of Object.values(namespacedObjects({ ...NAMESPACE_PROPS, batchPods: 0 }))) {
      await administrator.apply(inNamespace(each, bare), KUBECTL);
    }
    batches = new Batches(new RealCluster(bare, batch));
    expect(await batches.answer(REQUEST)).toMatchObject({
      outcome: 'refused',
      reason: expect.stringContaining('cannot get resource "jobs"') as unknown,
    });
  });
});
