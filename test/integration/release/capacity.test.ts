/** Scaling and the warm standby through the deployed release machine, with the rights that it has. */
import {
  DescribeEndpointCommand,
  SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { LocalFault } from '../../../local-cloud/start';
import { clientOf } from '../local-cloud/stack';
import { Callers } from './callers';
import { RAIN, ReleaseCloud } from './release-cloud';

const SCALED = `endpoint/${RAIN}/variant/AllTraffic does not scale by itself: 1 to 4 instances, SageMakerVariantInvocationsPerInstance at 600`;

let releases: ReleaseCloud;
let sagemaker: SageMakerClient;

beforeAll(async () => {
  releases = await ReleaseCloud.start(join(__dirname, 'capacity-app.ts'));
  sagemaker = new SageMakerClient(clientOf(releases.cloud));
}, 180_000);

afterAll(() => releases.stop());

/** Weight and instances of each variant, once nothing changes any more. */
async function variants(): Promise<string[]> {
  for (;;) {
    const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: RAIN }));
    if (endpoint.EndpointStatus === 'InService') {
      return (endpoint.ProductionVariants ?? []).map(
        ({ VariantName: name, CurrentWeight: weight, CurrentInstanceCount: count }) =>
          `${name ?? ''}: weight ${weight ?? ''}, instances ${count ?? ''}`,
      );
    }
    await pause(50);
  }
}

/** What is registered to scale by itself, and how. */
async function scaling(): Promise<string[]> {
  const answer = await fetch(`${releases.cloud.endpoint}/_mlops/recorded`);
  const { resources } = (await answer.json()) as { resources: { type: string; logicalId: string; reason: string }[] };
  return resources
    .filter(({ type }) => type === 'AWS::ApplicationAutoScaling::ScalableTarget')
    .map(({ logicalId, reason }) => `${logicalId} ${reason}`);
}

test('the first version serves with its place for a standby, and scales by itself', async () => {
  const release = await releases.approve(await releases.register());
  expect(release).toMatchObject({
    outcome: 'succeeded',
    detail: 'version 1 serves; version 1 answered a prediction with 1',
  });
  expect(await variants()).toEqual(['AllTraffic: weight 1, instances 2', 'Standby: weight 0, instances 1']);
  expect(await scaling()).toEqual([SCALED]);
}, 120_000);

test('a release keeps the instances that the load made, and the version before as warm as that', async () => {
  // GIVEN
  await sagemaker.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: RAIN,
      DesiredWeightsAndCapacities: [{ VariantName: 'AllTraffic', DesiredInstanceCount: 3 }],
    }),
  );
  await variants();

  // WHEN
  const release = await releases.approve(await releases.register());

  // THEN
  expect(release).toMatchObject({
    outcome: 'succeeded',
    detail: expect.stringContaining('version 2 serves') as string,
  });
  expect(await variants()).toEqual(['AllTraffic: weight 1, instances 3', 'Standby: weight 0, instances 3']);
  expect(await scaling()).toEqual([SCALED]);
}, 120_000);

test('a rollback goes to the standby: it succeeds when no machine is to be had, and no prediction fails', async () => {
  // GIVEN
  await releases.cloud.faults.add({
    effect: 'capacity-error',
    resource: `*:endpoint/${RAIN}`,
    step: 'Creating',
    times: 'always',
  });
  const callers = new Callers(releases.cloud);
  callers.start();

  // WHEN
  const rollback = await releases.ask({
    action: 'rollback',
    version: '1',
    from: '2',
    requestedBy: 'alarm:drift',
    reason: 'drifted',
  });
  const after = await variants();
  await callers.stop();

  // THEN
  expect(rollback).toMatchObject({
    outcome: 'succeeded',
    detail: 'version 1 serves instead of version 2; version 1 answered a prediction with 1',
  });
  expect(callers.failures).toEqual([]);
  expect(callers.versions).toEqual(new Set(['1', '2']));
  expect(after).toEqual(['AllTraffic: weight 0, instances 3', 'Standby: weight 1, instances 3']);
  expect((await releases.ledger.state('rain')).current).toBe('1');
}, 120_000);

test('a version that lies is undone by its standby, and the one that served is at its usual place again', async () => {
  await releases.cloud.faults.clear();
  const release = await releases.approve(await releases.register({ LIE: '7' }));
  expect(release).toMatchObject({
    outcome: 'ReleaseUndone',
    detail: 'version 7 answered a prediction, not version 3; version 1 serves, as before',
  });
  expect((await variants())[0]).toBe('AllTraffic: weight 1, instances 3');
  expect(await scaling()).toEqual([SCALED]);
}, 120_000);

test.each<[string, Omit<LocalFault, 'action'>]>([
  ['its answer is lost', { effect: 'answer-lost' }],
  ['it is throttled', { effect: 'throttle', times: 2 }],
  ['the function dies before it', { effect: 'caller-killed', when: 'before' }],
  ['the function dies after it', { effect: 'caller-killed', when: 'after' }],
])(
  'a rollback to the standby comes to its end although %s',
  async (_, fault) => {
    // GIVEN
    const before = (await releases.ledger.state('rain')).current ?? '';
    const release = await releases.approve(await releases.register());
    expect(release).toMatchObject({ outcome: 'succeeded' });
    const { current = '' } = await releases.ledger.state('rain');
    expect((await variants())[1]).toBe('Standby: weight 0, instances 3');
    const callers = new Callers(releases.cloud);
    callers.start();
    await releases.cloud.faults.add({ ...fault, action: 'sagemaker:UpdateEndpointWeightsAndCapacities' });

    // WHEN
    const rollback = await releases.ask({
      action: 'rollback',
      version: before,
      from: current,
      requestedBy: 'ann',
      reason: 'not good',
    });
    const after = await variants();
    await callers.stop();
    await releases.cloud.faults.clear();

    // THEN
    expect(rollback).toMatchObject({ outcome: 'succeeded' });
    expect(callers.failures).toEqual([]);
    expect((await releases.ledger.state('rain')).current).toBe(before);
    expect(after[0]).toBe('AllTraffic: weight 1, instances 3');
  },
  180_000,
);

test('another instance type is no obstacle: what scales is taken off for the update, and registered again', async () => {
  // GIVEN
  await releases.deploy(`${join(__dirname, 'capacity-app.ts')} ml.c5.large`);

  // WHEN
  const release = await releases.approve(await releases.register());

  // THEN
  expect(release).toMatchObject({ outcome: 'succeeded' });
  expect((await variants())[0]).toBe('AllTraffic: weight 1, instances 3');
  expect(await scaling()).toEqual([SCALED]);
}, 120_000);

test('nothing scales any more that is gone', async () => {
  await releases.destroy('Model', join(__dirname, 'capacity-app.ts'));
  expect(await scaling()).toEqual([]);
  await expect(variants()).rejects.toThrow('Could not find endpoint');
}, 120_000);
