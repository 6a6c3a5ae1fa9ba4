import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  DeleteEndpointCommand,
  DeleteEndpointConfigCommand,
  DeleteModelCommand,
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  DescribeModelCommand,
  ListEndpointConfigsCommand,
  ListEndpointsCommand,
  ListModelsCommand,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { LocalTestCloud, refusal, ROLE, SERVER } from '../local-test-cloud';

// containers are processes, which a busy machine starts slowly
jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(() => cloud.start());
afterAll(() => cloud.stop());

async function create(endpoint: string, version: string): Promise<void> {
  const EndpointConfigName = await cloud.createConfig(version);
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName }));
  await cloud.settled(endpoint);
}

async function predict(endpoint: string, body: object = {}): Promise<Record<string, unknown>> {
  const answer = await cloud.runtime.send(
    new InvokeEndpointCommand({ EndpointName: endpoint, Body: JSON.stringify(body), ContentType: 'application/json' }),
  );
  return JSON.parse(Buffer.from(answer.Body).toString()) as Record<string, unknown>;
}

test('an endpoint serves the model of its configuration', async () => {
  // WHEN
  await create('serves', '1');

  // THEN
  expect(await cloud.client.send(new DescribeEndpointCommand({ EndpointName: 'serves' }))).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: 'rain-v1',
    ProductionVariants: [{ VariantName: 'main', CurrentWeight: 1, CurrentInstanceCount: 1, DesiredInstanceCount: 1 }],
    EndpointArn: 'arn:aws:sagemaker:us-east-1:000000000000:endpoint/serves',
  });
  expect(await predict('serves')).toMatchObject({ version: '1', model: 'model 1', contentType: 'application/json' });
  const told = await cloud.until(
    () => cloud.aws.told.events.filter(({ detail }) => detail.EndpointName === 'serves'),
    events => events.some(({ detail }) => detail.EndpointStatus === 'IN_SERVICE'),
  );
  expect(told.map(({ detailType, detail }) => [detailType, detail.EndpointStatus])).toEqual([
    ['SageMaker Endpoint State Change', 'CREATING'],
    ['SageMaker Endpoint Deployment State Change', 'CREATING'],
    ['SageMaker Endpoint State Change', 'IN_SERVICE'],
  ]);
});

test('no request fails while an update moves the traffic', async () => {
  // GIVEN
  await create('busy', '2');
  const config = await cloud.createConfig('3');
  const seen: unknown[] = [];
  let asking = true;
  const askers = Array.from({ length: 8 }, async () => {
    while (asking) {
      seen.push((await predict('busy', { sleep: 5 })).version);
    }
  });
  // one that the old fleet has not answered when the new one is there
  const slow = predict('busy', { sleep: 1500 });

  // WHEN
  await cloud.client.send(new UpdateEndpointCommand({ EndpointName: 'busy', EndpointConfigName: config }));
  const during = await cloud.client.send(new DescribeEndpointCommand({ EndpointName: 'busy' }));
  const after = await cloud.settled('busy');
  const last = await predict('busy');
  asking = false;
  await Promise.all(askers);

  // THEN
  expect(during).toMatchObject({
    EndpointStatus: 'Updating',
    EndpointConfigName: 'rain-v2',
    PendingDeploymentSummary: {
      EndpointConfigName: 'rain-v3',
      ProductionVariants: [{ VariantName: 'main', VariantStatus: [{ Status: 'Creating' }] }],
    },
  });
  expect(after).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'rain-v3' });
  expect(after.PendingDeploymentSummary).toBeUndefined();
  expect(last.version).toBe('3');
  expect(await slow).toMatchObject({ version: '2' });
  expect(new Set(seen)).toEqual(new Set(['2', '3']));
});

test('the process of the old fleet ends', async () => {
  // GIVEN
  await create('old', '4');
  const { pid } = await predict('old');

  // WHEN
  const EndpointConfigName = await cloud.createConfig('5');
  await cloud.client.send(new UpdateEndpointCommand({ EndpointName: 'old', EndpointConfigName }));
  await cloud.settled('old');

  // THEN
  await cloud.until(
    () => isRunning(Number(pid)),
    running => !running,
  );
});

test('an update to a version that does not start leaves the old one serving', async () => {
  // GIVEN
  await create('careful', '6');
  const EndpointConfigName = await cloud.createConfig('broken');

  // WHEN
  await cloud.client.send(new UpdateEndpointCommand({ EndpointName: 'careful', EndpointConfigName }));
  const after = await cloud.settled('careful');

  // THEN
  expect(after).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: 'rain-v6' });
  expect(after.FailureReason).toMatch(/did not pass the ping health check.*no module named sklearn/s);
  expect(await predict('careful')).toMatchObject({ version: '6' });
});

