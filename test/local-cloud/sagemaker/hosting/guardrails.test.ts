import {
  CreateEndpointCommand,
  type DeploymentConfig,
  DescribeEndpointCommand,
  type DescribeEndpointCommandOutput,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { LocalTestCloud, refusal } from '../local-test-cloud';

// containers are processes, which a busy machine starts slowly
jest.setTimeout(30_000);
const cloud = new LocalTestCloud();
let configs: readonly [string, string];

beforeAll(async () => {
  await cloud.start();
  configs = [await cloud.createConfig('1'), await cloud.createConfig('2')];
});
afterAll(() => cloud.stop());

function canary(changed: Partial<NonNullable<DeploymentConfig['BlueGreenUpdatePolicy']>> = {}): DeploymentConfig {
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: {
        Type: 'CANARY',
        CanarySize: { Type: 'CAPACITY_PERCENT', Value: 50 },
        WaitIntervalInSeconds: 300,
      },
      TerminationWaitInSeconds: 120,
      MaximumExecutionTimeoutInSeconds: 1800,
      ...changed,
    },
    AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'errors' }] },
  };
}

async function begin(EndpointName: string, config: DeploymentConfig): Promise<void> {
  cloud.aws.alarms.set('errors', 'OK');
  await cloud.client.send(new CreateEndpointCommand({ EndpointName, EndpointConfigName: configs[0] }));
  await cloud.settled(EndpointName);
  await cloud.client.send(
    new UpdateEndpointCommand({ EndpointName, EndpointConfigName: configs[1], DeploymentConfig: config }),
  );
}

async function describe(EndpointName: string): Promise<DescribeEndpointCommandOutput> {
  return cloud.client.send(new DescribeEndpointCommand({ EndpointName }));
}

async function baking(name: string): Promise<void> {
  await cloud.until(
    () => describe(name),
    ({ PendingDeploymentSummary: summary }) =>
      summary?.ProductionVariants?.[0]?.VariantStatus?.[0]?.Status === 'Baking',
  );
}

async function versions(EndpointName: string, count = 40): Promise<Record<string, number>> {
  const seen: Record<string, number> = {};
  for (let i = 0; i < count; i++) {
    const { Body } = await cloud.runtime.send(new InvokeEndpointCommand({ EndpointName, Body: '{}' }));
    const { version } = JSON.parse(Buffer.from(Body).toString()) as { version: string };
    seen[version] = (seen[version] ?? 0) + 1;
  }
  return seen;
}

test('a canary bakes by the shifted clock, and then gets everything', async () => {
  // GIVEN
  await begin('canary', canary());

  // WHEN
  await baking('canary');
  const during = await versions('canary');

  // THEN
  expect(Object.keys(during).sort()).toEqual(['1', '2']);
  expect(await describe('canary')).toMatchObject({ EndpointStatus: 'Updating', EndpointConfigName: configs[0] });

  // WHEN
  cloud.advance(301);
  await cloud.until(
    () => versions('canary', 10),
    seen => !('1' in seen),
  );

  // THEN: the old fleet still stands
  expect((await describe('canary')).EndpointStatus).toBe('Updating');

  // WHEN
  cloud.advance(121);

  // THEN
  expect(await cloud.settled('canary')).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: configs[1] });
  const steps = cloud.aws.told.events
    .filter(({ detailType, detail }) => detailType.includes('Deployment') && detail.EndpointName === 'canary')
    .map(({ detail }) => detail.PendingDeploymentSummary as DescribeEndpointCommandOutput['PendingDeploymentSummary'])
    .map(summary => summary?.ProductionVariants?.[0]?.VariantStatus?.[0]?.Status);
  expect(steps.slice(-5)).toEqual(['Creating', 'ActivatingTraffic', 'Baking', 'ActivatingTraffic', 'Baking']);
});

