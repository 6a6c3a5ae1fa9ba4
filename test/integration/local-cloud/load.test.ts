import {
  CloudWatchClient,
  GetMetricStatisticsCommand,
  PutMetricAlarmCommand,
  SetAlarmStateCommand,
} from '@aws-sdk/client-cloudwatch';
import { DescribeEndpointCommand, SageMakerClient, UpdateEndpointCommand } from '@aws-sdk/client-sagemaker';
import { SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import type { LocalCloud } from '../../../local-cloud/start';
import { call, type Call, Callers, tally } from './callers';
import { clientOf, eventually } from './stack';
import { createTinyConfig, createTinyEndpoint, settled, startTinyCloud } from './tiny-endpoint';

const CALLERS = 200;
/** What the brief of the local cloud promises: half a minute of it, the update within. */
const SECONDS = 30;

let cloud: LocalCloud;
let sagemaker: SageMakerClient;
let cloudwatch: CloudWatchClient;
let runtime: SageMakerRuntimeClient;

beforeAll(async () => {
  cloud = await startTinyCloud({ auth: false });
  sagemaker = new SageMakerClient(clientOf(cloud));
  cloudwatch = new CloudWatchClient(clientOf(cloud));
  runtime = new SageMakerRuntimeClient({ ...clientOf(cloud), maxAttempts: 1 });
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

/** Sum of a metric of the endpoint's variant over all its life. */
async function sumOf(EndpointName: string, VariantName: string, MetricName: string): Promise<number> {
  const now = await cloud.clock.now();
  const { Datapoints } = await cloudwatch.send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/SageMaker',
      MetricName,
      Dimensions: [
        { Name: 'EndpointName', Value: EndpointName },
        { Name: 'VariantName', Value: VariantName },
      ],
      StartTime: new Date(now.getTime() - 3_600_000),
      EndTime: new Date(now.getTime() + 60_000),
      Period: 60,
      Statistics: ['Sum'],
    }),
  );
  return (Datapoints ?? []).reduce((sum, point) => sum + (point.Sum ?? 0), 0);
}

const versions = (calls: readonly Call[]): Record<string, number> => tally(calls.map(({ version }) => version));

test('callers get the right answers through a canary update that rolls back', async () => {
  // GIVEN an endpoint of two variants, whose next configuration is watched by an alarm
  const variants = { main: 3, second: 1 };
  await createTinyEndpoint(sagemaker, 'load', { version: 'blue', variants });
  const green = await createTinyConfig(sagemaker, { version: 'green', variants });
  await cloudwatch.send(
    new PutMetricAlarmCommand({
      AlarmName: 'load',
      Namespace: 'Test',
      MetricName: 'Drift',
      Statistic: 'Average',
      Period: 300,
      EvaluationPeriods: 1,
      Threshold: 1,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
    }),
  );
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: 'load', StateValue: 'OK', StateReason: 'start' }));

  // WHEN they call, the update begins, green gets its canary, and the alarm goes off
  const callers = new Callers(clientOf(cloud), 'load', CALLERS);
  await callers.goOn(SECONDS / 6);
  const updatedAt = performance.now();
  await sagemaker.send(
    new UpdateEndpointCommand({
      EndpointName: 'load',
      EndpointConfigName: green,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: {
            Type: 'CANARY',
            CanarySize: { Type: 'CAPACITY_PERCENT', Value: 40 },
            WaitIntervalInSeconds: 600,
          },
        },
        AutoRollbackConfiguration: { Alarms: [{ AlarmName: 'load' }] },
      },
    }),
  );
  await eventually(() => Promise.resolve(callers.calls.some(({ version }) => version === green) || undefined), 60);
  await callers.goOn(SECONDS / 3);
  const baking = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: 'load' }));
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName: 'load', StateValue: 'ALARM', StateReason: 'a test' }));
  const after = await settled(sagemaker, 'load');
  const rolledBackAt = performance.now();
  await callers.goOn(SECONDS / 2);
  const calls = await callers.stop();

  // THEN each call has its answer
  expect(calls.filter(({ error, wrong }) => error !== undefined || wrong !== undefined).slice(0, 5)).toEqual([]);
  expect(baking.PendingDeploymentSummary?.ProductionVariants?.[0]?.VariantStatus?.[0]?.Status).toBe('Baking');
  expect(after).toMatchObject({
    EndpointConfigName: 'blue',
    FailureReason: 'One or more configured alarms are in ALARM state: load',
  });
  // and of the version that was to give it
  const before = versions(calls.filter(({ endedAt }) => endedAt < updatedAt));
  const during = versions(calls.filter(({ startedAt, endedAt }) => endedAt >= updatedAt && startedAt < rolledBackAt));
  const then = versions(calls.filter(({ startedAt }) => startedAt >= rolledBackAt));
  expect(Object.keys(before)).toEqual(['blue']);
  expect(Object.keys(during).sort()).toEqual(['blue', 'green']);
  expect(Object.keys(then)).toEqual(['blue']);
  // and the metrics count each once, at its variant
  const answered = tally(calls.map(({ variant }) => variant));
  expect(Object.keys(answered).sort()).toEqual(['main', 'second']);
  const counted = (name: string): Promise<Record<string, number>> =>
    Promise.all(
      Object.keys(variants).map(async variant => [variant, await sumOf('load', variant, name)] as const),
    ).then(Object.fromEntries);
  await eventually(async () => {
    const { main, second } = await counted('Invocations');
    return main + second >= calls.length ? true : undefined;
    // what is lost is told by the comparison
  }).catch(() => undefined);
  expect(await counted('Invocations')).toEqual(answered);
  expect(await counted('InvocationModelErrors')).toEqual({ main: 0, second: 0 });
  process.stdout.write(`load: ${JSON.stringify({ calls: calls.length, before, during, then, answered })}\n`);
}, 180_000);