test('a new endpoint whose version does not start fails', async () => {
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'failed', EndpointConfigName: 'rain-vbroken' }));
  expect(await cloud.settled('failed')).toMatchObject({ EndpointStatus: 'Failed' });
  const update = new UpdateEndpointCommand({ EndpointName: 'failed', EndpointConfigName: 'rain-v6' });
  expect(await refusal(cloud.client.send(update))).toMatchObject({
    name: 'ValidationException',
    message: expect.stringContaining('DeleteEndpoint is the only operation') as string,
  });
  await cloud.client.send(new DeleteEndpointCommand({ EndpointName: 'failed' }));
});

test('a model server that dies is started again, and requests wait for it', async () => {
  // GIVEN
  await create('dying', '7');
  const { pid } = await predict('dying');

  // WHEN
  const fatal = await refusal(predict('dying', { die: true }));
  const next = await predict('dying');

  // THEN
  expect(fatal).toMatchObject({ name: 'ModelError', status: 424 });
  expect(fatal.message).toMatch(/^Received server error \(0\) from primary .* as the model process exited\./);
  expect(next.version).toBe('7');
  expect(next.pid).not.toBe(pid);
});

test('a model server that no longer listens is replaced, and requests wait for the next', async () => {
  // GIVEN
  await create('deaf', '20');
  const { pid } = await predict('deaf', { deafen: true });

  // WHEN
  const next = await predict('deaf');

  // THEN
  expect(next.version).toBe('20');
  expect(next.pid).not.toBe(pid);
  expect(isRunning(Number(pid))).toBe(false);
});

test('a deleted endpoint is gone with its processes', async () => {
  // GIVEN
  await create('deleted', '8');
  const { pid } = await predict('deleted');

  // WHEN
  await cloud.client.send(new DeleteEndpointCommand({ EndpointName: 'deleted' }));

  // THEN
  const described = await cloud.until(
    () => refusal(cloud.client.send(new DescribeEndpointCommand({ EndpointName: 'deleted' }))).catch(() => undefined),
    answer => answer !== undefined,
  );
  expect(described).toMatchObject({
    name: 'ValidationException',
    message: 'Could not find endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/deleted".',
  });
  expect(isRunning(Number(pid))).toBe(false);
  expect(await refusal(predict('deleted'))).toMatchObject({ name: 'ValidationError', status: 400 });
});

test('an update is refused while another goes on', async () => {
  await create('twice', '9');
  const update = new UpdateEndpointCommand({ EndpointName: 'twice', EndpointConfigName: 'rain-v9' });
  await cloud.client.send(update);
  const message = 'Cannot update in-progress endpoint "arn:aws:sagemaker:us-east-1:000000000000:endpoint/twice".';
  expect(await refusal(cloud.client.send(update))).toMatchObject({ name: 'ValidationException', message });
  const deletion = new DeleteEndpointCommand({ EndpointName: 'twice' });
  expect(await refusal(cloud.client.send(deletion))).toMatchObject({ name: 'ValidationException', message });
  await cloud.settled('twice');
});

test('weights share the traffic, and retained properties outlive an update', async () => {
  // GIVEN
  await cloud.createConfig('10');
  const variant = { InitialInstanceCount: 1, InstanceType: 'ml.m5.large' as const, ModelName: 'rain-v10' };
  const config = (EndpointConfigName: string, a: number, b: number): CreateEndpointConfigCommand =>
    new CreateEndpointConfigCommand({
      EndpointConfigName,
      ProductionVariants: [
        { ...variant, VariantName: 'a', InitialVariantWeight: a },
        { ...variant, VariantName: 'b', InitialVariantWeight: b },
      ],
    });
  await cloud.client.send(config('only-a', 1, 0));
  await cloud.client.send(config('only-b', 0, 1));
  const invoked = async (TargetVariant?: string): Promise<string | undefined> => {
    const { InvokedProductionVariant: name } = await cloud.runtime.send(
      new InvokeEndpointCommand({
        EndpointName: 'weights',
        Body: '{}',
        ...(TargetVariant !== undefined && { TargetVariant }),
      }),
    );
    return name;
  };

  // WHEN
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'weights', EndpointConfigName: 'only-a' }));
  await cloud.settled('weights');

  // THEN
  expect(new Set(await Promise.all(Array.from({ length: 20 }, () => invoked())))).toEqual(new Set(['a']));
  expect(await invoked('b')).toBe('b');
  expect(await refusal(invoked('c'))).toMatchObject({ name: 'ValidationError' });

  // WHEN
  await cloud.client.send(
    new UpdateEndpointCommand({
      EndpointName: 'weights',
      EndpointConfigName: 'only-b',
      RetainAllVariantProperties: true,
    }),
  );
  await cloud.settled('weights');

  // THEN
  expect(await invoked()).toBe('a');

  // WHEN
  await cloud.client.send(
    new UpdateEndpointCommand({
      EndpointName: 'weights',
      EndpointConfigName: 'only-b',
      RetainAllVariantProperties: true,
      ExcludeRetainedVariantProperties: [{ VariantPropertyType: 'DesiredWeight' }],
    }),
  );
  await cloud.settled('weights');

  // THEN
  expect(await invoked()).toBe('b');
});