test('an alarm that goes red while the canary bakes takes everything back', async () => {
  // GIVEN
  await begin('rollback', canary());
  await baking('rollback');

  // WHEN
  cloud.aws.alarms.set('errors', 'ALARM');
  const after = await cloud.settled('rollback');

  // THEN
  expect(after).toMatchObject({
    EndpointStatus: 'InService',
    EndpointConfigName: configs[0],
    FailureReason: 'One or more configured alarms are in ALARM state: errors',
  });
  expect(await versions('rollback', 10)).toEqual({ '1': 10 });
  const statuses = (): unknown[] =>
    cloud.aws.told.events
      .filter(
        ({ detailType, detail }) => detailType.endsWith('Endpoint State Change') && detail.EndpointName === 'rollback',
      )
      .map(({ detail }) => detail.EndpointStatus);
  await cloud.until(statuses, list => list.at(-1) === 'IN_SERVICE' && list.length > 2);
  expect(statuses()).toEqual(['CREATING', 'IN_SERVICE', 'UPDATING', 'ROLLING_BACK', 'IN_SERVICE']);
});

test('an alarm that is red only over a jump of the clock is seen', async () => {
  // GIVEN
  await begin('jump', canary());
  await baking('jump');

  // WHEN
  cloud.aws.alarms.set('errors', 'ALARM');
  cloud.advance(3600);

  // THEN
  expect(await cloud.settled('jump')).toMatchObject({ EndpointConfigName: configs[0] });
});

test('traffic moves in linear steps', async () => {
  // GIVEN
  await begin('linear', {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: {
        Type: 'LINEAR',
        LinearStepSize: { Type: 'CAPACITY_PERCENT', Value: 50 },
        WaitIntervalInSeconds: 60,
      },
    },
  });

  // WHEN
  await baking('linear');
  const half = await versions('linear');
  cloud.advance(61);
  await cloud.settled('linear');

  // THEN
  expect(Object.keys(half).sort()).toEqual(['1', '2']);
  expect(await versions('linear', 5)).toEqual({ '2': 5 });
});

test('a missing alarm undoes the deployment before traffic moves', async () => {
  const config = canary();
  await begin('unwatched', { ...config, AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'nowhere' }] } });
  expect(await cloud.settled('unwatched')).toMatchObject({
    EndpointConfigName: configs[0],
    FailureReason: "alarm 'nowhere' of 'AutoRollbackConfiguration' does not exist",
  });
});

test('a deployment config is kept for the next update only when asked', async () => {
  // GIVEN
  await begin('retained', canary({ TerminationWaitInSeconds: 0 }));
  await baking('retained');
  cloud.advance(301);
  await cloud.settled('retained');
  const back = { EndpointName: 'retained', EndpointConfigName: configs[0] };

  // WHEN
  await cloud.client.send(new UpdateEndpointCommand({ ...back, RetainDeploymentConfig: true }));
  await baking('retained');
  cloud.advance(301);
  const retained = await cloud.settled('retained');
  await cloud.client.send(new UpdateEndpointCommand({ ...back, EndpointConfigName: configs[1] }));
  const plain = await cloud.settled('retained');

  // THEN
  expect(retained.LastDeploymentConfig?.BlueGreenUpdatePolicy?.TrafficRoutingConfiguration?.Type).toBe('CANARY');
  expect(plain.LastDeploymentConfig).toBeUndefined();
});

test.each([
  [
    'a rolling update',
    { RollingUpdatePolicy: { MaximumBatchSize: { Type: 'CAPACITY_PERCENT', Value: 50 }, WaitIntervalInSeconds: 0 } },
    'NotImplemented',
    /'DeploymentConfig.RollingUpdatePolicy'/,
  ],
  [
    'a timeout shorter than the waits',
    canary({ TerminationWaitInSeconds: 3600, MaximumExecutionTimeoutInSeconds: 600 }),
    'ValidationException',
    /must be larger than the total waiting time of the deployment \(3900\)/,
  ],
  [
    'a canary without size',
    canary({ TrafficRoutingConfiguration: { Type: 'CANARY', WaitIntervalInSeconds: 0 } }),
    'ValidationException',
    /CanarySize must be given/,
  ],
] as const)('fails for %s', async (_what, config, name, message) => {
  const call = cloud.client.send(
    new UpdateEndpointCommand({
      EndpointName: 'canary',
      EndpointConfigName: configs[0],
      DeploymentConfig: config,
    }),
  );
  const { name: got, message: text } = await refusal(call);
  expect(got).toBe(name);
  expect(text).toMatch(message);
});
