import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  type DesiredWeightAndCapacity,
  UpdateEndpointCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { LocalTestCloud, refusal, ROLE, SERVER } from '../local-test-cloud';

jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(async () => {
  await cloud.start({ instanceQuota: 12 });
  const variant = { InitialInstanceCount: 1, InstanceType: 'ml.m5.large' as const };
  await cloud.createConfig('1');
  await cloud.createConfig('2');
  await cloud.client.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'both',
      ProductionVariants: [
        { ...variant, VariantName: 'a', ModelName: 'rain-v1', InitialVariantWeight: 1 },
        { ...variant, VariantName: 'b', ModelName: 'rain-v2', InitialVariantWeight: 0 },
      ],
    }),
  );
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'rain', EndpointConfigName: 'both' }));
  await cloud.settled('rain');
});
afterAll(() => cloud.stop());

const change = (...DesiredWeightsAndCapacities: DesiredWeightAndCapacity[]) =>
  cloud.client.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({ EndpointName: 'rain', DesiredWeightsAndCapacities }),
  );
const describe = (): Promise<DescribeEndpointCommandOutput> =>
  cloud.client.send(new DescribeEndpointCommand({ EndpointName: 'rain' }));

async function answers(count: number): Promise<Record<string, unknown>[]> {
  return Promise.all(
    Array.from({ length: count }, async () => {
      const { Body } = await cloud.runtime.send(
        new InvokeEndpointCommand({ EndpointName: 'rain', Body: '{"sleep":100}', ContentType: 'application/json' }),
      );
      return JSON.parse(Buffer.from(Body).toString()) as Record<string, unknown>;
    }),
  );
}

test('weights move the traffic without another configuration', async () => {
  // GIVEN
  expect(new Set((await answers(5)).map(({ version }) => version))).toEqual(new Set(['1']));

  // WHEN
  await change({ VariantName: 'a', DesiredWeight: 0 }, { VariantName: 'b', DesiredWeight: 1 });
  const settled = await cloud.settled('rain');

  // THEN
  expect(new Set((await answers(5)).map(({ version }) => version))).toEqual(new Set(['2']));
  expect(settled).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'both',
    ProductionVariants: [
      { VariantName: 'a', CurrentWeight: 0, DesiredWeight: 0 },
      { VariantName: 'b', CurrentWeight: 1, DesiredWeight: 1 },
    ],
  });
});

test('more instances share the requests, fewer go on answering', async () => {
  // WHEN
  await change({ VariantName: 'b', DesiredInstanceCount: 3 });
  const during = await describe();
  const after = await cloud.settled('rain');

  // THEN
  expect(during).toMatchObject({
    EndpointStatus: 'Updating',
    ProductionVariants: [{}, { CurrentInstanceCount: 1, DesiredInstanceCount: 3 }],
  });
  expect(after.ProductionVariants?.[1]).toMatchObject({ CurrentInstanceCount: 3, DesiredInstanceCount: 3 });
  expect(new Set((await answers(9)).map(({ pid }) => pid)).size).toBe(3);

  // WHEN requests are under way while two of the three go
  const underWay = answers(9);
  await change({ VariantName: 'b', DesiredInstanceCount: 1 });
  await cloud.settled('rain');

  // THEN
  expect((await underWay).map(({ version }) => version)).toEqual(Array(9).fill('2'));
  expect(new Set((await answers(4)).map(({ pid }) => pid)).size).toBe(1);
});

test('an update keeps what was changed where it retains the variants’ properties', async () => {
  // GIVEN
  await change({ VariantName: 'b', DesiredInstanceCount: 2 });
  await cloud.settled('rain');

  // WHEN
  await cloud.client.send(
    new UpdateEndpointCommand({ EndpointName: 'rain', EndpointConfigName: 'both', RetainAllVariantProperties: true }),
  );

  // THEN
  expect((await cloud.settled('rain')).ProductionVariants).toMatchObject([
    { CurrentWeight: 0, CurrentInstanceCount: 1 },
    { CurrentWeight: 1, CurrentInstanceCount: 2 },
  ]);
});

test('no second change while one is under way', async () => {
  await change({ VariantName: 'b', DesiredInstanceCount: 1 });
  expect(await refusal(change({ VariantName: 'b', DesiredInstanceCount: 2 }))).toMatchObject({
    message: 'Cannot update in-progress endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/rain".',
  });
  await cloud.settled('rain');
});

test('an endpoint is gone only when the instances that were to go have answered, too', async () => {
  // GIVEN a short request on the instance that stays, and a long one on that which goes
  await cloud.createConfig('3', 2);
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'leaving', EndpointConfigName: 'rain-v3' }));
  await cloud.settled('leaving');
  let answered = 0;
  const ask = async (ms: number): Promise<void> => {
    await cloud.runtime.send(new InvokeEndpointCommand({ EndpointName: 'leaving', Body: `{"sleep":${ms}}` }));
    answered++;
  };
  const short = ask(400);
  await sleep(100);
  const long = ask(2000);
  await sleep(100);
  await cloud.client.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: 'leaving',
      DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount: 1 }],
    }),
  );
  await cloud.settled('leaving');

  // WHEN
  await cloud.client.send(new DeleteEndpointCommand({ EndpointName: 'leaving' }));
  await cloud.until(
    () => refusal(cloud.settled('leaving')).catch(() => undefined),
    gone => gone?.message.startsWith('Could not find endpoint') === true,
  );

  // THEN
  expect(answered).toBe(2);
  await Promise.all([short, long]);
  expect(readdirSync(join(cloud.folder, 'work', 'endpoints', '000000000000', 'us-east-1'))).toEqual(['rain.2']);
});

test('what a failed download leaves goes with it', async () => {
  cloud.aws.put('artifacts/broken.tar.gz', 'no archive');
  await cloud.client.send(
    new CreateModelCommand({
      ModelName: 'broken',
      ExecutionRoleArn: ROLE,
      PrimaryContainer: { Image: SERVER, ModelDataUrl: 's3://artifacts/broken.tar.gz' },
    }),
  );
  const on = { InitialInstanceCount: 1, InstanceType: 'ml.m5.large' as const };
  await cloud.client.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'broken',
      ProductionVariants: [
        { ...on, VariantName: 'a', ModelName: 'rain-v1' },
        { ...on, VariantName: 'b', ModelName: 'broken' },
      ],
    }),
  );
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'broken', EndpointConfigName: 'broken' }));
  expect((await cloud.settled('broken')).FailureReason).toMatch(/^Failed to download model data .* variant b /);
  expect(readdirSync(join(cloud.folder, 'work', 'endpoints', '000000000000', 'us-east-1'))).toEqual(['rain.2']);
});

test.each([
  ['a variant that is not there', [{ VariantName: 'c', DesiredWeight: 1 }], /Could not find variant "c" .* "a", "b"$/],
  ['no instance at all', [{ VariantName: 'a', DesiredInstanceCount: 0 }], /must be at least 1, got 0$/],
  ['one variant twice', [{ VariantName: 'a' }, { VariantName: 'a' }], /variant 'a' is given twice/],
  ['more than the quota', [{ VariantName: 'a', DesiredInstanceCount: 50 }], /service limit .* request delta of 49/],
])('%s is refused, and the endpoint stays as it is', async (_, changes, message) => {
  const refused = await refusal(change(...changes));
  expect(refused.message).toMatch(message);
  expect((await describe()).EndpointStatus).toBe('InService');
});
