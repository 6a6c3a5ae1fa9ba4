import { CreateEndpointCommand, CreateEndpointConfigCommand, DescribeEndpointCommand } from '@aws-sdk/client-sagemaker';
import { LocalTestCloud, refusal } from '../local-test-cloud';

jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(() => cloud.start({ instanceQuota: 3 }));
afterAll(() => cloud.stop());

test('instances that are being brought up count, so that two requests do not get what is there for one', async () => {
  // GIVEN
  const EndpointConfigName = await cloud.createConfig('1', 2);
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'first', EndpointConfigName }));

  // WHEN
  const refused = await refusal(
    cloud.client.send(new CreateEndpointCommand({ EndpointName: 'second', EndpointConfigName })),
  );

  // THEN
  expect(refused).toMatchObject({
    name: 'ResourceLimitExceeded',
    message: expect.stringMatching(
      / is 3 Instances, with current utilization of 2 Instances and a request delta of 2 /,
    ) as string,
  });
  expect((await cloud.settled('first')).EndpointStatus).toBe('InService');
  expect(await refusal(cloud.client.send(new DescribeEndpointCommand({ EndpointName: 'second' })))).toMatchObject({
    message: expect.stringMatching(/^Could not find endpoint/) as string,
  });
});

test('each type of instance has a quota of its own', async () => {
  // GIVEN the quota of one type nearly used up by the first endpoint
  await cloud.client.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: 'other-type',
      ProductionVariants: [
        { VariantName: 'main', ModelName: 'rain-v1', InitialInstanceCount: 2, InstanceType: 'ml.c5.large' },
      ],
    }),
  );

  // WHEN
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'other', EndpointConfigName: 'other-type' }));

  // THEN
  expect((await cloud.settled('other')).EndpointStatus).toBe('InService');
});
