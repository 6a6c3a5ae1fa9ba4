import { Batches } from '../../../lambda/batch-inference/batches';
import type { JobObject } from '../../../lambda/batch-inference/job-state';
import { ANNOTATIONS, isJobName, jobName, VERSION_LABEL } from '../../../lambda/batch-inference/job-names';
import type { BatchAnswer } from '../../../lambda/shared/batch-contract';
import type { AnyServingSettings } from '../../../lambda/shared/contracts';
import { KubernetesError } from '../../../lambda/shared/kubernetes-error';
import { LABELS } from '../../../constructs/serving/kubernetes/kubernetes-names';
import { BatchWorld, packaged, REQUEST } from './support';

let world: BatchWorld;
let batches: Batches;
beforeEach(() => {
  world = new BatchWorld();
  batches = new Batches(world);
});

/** Why a request was refused. */
async function refusal(request: Parameters<Batches['answer']>[0]): Promise<string> {
  const answer = await batches.answer(request);
  expect(answer.outcome).toBe('refused');
  expect(world.applied).toBe(0);
  return (answer as Extract<BatchAnswer, { outcome: 'refused' }>).reason;
}

test('the label of a version is that of the constructs', () => {
  expect(VERSION_LABEL).toBe(LABELS.version);
});

describe('a batch', () => {
  test('is predicted by the version that serves, and its Job says what was asked, and by whom', async () => {
    const answer = await batches.answer(REQUEST);

    const [job] = [...world.jobs.values()] as (JobObject & { spec: { template: { spec: unknown } } })[];
    expect(answer).toMatchObject({
      outcome: 'started',
      batch: { job: job.metadata.name, version: '2', state: 'active', requestedBy: 'ann', inputUri: REQUEST.inputUri },
    });
    expect(job.metadata.annotations).toEqual({
      [ANNOTATIONS.inputUri]: 's3://lake/rain/in/monday/',
      [ANNOTATIONS.outputUri]: 's3://lake/rain/out/monday/',
      [ANNOTATIONS.requestedBy]: 'ann',
    });
    expect(job.spec.template.spec).toMatchObject({
      initContainers: [
        { env: expect.arrayContaining([{ name: 'MODEL_ARTIFACT_DIGEST', value: `sha256:${'ab'.repeat(32)}` }]) },
      ],
      containers: [
        {
          image: 'registry/server@sha256:1',
          env: expect.arrayContaining([
            { name: 'BATCH_INPUT_URI', value: 's3://lake/rain/in/monday/' },
            { name: 'BATCH_OUTPUT_URI', value: 's3://lake/rain/out/monday/' },
            { name: 'MODEL_VERSION', value: '2' },
          ]),
        },
      ],
    });
    expect(JSON.stringify(job)).not.toContain('${mlops:');
  });

  test('is predicted by the version that is named', async () => {
    expect(await batches.answer({ ...REQUEST, version: '1' })).toMatchObject({ batch: { version: '1' } });
  });

  test('that is asked for twice begins once, though another version serves by then', async () => {
    await batches.answer(REQUEST);
    world.ledger = { current: '1' };

    expect(await batches.answer(REQUEST)).toMatchObject({ outcome: 'exists', batch: { version: '2' } });
    expect(world.applied).toBe(1);
  });

  test('is another one by another id, place or version', () => {
    const names = [
      REQUEST,
      { ...REQUEST, requestId: 'two' },
      { ...REQUEST, inputUri: 's3://lake/rain/in/tuesday/' },
      { ...REQUEST, outputUri: 's3://lake/rain/out/tuesday/' },
      { ...REQUEST, version: '2' },
    ].map(jobName);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every(name => isJobName('rain', name))).toBe(true);
  });

  test('has a name that leaves room for what its pods add', () => {
    const name = jobName({ ...REQUEST, model: 'a'.repeat(27) });
    // an index of a hundred, a hyphen before it, and a hyphen and five letters behind
    expect(`${name}-99-abcde`.length).toBeLessThanOrEqual(63);
  });
});

