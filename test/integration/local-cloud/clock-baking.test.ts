import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeEndpointCommand, SageMakerClient, UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import type { LocalCloud } from '../../../local-cloud/start';
import { clientOf, eventually } from './stack';
import { createTinyConfig, createTinyEndpoint, settled, startTinyCloud } from './tiny-endpoint';

const MINUTE = 60;
const BAKING = 10 * MINUTE;

let cloud: LocalCloud;
let sagemaker: SageMakerClient;
let cloudwatch: CloudWatchClient;

beforeAll(async () => {
  cloud = await startTinyCloud({ auth: false });
  sagemaker = new SageMakerClient(clientOf(cloud));
  cloudwatch = new CloudWatchClient(clientOf(cloud));
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

/** An alarm that is red for a few minutes, so many minutes from now. */
async function redFor(name: string, minutes: number): Promise<void> {
  const metric = { Namespace: 'Baking', MetricName: name };
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: name,
      ...metric,
      Statistic: 'Maximum',
      Period: MINUTE,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
  const Timestamp = new Date((await cloud.clock.now()).getTime() + minutes * MINUTE * 1000);
  await cloudwatch.send(
    new PutMetricDataCommand({ Namespace: 'Baking', MetricData: [{ MetricName: name, Value: 1, Timestamp }] }),
  );
  await cloud.clock.advance(1);
}

/** Begins a canary update that bakes for ten minutes, and returns once it does. */
async function beginUpdate(endpoint: string, version: string, alarm: string): Promise<void> {
  await createTinyConfig(sagemaker, { version });
  await sagemaker.send(
    new UpdateEndpointCommand({
      EndpointName: endpoint,
      EndpointConfigName: version,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: 'CANARY',
            CanarySize: { Type: 'CAPACITY_PERCENT', Value: 50 },
            WaitIntervalInSeconds: BAKING,
          },
        },
        AutoRollbackConfiguration: { Alarms: [{ AlarmName: alarm }] },
      },
    }),
  );
  await eventually(async () => {
    const { PendingDeploymentSummary } = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: endpoint }));
    const [variant] = PendingDeploymentSummary?.ProductionVariants ?? [];
    return variant?.VariantStatus?.some(({ Status }) => Status === 'Baking') === true ? true : undefined;
  });
}

test.each([
  ['is undone by an alarm that was red within it', 5, 'before'],
  ['is over when an alarm goes off later', 30, 'after'],
])(
  'a bake that a move passes over %s',
  async (_, minutes, serves) => {
    // GIVEN
    const name = `red-after-${String(minutes)}`;
    await createTinyEndpoint(sagemaker, name, { version: `${name}-before` });
    await redFor(name, minutes);
    await beginUpdate(name, `${name}-after`, name);

    // WHEN
    await cloud.clock.advance(60 * MINUTE);

    // THEN
    const { EndpointConfigName, LastModifiedTime } = await settled(sagemaker, name);
    expect(EndpointConfigName).toBe(`${name}-${serves}`);
    const now = (await cloud.clock.now()).getTime();
    const endedAfter = 60 - (now - (LastModifiedTime?.getTime() ?? 0)) / 60_000;
    // the alarm is evaluated at the minute's end
    expect(endedAfter).toBeGreaterThan(serves === 'before' ? 4.9 : 9.9);
    expect(endedAfter).toBeLessThan(serves === 'before' ? 6.2 : 10.2);
  },
  60_000,
);
