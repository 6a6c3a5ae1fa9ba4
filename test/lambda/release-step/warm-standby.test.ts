/** The target on the local SageMaker: what it says of a warm standby is what SageMaker would make of it. */
import {
  DescribeEndpointCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
  type DescribeEndpointCommandOutput,
} from '@aws-sdk/client-sagemaker';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { TargetBusyError } from '../../../lambda/release-step/errors';
import type { PackagedVersion } from '../../../lambda/release-step/ports';
import { SageMakerTarget } from '../../../lambda/release-step/sagemaker-target';
import type { Deployment, ShiftPolicy } from '../../../lambda/release-step/serving-target';
import type { ServingSettings } from '../../../lambda/shared/contracts';
import { LocalTestCloud, ROLE } from '../../local-cloud/sagemaker/local-test-cloud';
import { SETTINGS } from './support/world';

jest.setTimeout(60_000);

const WARM: ServingSettings = {
  ...SETTINGS,
  roleArn: ROLE,
  instanceCount: 2,
  inferenceLogStreamName: '',
  shift: { type: 'ALL_AT_ONCE', stepPercent: 100, waitSeconds: 0, terminationWaitSeconds: 0, maxExecutionSeconds: 600 },
  guardrailAlarmNames: [],
  warmStandbySeconds: 3600,
};
const FORWARD: ShiftPolicy = { ...WARM.shift, alarmNames: [] };
const BACK: ShiftPolicy = { ...FORWARD, back: true };
const ACTIVATED = { activatedAt: '2026-11-24T00:00:00.000Z' };
const WITHIN = { ...ACTIVATED, now: new Date('2026-11-24T00:59:59.000Z') };
const AFTER = { ...ACTIVATED, now: new Date('2026-11-24T01:00:00.000Z') };

const cloud = new LocalTestCloud();
let endpoints = 0;
const models: Model[] = [];

beforeAll(async () => {
  await cloud.start({ images: join(__dirname, 'support', 'answering', 'images.json'), instanceQuota: 30 });
  await cloud.putModel('artifacts/model.tar.gz', 'a model');
});
afterAll(() => cloud.stop());
afterEach(async () => {
  await Promise.all(models.splice(0).map(model => model.remove()));
});

/** A model with an endpoint of its own. */
class Model {
  readonly target: SageMakerTarget;
  private readonly scaling = { register: () => Promise.resolve(), deregister: () => Promise.resolve() };

  constructor(readonly settings: ServingSettings = { ...WARM, endpointName: `mlops-local-m${++endpoints}` }) {
    this.target = new SageMakerTarget(
      { sagemaker: cloud.client, runtime: cloud.runtime, scaling: this.scaling },
      settings,
      [],
    );
    models.push(this);
  }

  /** Gives its instances back once it may go. */
  async remove(): Promise<void> {
    await cloud.until(
      () => this.target.current(),
      ({ state, busy }) => state !== 'moving' && busy !== true,
    );
    await this.target.withdraw();
  }

  /** The same model after a deploy of other settings. */
  with(changed: Partial<ServingSettings>): Model {
    return new Model({ ...this.settings, ...changed });
  }

  prepare(version: string, previous?: Deployment): Promise<Deployment> {
    const packaged: PackagedVersion = {
      model: 'rain',
      version,
      arn: `arn:package/${version}`,
      approval: 'Approved',
      image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/test/answering:1',
      artifactUri: 's3://artifacts/model.tar.gz',
      environment: {},
    };
    return this.target.prepare(packaged, previous);
  }

  /** Makes a version serve, as a release does. */
  async serve(version: string, policy: ShiftPolicy = FORWARD): Promise<Deployment> {
    const { deployment: previous } = await this.target.current();
    const deployment = await this.prepare(version, policy.back === true ? undefined : previous);
    await this.target.shift(deployment, policy);
    await this.settled();
    return deployment;
  }

  describe(): Promise<DescribeEndpointCommandOutput> {
    return cloud.client.send(new DescribeEndpointCommand({ EndpointName: this.settings.endpointName }));
  }

  settled(): Promise<DescribeEndpointCommandOutput> {
    return cloud.settled(this.settings.endpointName);
  }

  /** Weight and instances of each variant. */
  async variants(): Promise<Record<string, string>> {
    const { ProductionVariants: variants = [] } = await this.settled();
    return Object.fromEntries(
      variants.map(({ VariantName, CurrentWeight, CurrentInstanceCount }) => [
        VariantName ?? '',
        `weight ${CurrentWeight ?? ''}, instances ${CurrentInstanceCount ?? ''}`,
      ]),
    );
  }

  /** Versions that a number of real predictions name. */
  async answers(deployment: Deployment): Promise<string> {
    const { detail } = await this.target.verify(deployment, { id: 'mlops-probe-rain-1', instance: { temp: 1 } });
    return detail;
  }

