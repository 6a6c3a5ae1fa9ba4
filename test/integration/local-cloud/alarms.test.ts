import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type MetricDataQuery,
  type MetricDatum,
} from '@aws-sdk/client-cloudwatch';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually } from './stack';

let cloud: LocalCloud;
let cloudwatch: CloudWatchClient;
let sqs: SQSClient;
let queueUrl: string;

const PERIOD = 300;
const metric = { Namespace: 'Test', MetricName: 'Drift', Period: PERIOD, Statistic: 'Average' };
const rule = { Threshold: 0.02, ComparisonOperator: 'GreaterThanThreshold' } as const;

beforeAll(async () => {
  cloud = await startLocalCloud();
  cloudwatch = new CloudWatchClient(clientOf(cloud));
  sqs = new SQSClient(clientOf(cloud));
  const alarm = (name: string, more: object): object => ({
    Type: 'AWS::CloudWatch::Alarm',
    Properties: {
      AlarmName: name,
      ...metric,
      ...rule,
      Dimensions: [{ Name: 'Model', Value: name }],
      EvaluationPeriods: 3,
      DatapointsToAlarm: 2,
      TreatMissingData: 'notBreaching',
      ...more,
    },
  });
  const topic = { Ref: 'Topic' };
  const queueArn = { 'Fn::GetAtt': ['Queue', 'Arn'] };
  const outputs = await deploy(
    cloud,
    'alarms',
    {
      Queue: { Type: 'AWS::SQS::Queue' },
      QueuePolicy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: {
          Queues: [{ Ref: 'Queue' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Principal: { Service: ['sns.amazonaws.com', 'events.amazonaws.com'] },
                Action: 'sqs:SendMessage',
                Resource: queueArn,
              },
            ],
          },
        },
      },
      Topic: { Type: 'AWS::SNS::Topic' },
      Subscription: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: topic, Protocol: 'sqs', Endpoint: queueArn, RawMessageDelivery: true },
      },
      Rule: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: { source: ['aws.cloudwatch'], detail: { alarmName: ['both'] } },
          Targets: [{ Id: 'queue', Arn: queueArn }],
        },
      },
      Drift: alarm('drift', { AlarmActions: [topic], OKActions: [topic] }),
      Other: alarm('other', {}),
      Silent: alarm('silent', { EvaluationPeriods: 1, DatapointsToAlarm: 1, TreatMissingData: 'breaching' }),
      Both: {
        Type: 'AWS::CloudWatch::CompositeAlarm',
        DependsOn: ['Drift', 'Other'],
        Properties: { AlarmName: 'both', AlarmRule: 'ALARM("drift") AND NOT ALARM("other")' },
      },
    },
    { QueueUrl: { Ref: 'Queue' } },
  );
  queueUrl = outputs.QueueUrl;
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

async function put(name: string, ...data: Omit<MetricDatum, 'MetricName'>[]): Promise<void> {
  const MetricData = data.map(datum => ({
    MetricName: 'Drift',
    Dimensions: [{ Name: 'Model', Value: name }],
    ...datum,
  }));
  await cloudwatch.send(new PutMetricDataCommand({ Namespace: 'Test', MetricData }));
}

async function state(name: string): Promise<string | undefined> {
  const answer = await cloudwatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [name], AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  return [...(answer.MetricAlarms ?? []), ...(answer.CompositeAlarms ?? [])][0]?.StateValue;
}

/** Everything received so far: a message that one test does not wait for may be what another does. */
const inbox: Record<string, unknown>[] = [];

async function message(matches: (body: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  return eventually(async () => {
    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: queueUrl, MaxNumberOfMessages: 10 }));
    inbox.push(...(Messages ?? []).map(each => JSON.parse(each.Body ?? '{}') as Record<string, unknown>));
    return inbox.find(matches);
  });
}

const breaching = { SampleCount: 2, Sum: 1, Minimum: 0.4, Maximum: 0.6 };