test('lists what there is', async () => {
  const { Endpoints: endpoints } = await cloud.client.send(
    new ListEndpointsCommand({ NameContains: 'serve', StatusEquals: 'InService' }),
  );
  expect(endpoints?.map(({ EndpointName }) => EndpointName)).toEqual(['serves']);
  const { EndpointConfigs: configs } = await cloud.client.send(
    new ListEndpointConfigsCommand({ NameContains: 'only-' }),
  );
  expect(configs?.map(({ EndpointConfigName }) => EndpointConfigName)).toEqual(['only-b', 'only-a']);
  const { Models: models } = await cloud.client.send(
    new ListModelsCommand({ SortBy: 'Name', SortOrder: 'Ascending', MaxResults: 2 }),
  );
  expect(models?.map(({ ModelName }) => ModelName)).toEqual(['rain-v1', 'rain-v10']);
});

test('a configuration and a model are described and deleted', async () => {
  const config = await cloud.createConfig('11');
  expect(await cloud.client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: config }))).toMatchObject({
    ProductionVariants: [{ VariantName: 'main', InitialVariantWeight: 1 }],
  });
  expect(await cloud.client.send(new DescribeModelCommand({ ModelName: config }))).toMatchObject({
    ExecutionRoleArn: ROLE,
    PrimaryContainer: { Image: SERVER, Environment: { MODEL_VERSION: '11' } },
    EnableNetworkIsolation: false,
  });
  await cloud.client.send(new DeleteModelCommand({ ModelName: config }));
  const endpoint = new CreateEndpointCommand({ EndpointName: 'orphan', EndpointConfigName: config });
  expect(await refusal(cloud.client.send(endpoint))).toMatchObject({
    message: 'Could not find model "arn:aws:sagemaker:us-east-1:000000000000:model/rain-v11".',
  });
  await cloud.client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: config }));
  expect(await refusal(cloud.client.send(endpoint))).toMatchObject({
    message:
      'Could not find endpoint configuration "arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/rain-v11".',
  });
  const told = await cloud.until(
    () => cloud.aws.told.events.filter(({ detail }) => detail.EndpointConfigName === config),
    events => events.filter(({ detailType }) => detailType === 'SageMaker Endpoint Config State Change').length === 2,
  );
  expect(told[0]?.resources).toEqual(['arn:aws:sagemaker:us-east-1:000000000000:endpoint-config/rain-v11']);
});

test.each([
  [
    'an endpoint that is there',
    () => cloud.client.send(new CreateEndpointCommand({ EndpointName: 'serves', EndpointConfigName: 'rain-v1' })),
    /already existing endpoint/,
  ],
  [
    'a missing endpoint',
    () => cloud.client.send(new UpdateEndpointCommand({ EndpointName: 'none', EndpointConfigName: 'rain-v1' })),
    /Could not find endpoint/,
  ],
  [
    'model data that is not there',
    () =>
      cloud.client.send(
        new CreateModelCommand({
          ModelName: 'nothing',
          ExecutionRoleArn: ROLE,
          PrimaryContainer: { Image: SERVER, ModelDataUrl: 's3://artifacts/nothing.tar.gz' },
        }),
      ),
    /^Could not find model data at s3:\/\/artifacts\/nothing.tar.gz/,
  ],
  [
    'a model that is there',
    () =>
      cloud.client.send(
        new CreateModelCommand({ ModelName: 'rain-v1', ExecutionRoleArn: ROLE, PrimaryContainer: { Image: SERVER } }),
      ),
    /already existing model/,
  ],
])('fails for %s', async (_what, call: () => Promise<unknown>, message) => {
  const { name, message: text } = await refusal(call());
  expect(name).toBe('ValidationException');
  expect(text).toMatch(message);
});

test('fails for more instances than the quota', async () => {
  const EndpointConfigName = await cloud.createConfig('many', 30);
  const call = cloud.client.send(new CreateEndpointCommand({ EndpointName: 'many', EndpointConfigName }));
  expect(await refusal(call)).toMatchObject({
    name: 'ResourceLimitExceeded',
    message: expect.stringMatching(
      /^The account-level service limit 'ml.m5.large for endpoint usage' is 20 Instances/,
    ) as string,
  });
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