  change(variant: string, changed: { DesiredInstanceCount?: number; DesiredWeight?: number }): Promise<unknown> {
    return cloud.client.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: this.settings.endpointName,
        DesiredWeightsAndCapacities: [{ VariantName: variant, ...changed }],
      }),
    );
  }
}

describe('a release', () => {
  test('of the first version holds the place of the standby with one instance', async () => {
    const model = new Model();
    const first = await model.serve('1');

    expect(await model.target.current()).toMatchObject({
      state: 'serving',
      deployment: { id: first.id, version: '1' },
    });
    expect(await model.variants()).toEqual({
      AllTraffic: 'weight 1, instances 2',
      Standby: 'weight 0, instances 1',
    });
    expect(await model.answers(first)).toBe('version 1 answered a prediction with 1');
  });

  test('keeps the version before it able to serve, with as many instances and none of the requests', async () => {
    // GIVEN
    const model = new Model();
    const first = await model.serve('1');

    // WHEN
    const second = await model.serve('2');

    // THEN
    expect(second.standby).toBe(first.id);
    expect(await model.target.current()).toMatchObject({
      state: 'serving',
      deployment: { id: second.id, version: '2' },
    });
    expect(await model.variants()).toEqual({
      AllTraffic: 'weight 1, instances 2',
      Standby: 'weight 0, instances 2',
    });
    for (let i = 0; i < 5; i++) expect(await model.answers(second)).toBe('version 2 answered a prediction with 1');
  });

  test('is guarded although the variants are two: their names stay the same', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2', { ...FORWARD, type: 'CANARY', stepPercent: 50 });
    expect((await model.describe()).LastDeploymentConfig).toMatchObject({
      BlueGreenUpdatePolicy: { TrafficRoutingConfiguration: { Type: 'CANARY' } },
    });
    expect(await model.target.current()).toMatchObject({ deployment: { version: '2' } });
  });

  test('of a crashing version leaves the one before it, and its standby, as they were', async () => {
    // GIVEN
    const model = new Model();
    await model.serve('1');
    const second = await model.serve('2');

    // WHEN
    const broken = await model.target.prepare(
      {
        model: 'rain',
        version: '3',
        arn: 'arn:package/3',
        approval: 'Approved',
        image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/test/answering:1',
        artifactUri: 's3://artifacts/model.tar.gz',
        environment: { BROKEN: 'yes' },
      },
      second,
    );
    await model.target.shift(broken, FORWARD);
    await model.settled();

    // THEN
    expect(await model.target.current()).toMatchObject({ state: 'serving', deployment: { id: second.id } });
    expect(await model.variants()).toMatchObject({ Standby: 'weight 0, instances 2' });
  });
});

describe('the way back', () => {
  test('is a change of weights: the same instances, no other config', async () => {
    // GIVEN
    const model = new Model();
    const first = await model.serve('1');
    await model.serve('2');
    const { EndpointConfigName: config } = await model.describe();

    // WHEN
    await model.target.shift(await model.prepare('1'), BACK);
    const during = await model.target.current();
    const { EndpointConfigName: configAfter } = await model.settled();

    // THEN
    expect(during).toMatchObject({ state: 'serving', busy: true });
    expect(configAfter).toBe(config);
    expect(await model.target.current()).toMatchObject({
      state: 'serving',
      deployment: { id: first.id, version: '1' },
    });
    expect(await model.answers(first)).toBe('version 1 answered a prediction with 1');
  });

  test('is brought to the variant that alarms and scaling look at afterwards, while it answers all the time', async () => {
    // GIVEN
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    const back = await model.serve('1', BACK);

    // WHEN
    await model.target.tidy();
    const during = await model.target.current();
    const answersDuring: string[] = [];
    while ((await model.target.current()).state === 'moving') {
      answersDuring.push(await model.answers(back));
      await pause(20);
    }

    // THEN
    expect(during).toMatchObject({ state: 'moving', deployment: { version: '1' }, towards: { id: back.id } });
    expect(new Set(answersDuring)).toEqual(new Set(['version 1 answered a prediction with 1']));
    expect(await model.variants()).toEqual({
      AllTraffic: 'weight 1, instances 2',
      Standby: 'weight 0, instances 1',
    });
    expect(await model.target.current()).toMatchObject({ state: 'serving', deployment: { id: back.id } });
  });

  test.each([
    [
      'the standby has fewer instances than serve',
      (model: Model) => model.change('Standby', { DesiredInstanceCount: 1 }),
    ],
    ['its time is over', (model: Model) => model.target.tend(AFTER)],
  ])('is a cold one when %s', async (_, cool) => {
    // GIVEN
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    await cool(model);
    expect(await model.variants()).toMatchObject({ Standby: 'weight 0, instances 1' });

    // WHEN
    const back = await model.serve('1', BACK);

    // THEN
    expect(await model.variants()).toEqual({
      AllTraffic: 'weight 1, instances 2',
      Standby: 'weight 0, instances 1',
    });
    expect(await model.target.current()).toMatchObject({ deployment: { id: back.id, version: '1' } });
    expect(await model.answers(back)).toBe('version 1 answered a prediction with 1');
  });

  test('is a cold one when the version would be made with other settings today', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    const back = await model.with({ instanceType: 'ml.c5.large' }).serve('1', BACK);
    expect(await model.target.current()).toMatchObject({ deployment: { id: back.id, version: '1' } });
    expect(await model.variants()).toMatchObject({ AllTraffic: 'weight 1, instances 2' });
  });

  test('is never taken by a release: that one is guarded', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    await model.serve('1');
    expect(await model.variants()).toEqual({
      AllTraffic: 'weight 1, instances 2',
      Standby: 'weight 0, instances 2',
    });
  });
});

