import { CreateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, ModelError } from '@aws-sdk/client-sagemaker-runtime';
import { LocalTestCloud, refusal } from '../local-test-cloud';

// containers are processes, which a busy machine starts slowly
jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(async () => {
  await cloud.start();
  const EndpointConfigName = await cloud.createConfig('1', 2);
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'rain', EndpointConfigName }));
  await cloud.settled('rain');
});
afterAll(() => cloud.stop());

test('what the caller sends reaches the model, and its answer the caller', async () => {
  // WHEN
  const answer = await cloud.runtime.send(
    new InvokeEndpointCommand({
      EndpointName: 'rain',
      Body: '1,2,3',
      ContentType: 'text/csv',
      Accept: 'application/json',
      CustomAttributes: 'trace=1',
      InferenceId: 'request-7',
    }),
  );

  // THEN
  expect(answer).toMatchObject({
    ContentType: 'application/json',
    InvokedProductionVariant: 'main',
    CustomAttributes: 'trace=1',
  });
  expect(JSON.parse(Buffer.from(answer.Body).toString())).toMatchObject({
    contentType: 'text/csv',
    accept: 'application/json',
    inferenceId: 'request-7',
    bytes: 5,
  });
});

test("a model's refusal is a ModelError with its status and words", async () => {
  // WHEN
  const error = await cloud.runtime
    .send(new InvokeEndpointCommand({ EndpointName: 'rain', Body: '{"status":422}' }))
    .catch((thrown: unknown) => thrown);

  // THEN
  expect(error).toBeInstanceOf(ModelError);
  expect(error).toMatchObject({
    OriginalStatusCode: 422,
    OriginalMessage: 'the model says no',
    message: expect.stringMatching(
      /^Received client error \(422\) from primary with message "the model says no"/,
    ) as string,
    $metadata: { httpStatusCode: 424 },
  });
});

test('requests spread over the instances', async () => {
  const answers = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const { Body } = await cloud.runtime.send(
        new InvokeEndpointCommand({ EndpointName: 'rain', Body: '{"sleep":20}' }),
      );
      return (JSON.parse(Buffer.from(Body).toString()) as { pid: number }).pid;
    }),
  );
  expect(new Set(answers).size).toBe(2);
});

test('metrics are put as statistic sets', async () => {
  // GIVEN
  await refusal(cloud.runtime.send(new InvokeEndpointCommand({ EndpointName: 'rain', Body: '{"status":503}' })));

  // WHEN
  const put = await cloud.until(
    () => cloud.aws.told.metrics,
    metrics =>
      metrics.some(
        ({ MetricName, StatisticValues }) => MetricName === 'Invocation5XXErrors' && StatisticValues.Sum > 0,
      ),
  );

  // THEN
  expect(new Set(put.map(({ MetricName }) => MetricName))).toEqual(
    new Set([
      'Invocations',
      'ModelLatency',
      'OverheadLatency',
      'Invocation4XXErrors',
      'Invocation5XXErrors',
      'InvocationModelErrors',
    ]),
  );
  expect(put[0]).toMatchObject({
    Dimensions: [
      { Name: 'EndpointName', Value: 'rain' },
      { Name: 'VariantName', Value: 'main' },
    ],
  });
  const calls = put.filter(({ MetricName }) => MetricName === 'Invocations');
  const total = calls.reduce((sum, { StatisticValues }) => sum + StatisticValues.Sum, 0);
  expect(total).toBe(23);
  expect(calls.length).toBeLessThan(10);
});

test.each([
  [
    'a missing endpoint',
    { EndpointName: 'none', Body: '{}' },
    'ValidationError',
    'Endpoint none of account 000000000000 not found.',
  ],
  [
    'a target model',
    { EndpointName: 'rain', Body: '{}', TargetModel: 'a.tar.gz' },
    'NotImplemented',
    "not implemented by the local SageMaker: field 'TargetModel' of 'InvokeEndpoint'; leave it out",
  ],
  [
    'an inference id that is too long',
    { EndpointName: 'rain', Body: '{}', InferenceId: 'x'.repeat(65) },
    'ValidationError',
    `1 validation error detected: Value '${'x'.repeat(65)}' at 'inferenceId' failed to satisfy constraint: Member must ` +
      'have length less than or equal to 64',
  ],
  [
    'a name that no endpoint can have',
    { EndpointName: 'rain_fall', Body: '{}' },
    'ValidationError',
    "1 validation error detected: Value 'rain_fall' at 'endpointName' failed to satisfy constraint: Member must satisfy " +
      'regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*',
  ],
  [
    'a target variant that no variant can be',
    { EndpointName: 'rain', Body: '{}', TargetVariant: '-' },
    'ValidationError',
    "1 validation error detected: Value '-' at 'targetVariant' failed to satisfy constraint: Member must satisfy " +
      'regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9])*',
  ],
  [
    'a body that is too long, whose bytes nobody is shown',
    { EndpointName: 'rain', Body: Buffer.alloc(6_291_457) },
    'ValidationError',
    "1 validation error detected: Value at 'body' failed to satisfy constraint: Member must have length less than or " +
      'equal to 6291456',
  ],
  [
    'several constraints at once, each told',
    {
      EndpointName: 'rain',
      Body: '{}',
      ContentType: 'x'.repeat(1025),
      Accept: 'é',
      CustomAttributes: 'x'.repeat(1025),
    },
    'ValidationError',
    `3 validation errors detected: Value '${'x'.repeat(1025)}' at 'contentType' failed to satisfy constraint: Member must ` +
      "have length less than or equal to 1024; Value 'é' at 'accept' failed to satisfy constraint: Member must satisfy " +
      "regular expression pattern: \\p{ASCII}*; Value at 'customAttributes' failed to satisfy constraint: Member must " +
      'have length less than or equal to 1024',
  ],
])('fails for %s', async (_what, input, name, message) => {
  expect(await refusal(cloud.runtime.send(new InvokeEndpointCommand(input)))).toMatchObject({ name, message });
});