describe('fails to begin', () => {
  test.each([
    ['s3://lake/sun/in/', "'inputUri' is 's3://lake/sun/in/', must be 's3://lake/rain/in/' or a prefix in it"],
    ['s3://lake/rain/in', 'that ends with a slash'],
    ['s3://lake/rain/in/$(HOME)/', "has none of '*', '?', '$'"],
    ['s3://lake/rain/in/\nX=1/', 'must be'],
  ])('with the input %j', async (inputUri, reason) => {
    expect(await refusal({ ...REQUEST, inputUri })).toContain(reason);
  });

  test('with an output elsewhere', async () => {
    expect(await refusal({ ...REQUEST, outputUri: 's3://other/rain/out/' })).toContain(
      "'outputUri' is 's3://other/rain/out/', must be 's3://lake/rain/out/'",
    );
  });

  test('with an output that would be an input', async () => {
    const { batch, ...settings } = world.given as Extract<typeof world.given, { target: 'eks' }>;
    world.given = { ...settings, batch: batch && { ...batch, inputUri: 's3://lake/rain/', outputUri: 's3://lake/' } };
    expect(await refusal({ ...REQUEST, inputUri: 's3://lake/rain/', outputUri: 's3://lake/rain/again/' })).toContain(
      'whose files are predicted',
    );
  });

  test('while nothing serves', async () => {
    world.ledger = {};
    expect(await refusal(REQUEST)).toBe("no version of 'rain' serves here, so none predicts");
  });

  test('with a version that is not recorded', async () => {
    world.packages.push(packaged('3'));
    expect(await refusal({ ...REQUEST, version: '3' })).toContain(
      "version 3 of 'rain' is not recorded in this environment",
    );
  });

  test('with a version in quarantine', async () => {
    world.records[0] = { version: '1', status: 'quarantined', at: 'yesterday', by: 'bob', reason: 'wrong' };
    expect(await refusal({ ...REQUEST, version: '1' })).toBe(
      "version 1 of 'rain' is quarantined since yesterday by bob: wrong",
    );
  });

  test('with a version that was rejected, or is gone from the registry', async () => {
    world.packages = [packaged('2', { approval: 'Rejected' })];
    expect(await refusal(REQUEST)).toContain('is Rejected in the registry');
    world.packages = [];
    expect(await refusal(REQUEST)).toContain("version 2 of 'rain' is not in the registry");
  });

  test('of a model without batches, on SageMaker, or not there', async () => {
    const { batch, ...others } = world.given as Extract<typeof world.given, { target: 'eks' }>;
    expect(batch).toBeDefined();
    world.given = others;
    expect(await refusal(REQUEST)).toContain("'rain' predicts no files");
    world.given = { target: 'sagemaker' } as AnyServingSettings;
    expect(await refusal(REQUEST)).toContain("'rain' serves on SageMaker");
    world.given = undefined;
    expect(await refusal(REQUEST)).toContain("there is no model 'rain'");
  });

  test('where the cluster refuses it, in its words; what another try may mend is an error', async () => {
    const answering = (status: number, body: object) => {
      const cluster = world.cluster();
      const apply = () => Promise.reject(new KubernetesError('apply Job', status, JSON.stringify(body)));
      batches = new Batches(
        Object.assign(Object.create(world) as BatchWorld, { cluster: () => ({ ...cluster, apply }) }),
      );
    };
    answering(403, { reason: 'Forbidden', message: 'jobs.batch is forbidden' });
    expect(await refusal(REQUEST)).toContain('jobs.batch is forbidden');
    answering(500, { message: 'etcd is down' });
    await expect(batches.answer(REQUEST)).rejects.toThrow('etcd is down');
  });
});

describe('a look', () => {
  test('tells of the Job of that name', async () => {
    await batches.answer(REQUEST);
    const job = jobName(REQUEST);
    expect(await batches.answer({ action: 'look', model: 'rain', job })).toMatchObject({
      outcome: 'seen',
      batch: { job, state: 'active', detail: '0 of 2 parts done' },
    });
  });

  test.each([
    ['rain-batch-0123456789ab', "there is no batch 'rain-batch-0123456789ab' of 'rain'"],
    ['snow-batch-0123456789ab', "'job' is 'snow-batch-0123456789ab', must be the name of a batch of 'rain'"],
    ['../../secrets/x', "'job' is '../../secrets/x'"],
  ])('fails with %s', async (job, reason) => {
    expect(await refusal({ action: 'look', model: 'rain', job })).toContain(reason);
  });
});