describe('the standby', () => {
  test('goes down to the one instance that SageMaker demands when its time is over, and not before', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    await model.target.tend(WITHIN);
    expect(await model.variants()).toMatchObject({ Standby: 'weight 0, instances 2' });
    await model.target.tend(AFTER);
    expect(await model.variants()).toMatchObject({
      AllTraffic: 'weight 1, instances 2',
      Standby: 'weight 0, instances 1',
    });
  });

  test('goes down at once when it is not wanted any more', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    await model.with({ warmStandbySeconds: undefined }).target.tend(WITHIN);
    expect(await model.variants()).toMatchObject({ Standby: 'weight 0, instances 1' });
  });

  test('is left alone while it answers: its size is what serves', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    await model.serve('1', BACK);
    await model.target.tend(AFTER);
    expect(await model.variants()).toEqual({
      AllTraffic: 'weight 0, instances 2',
      Standby: 'weight 1, instances 2',
    });
  });

  test('follows what serves when that has scaled', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    await model.change('AllTraffic', { DesiredInstanceCount: 3 });
    await model.settled();
    await model.target.tend(WITHIN);
    expect(await model.variants()).toMatchObject({ Standby: 'weight 0, instances 3' });
  });

  test('is what the next release replaces, and nothing that it used goes while it is used', async () => {
    // GIVEN
    const model = new Model();
    const first = await model.serve('1');
    const second = await model.serve('2');

    // WHEN
    for (const deployment of await model.target.prepared()) await model.target.retire(deployment);
    const third = await model.serve('3');

    // THEN
    expect(third.standby).toBe(second.id);
    const exists = (name: string) => cloud.client.send(new DescribeModelCommand({ ModelName: name }));
    await expect(exists(first.id)).resolves.toBeDefined();

    // WHEN
    await model.target.retire(first);

    // THEN
    await expect(exists(first.id)).rejects.toThrow('Could not find model');
  });

  test('leaves nothing behind that a clean-up by names does not find', async () => {
    const model = new Model();
    await model.serve('1');
    await model.serve('2');
    const { EndpointConfigs: configs = [] } = await cloud.client.send(
      new ListEndpointConfigsCommand({ NameContains: model.settings.endpointName }),
    );
    const ours = new RegExp(`^${model.settings.endpointName}-v[12]-[0-9a-f]{8}$`);
    expect(configs.map(({ EndpointConfigName: name }) => name).filter(name => !ours.test(name ?? ''))).toEqual([]);
  });
});

describe('a change of the setting', () => {
  test('gives what serves the variants first, so that the release after it is guarded as well', async () => {
    // GIVEN
    const cold = new Model({ ...WARM, warmStandbySeconds: undefined, endpointName: `mlops-local-m${++endpoints}` });
    const first = await cold.serve('1');
    const warm = cold.with({ warmStandbySeconds: 3600 });
    const second = await warm.prepare('2', first);

    // WHEN
    await expect(warm.target.shift(second, FORWARD)).rejects.toThrow(TargetBusyError);
    const during = await warm.target.current();
    await warm.settled();

    // THEN
    expect(during).toMatchObject({ state: 'moving', deployment: { id: first.id }, towards: { id: first.id } });
    expect(await warm.target.current()).toMatchObject({ state: 'serving', deployment: { id: first.id, version: '1' } });

    // WHEN
    await warm.target.shift(second, FORWARD);
    await warm.settled();

    // THEN
    expect(await warm.target.current()).toMatchObject({ deployment: { id: second.id, version: '2' } });
    expect(await warm.variants()).toMatchObject({ Standby: 'weight 0, instances 2' });
  });

  test('takes the standby away when it is not wanted any more', async () => {
    const warm = new Model();
    await warm.serve('1');
    const second = await warm.serve('2');
    const cold = warm.with({ warmStandbySeconds: undefined });

    await cold.target.tidy();

    expect(await cold.variants()).toEqual({ AllTraffic: 'weight 1, instances 2' });
    expect(await cold.target.current()).toMatchObject({ state: 'serving', deployment: { id: second.id } });
  });
});

test('what a person moved by hand is told as what it is', async () => {
  const model = new Model();
  await model.serve('1');
  await model.serve('2');
  await model.change('Standby', { DesiredWeight: 1 });
  await model.settled();
  expect(await model.target.current()).toMatchObject({ state: 'serving', deployment: { version: 'unknown' } });
});