test('an alarm changes by time alone, on its own dimensions, by M of N, and tells a topic', async () => {
  // GIVEN alarms that have been evaluated once, without any data
  await cloud.clock.advance(60);
  expect(await state('drift')).toBe('OK');
  expect(await state('silent')).toBe('ALARM');

  // WHEN one of three periods breaches
  await put('drift', { StatisticValues: breaching, Timestamp: await cloud.clock.now() });
  await cloud.clock.advance(PERIOD);
  // THEN nothing changes yet
  expect(await state('drift')).toBe('OK');

  // WHEN a second does
  await put('drift', { StatisticValues: breaching, Timestamp: await cloud.clock.now() });
  await cloud.clock.advance(60);
  // THEN this alarm goes off, and not the one of the same metric with another dimension
  expect(await state('drift')).toBe('ALARM');
  expect(await state('other')).toBe('OK');
  expect(await state('both')).toBe('ALARM');
  const told = await message(body => body.AlarmName === 'drift' && body.NewStateValue === 'ALARM');
  expect(told).toMatchObject({ OldStateValue: 'OK', Trigger: { MetricName: 'Drift', Threshold: 0.02 } });
  expect(told.NewStateReason).toContain('2 out of the last 3 datapoints [0.5');

  // WHEN no data come any more
  await cloud.clock.advance(10 * PERIOD);
  // THEN it is good again, and its history tells when
  expect(await state('drift')).toBe('OK');
  const { AlarmHistoryItems } = await cloudwatch.send(new DescribeAlarmHistoryCommand({ AlarmName: 'drift' }));
  expect(AlarmHistoryItems?.[0]?.HistorySummary).toBe('Alarm updated from ALARM to OK');
}, 60_000);

test('a state set by hand runs its actions and the next evaluation corrects it', async () => {
  // WHEN
  const AlarmName = 'drift';
  await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'by hand' }));
  // THEN
  const told = await message(body => body.NewStateReason === 'by hand');
  expect(told.NewStateValue).toBe('ALARM');
  const event = await message(body => {
    const detail = body.detail as { state: { value: string; reason: string } } | undefined;
    return detail?.state.value === 'ALARM' && detail.state.reason.includes('transitioned to ALARM');
  });
  expect(event).toMatchObject({ source: 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change' });
  await cloud.clock.advance(60);
  expect(await state('drift')).toBe('OK');
}, 60_000);

test('fails by name on metric math that is not implemented', async () => {
  const expression = new PutMetricAlarmCommand({
    ...rule,
    AlarmName: 'math',
    EvaluationPeriods: 1,
    Metrics: [
      {
        Id: 'm',
        MetricStat: { Metric: { Namespace: 'N', MetricName: 'M' }, Period: 60, Stat: 'Sum' },
        ReturnData: false,
      },
      { Id: 'e', Expression: 'RUNNING_SUM(m)' },
    ],
  });
  await expect(cloudwatch.send(expression)).rejects.toThrow(/metric math 'RUNNING_SUM\(m\)'.* is not implemented/);
});

test('an alarm on arithmetic of metrics is evaluated', async () => {
  // GIVEN
  const sum = (Id: string, MetricName: string): MetricDataQuery => ({
    Id,
    MetricStat: { Metric: { Namespace: 'Rate', MetricName }, Period: 60, Stat: 'Sum' },
    ReturnData: false,
  });
  const Metrics = [sum('e', 'Errors'), sum('n', 'Requests'), { Id: 'rate', Expression: 'e / n * 100' }];
  const threshold = { ...rule, Threshold: 4, AlarmName: 'rate', EvaluationPeriods: 1 };
  await cloudwatch.send(new PutMetricAlarmCommand({ ...threshold, Metrics }));
  // WHEN
  const MetricData = [
    { MetricName: 'Errors', Value: 5 },
    { MetricName: 'Requests', Value: 100 },
  ];
  const Timestamp = await cloud.clock.now();
  await cloudwatch.send(
    new PutMetricDataCommand({ Namespace: 'Rate', MetricData: MetricData.map(datum => ({ ...datum, Timestamp })) }),
  );
  await cloud.clock.advance(60);
  // THEN
  expect(await state('rate')).toBe('ALARM');
});
