/** The target on the local SageMaker: a shadow gets copies, nobody gets its answers, and it goes before traffic moves. */
import { DescribeEndpointCommand, DescribeModelCommand } from '@aws-sdk/client-sagemaker';
import { join } from 'node:path';
import { TargetBusyError } from '../../../lambda/release-step/errors';
import { SageMakerTarget } from '../../../lambda/release-step/sagemaker-target';
import type { Deployment, Serving, ShiftPolicy } from '../../../lambda/release-step/serving-target';
import { LocalTestCloud, ROLE } from '../../local-cloud/sagemaker/local-test-cloud';
import { SHADOWED } from './support/world';

jest.setTimeout(60_000);

const SETTINGS = { ...SHADOWED, roleArn: ROLE, instanceCount: 2, inferenceLogStreamName: '', guardrailAlarmNames: [] };
const FORWARD: ShiftPolicy = {
  type: 'ALL_AT_ONCE',
  stepPercent: 100,
  waitSeconds: 0,
  terminationWaitSeconds: 0,
  maxExecutionSeconds: 600,
  alarmNames: [],
};

const cloud = new LocalTestCloud();
const scaling = { register: () => Promise.resolve(), deregister: () => Promise.resolve() };
let target: SageMakerTarget;
let endpoints = 0;
let endpointName: string;

beforeAll(async () => {
  await cloud.start({ images: join(__dirname, 'support', 'answering', 'images.json'), instanceQuota: 30 });
  await cloud.putModel('artifacts/model.tar.gz', 'a model');
});
afterAll(() => cloud.stop());
beforeEach(() => {
  endpointName = `mlops-local-s${++endpoints}`;
  target = new SageMakerTarget(
    { sagemaker: cloud.client, runtime: cloud.runtime, scaling },
    { ...SETTINGS, endpointName },
    [],
  );
});
afterEach(async () => {
  await rest();
  await target.withdraw();
});

function prepare(version: string): Promise<Deployment> {
  return target.prepare({
    model: 'rain',
    version,
    arn: `arn:package/${version}`,
    approval: 'Approved',
    image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/test/answering:1',
    artifactUri: 's3://artifacts/model.tar.gz',
    environment: {},
  });
}

function rest(): Promise<Serving> {
  return cloud.until(
    () => target.current(),
    ({ state, busy }) => state !== 'moving' && busy !== true,
  );
}

/** Version 1 serves, and version 2 shadows it. */
async function shadowed(): Promise<[Deployment, Deployment]> {
  const first = await prepare('1');
  await target.shift(first, FORWARD);
  await rest();
  const second = await prepare('2');
  await target.shadow(second);
  expect((await target.current()).towards ?? first).toMatchObject({ id: first.id });
  await rest();
  return [first, second];
}

test('a shadow stands beside what serves, with as many instances, and answers nobody', async () => {
  const [first, second] = await shadowed();
  expect(await target.current()).toMatchObject({ state: 'serving', deployment: first, shadow: second });
  const { ShadowProductionVariants: shadows } = await cloud.client.send(
    new DescribeEndpointCommand({ EndpointName: endpointName }),
  );
  expect(shadows).toMatchObject([{ VariantName: 'Shadow', CurrentInstanceCount: 2 }]);
  for (let i = 0; i < 5; i++) {
    expect(await target.verify(first, { id: 'mlops-probe-rain-1', instance: { temp: 1 } })).toMatchObject({
      detail: 'version 1 answered a prediction with 1',
    });
  }
});

test('the model of a shadow is in use, so it is not retired', async () => {
  const [, second] = await shadowed();
  await target.retire(second);
  await expect(cloud.client.send(new DescribeModelCommand({ ModelName: second.id }))).resolves.toBeDefined();
});

test('traffic moves forward by the policy once the shadow is gone', async () => {
  const [first, second] = await shadowed();
  await expect(target.shift(second, FORWARD)).rejects.toThrow(TargetBusyError);
  expect(await rest()).toEqual({ state: 'serving', deployment: first, instances: 2, reason: undefined });
  await target.shift(second, FORWARD);
  expect(await rest()).toMatchObject({ state: 'serving', deployment: second });
});

test('the way back is one movement, which ends the shadow', async () => {
  await shadowed();
  const old = await prepare('7');
  await target.shift(old, { ...FORWARD, back: true });
  expect(await rest()).toEqual({ state: 'serving', deployment: old, instances: 2, reason: undefined });
});

test('a shadow that is left is tidied away, and what serves stays as it was', async () => {
  const [first] = await shadowed();
  await target.tidy();
  expect(await rest()).toEqual({ state: 'serving', deployment: first, instances: 2, reason: undefined });
});

test('another version may shadow instead', async () => {
  const [first] = await shadowed();
  const third = await prepare('3');
  await target.shadow(third);
  expect(await rest()).toMatchObject({ deployment: first, shadow: third });
});

test('where nothing serves there is nothing to shadow', async () => {
  await expect(target.shadow(await prepare('1'))).rejects.toThrow(
    `endpoint '${endpointName}' serves nothing that a release made, so nothing can be shadowed`,
  );
});
