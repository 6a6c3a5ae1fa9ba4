import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  type CreateEndpointConfigCommandInput,
  DeleteEndpointCommand,
  DescribeEndpointConfigCommand,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { LocalTestCloud, refusal } from '../local-test-cloud';

jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(async () => {
  await cloud.start();
  await cloud.createConfig('1');
  await cloud.createConfig('2');
});
afterAll(() => cloud.stop());

const on = { InitialInstanceCount: 1, InstanceType: 'ml.m5.large' as const };

function config(name: string, changed: Partial<CreateEndpointConfigCommandInput> = {}): CreateEndpointConfigCommand {
  return new CreateEndpointConfigCommand({
    EndpointConfigName: name,
    ProductionVariants: [{ ...on, VariantName: 'champion', ModelName: 'rain-v1' }],
    ShadowProductionVariants: [{ ...on, VariantName: 'challenger', ModelName: 'rain-v2' }],
    ...changed,
  });
}

async function create(name: string): Promise<void> {
  await cloud.client.send(config(name));
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: name, EndpointConfigName: name }));
  await cloud.settled(name);
}

async function versionOf(endpoint: string, body: object = {}): Promise<unknown> {
  const { Body } = await cloud.runtime.send(
    new InvokeEndpointCommand({ EndpointName: endpoint, Body: JSON.stringify(body), ContentType: 'application/json' }),
  );
  return (JSON.parse(Buffer.from(Body).toString()) as Record<string, unknown>).version;
}

/** Sum of a metric of a variant so far. */
function sumOf(endpoint: string, variant: string, metric: string): number {
  return cloud.aws.told.metrics
    .filter(({ MetricName, Dimensions }) => {
      const values = (Dimensions as { Value: string }[]).map(({ Value }) => Value);
      return MetricName === metric && values.includes(endpoint) && values.includes(variant);
    })
    .reduce((sum, { StatisticValues }) => sum + (StatisticValues.Sum ?? 0), 0);
}

test('a shadow gets a copy of each request, and its answers reach nobody', async () => {
  // GIVEN
  await create('shadowed');

  // WHEN
  const versions = await Promise.all(Array.from({ length: 10 }, () => versionOf('shadowed')));

  // THEN
  expect(new Set(versions)).toEqual(new Set(['1']));
  await cloud.until(
    () => sumOf('shadowed', 'challenger', 'Invocations'),
    copies => copies === 10,
  );
  expect(sumOf('shadowed', 'champion', 'Invocations')).toBe(10);
});

test('a shadow that fails or is slow is nobody’s fault', async () => {
  // GIVEN
  await create('failing');

  // WHEN the model of whichever variant gets the first request answers with an error
  const answers = await Promise.all([
    refusal(versionOf('failing', { status: 500 })),
    versionOf('failing'),
    versionOf('failing', { sleep: 50 }),
  ]);

  // THEN each variant counts its own failure
  expect(answers.slice(1)).toEqual(['1', '1']);
  await cloud.until(
    () => [
      sumOf('failing', 'champion', 'Invocation5XXErrors'),
      sumOf('failing', 'challenger', 'Invocation5XXErrors'),
      sumOf('failing', 'challenger', 'Invocations'),
    ],
    counts => counts.join() === '1,1,3',
  );
});

test('a shadow is described beside the production variant', async () => {
  expect(await cloud.settled('shadowed')).toMatchObject({
    ProductionVariants: [{ VariantName: 'champion', CurrentInstanceCount: 1 }],
    ShadowProductionVariants: [{ VariantName: 'challenger', CurrentWeight: 1, CurrentInstanceCount: 1 }],
  });
  expect(await cloud.client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: 'shadowed' }))).toMatchObject({
    ShadowProductionVariants: [{ VariantName: 'challenger', InitialVariantWeight: 1 }],
  });
});

test('with a weight of 0 it gets nothing more', async () => {
  // GIVEN
  await create('switched-off');
  await cloud.client.send(
    new UpdateEndpointWeightsAndCapacitiesCommand({
      EndpointName: 'switched-off',
      DesiredWeightsAndCapacities: [{ VariantName: 'challenger', DesiredWeight: 0 }],
    }),
  );
  await cloud.settled('switched-off');

  // WHEN
  await Promise.all(Array.from({ length: 5 }, () => versionOf('switched-off')));
  await cloud.until(
    () => sumOf('switched-off', 'champion', 'Invocations'),
    count => count === 5,
  );

  // THEN
  expect(sumOf('switched-off', 'challenger', 'Invocations')).toBe(0);
});

test('it is no target, and ends with its endpoint', async () => {
  const target = new InvokeEndpointCommand({ EndpointName: 'shadowed', Body: '{}', TargetVariant: 'challenger' });
  expect(await refusal(cloud.runtime.send(target))).toMatchObject({
    name: 'ValidationError',
    message: "Variant challenger was not found in the endpoint, it has 'champion'",
  });
  await cloud.client.send(new DeleteEndpointCommand({ EndpointName: 'shadowed' }));
  await cloud.until(
    () => refusal(cloud.settled('shadowed')).catch(() => undefined),
    gone => gone?.message.startsWith('Could not find endpoint') === true,
  );
});

test.each([
  [
    'two shadows',
    config('no', {
      ShadowProductionVariants: [
        { ...on, VariantName: 'a', ModelName: 'rain-v2' },
        { ...on, VariantName: 'b', ModelName: 'rain-v2' },
      ],
    }),
    /got 1 and 2$/,
  ],
  [
    'a shadow of two variants',
    config('no', {
      ProductionVariants: [
        { ...on, VariantName: 'a', ModelName: 'rain-v1' },
        { ...on, VariantName: 'b', ModelName: 'rain-v1' },
      ],
    }),
    /got 2 and 1$/,
  ],
  [
    'one name for both',
    config('no', { ShadowProductionVariants: [{ ...on, VariantName: 'champion', ModelName: 'rain-v2' }] }),
    /'champion' is given twice/,
  ],
  [
    'a missing model',
    config('no', { ShadowProductionVariants: [{ ...on, VariantName: 'challenger', ModelName: 'gone' }] }),
    /^Could not find model /,
  ],
])('%s is refused', async (_, command, message) => {
  expect(await refusal(cloud.client.send(command))).toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(message) as string,
  });
});