test('a model server killed under its callers costs what it was working on, and nobody a wrong answer', async () => {
  // GIVEN a model that takes a moment, so that each caller's request lies with it when it dies
  await createTinyEndpoint(sagemaker, 'killed', { version: 'mortal', secondsPerAnswer: 0.05 });
  const lanes = 50;
  const callers = new Callers(clientOf(cloud), 'killed', lanes);
  const pids = (): number[] => [...new Set(callers.calls.flatMap(({ pid }) => pid ?? []))];

  for (let kills = 1; kills <= 3; kills++) {
    // WHEN
    const alive = await eventually(() => Promise.resolve(pids()[kills - 1]));
    process.kill(alive, 'SIGKILL');
    // THEN another answers, which is a process of its own
    await eventually(() => Promise.resolve(pids().length > kills || undefined));
  }
  const calls = await callers.stop();

  // THEN each got an answer or was told why not, in AWS's form
  expect(calls.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
  const errors = tally(calls.flatMap(({ error }) => error ?? []));
  expect(Object.keys(errors)).toEqual(['ModelError 424']);
  expect(errors['ModelError 424']).toBeLessThanOrEqual(3 * lanes);
  // and all is well again
  const payloads = Array.from({ length: lanes }, (_, number) => `again ${number}`);
  const again = await Promise.all(payloads.map(payload => call(runtime, 'killed', payload)));
  expect(again.filter(({ error, wrong }) => error !== undefined || wrong !== undefined)).toEqual([]);
  process.stdout.write(`killed: ${JSON.stringify({ calls: calls.length, errors })}\n`);
}, 120_000);

test('a request that kills the model server meets no second one, though callers try again', async () => {
  // GIVEN
  await createTinyEndpoint(sagemaker, 'poisoned', { version: 'poisoned', secondsPerAnswer: 0.01 });
  const callers = new Callers(clientOf(cloud), 'poisoned', 20);
  const pids = (): Set<number> => new Set(callers.calls.flatMap(({ pid }) => pid ?? []));
  await eventually(() => Promise.resolve(pids().size === 1 || undefined));

  // WHEN it is sent by the SDK as it is by default: three attempts
  const deadly = await call(new SageMakerRuntimeClient(clientOf(cloud)), 'poisoned', 'deadly');
  await eventually(() => Promise.resolve(pids().size > 1 || undefined));
  await callers.goOn(2);
  const calls = await callers.stop();

  // THEN one server has died of it
  expect(deadly.error).toBe('ModelError 424');
  expect(pids().size).toBe(2);
  expect(calls.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
  expect(calls.at(-1)?.error).toBeUndefined();
}, 60_000);
