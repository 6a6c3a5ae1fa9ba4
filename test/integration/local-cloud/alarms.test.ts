import {
  CloudWatchClient,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  PutMetricAlarmCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type AlarmHistoryItem,
  type CompositeAlarm,
  type MetricDataQuery,
  type MetricDatum,
  type StateValue,
} from '@aws-sdk/client-cloudwatch';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually } from './stack';

let cloud: LocalCloud;
let cloudwatch: CloudWatchClient;
let sqs: SQSClient;
let queueUrl: string;

const PERIOD = 300;
const metric = { Namespace: 'Test', MetricName: 'Drift', Period: PERIOD, Statistic: 'Average' } as const;
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

async function history(AlarmName: string): Promise<AlarmHistoryItem[]> {
  const { AlarmHistoryItems } = await cloudwatch.send(
    new DescribeAlarmHistoryCommand({ AlarmName, AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] }),
  );
  return AlarmHistoryItems ?? [];
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
  const [acted, updated] = await history('drift');
  expect(acted.HistorySummary).toMatch(/^Successfully executed action arn:aws:sns:/);
  expect(updated.HistorySummary).toBe('Alarm updated from ALARM to OK');
  const passed = (await cloud.clock.now()).getTime() - (updated.Timestamp?.getTime() ?? 0);
  expect(passed).toBeGreaterThan(0);
  expect(passed).toBeLessThan(10 * PERIOD * 1000);
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

test('a suppressed composite alarm acts when its periods are over, wherever the clock stops', async () => {
  // GIVEN from a template: the composite and its suppressor, which hold the states that they are set to
  const topic = { Ref: 'Topic' };
  const composite = (AlarmName: string, AlarmRule: string, more = {}): object => ({
    Type: 'AWS::CloudWatch::CompositeAlarm',
    DependsOn: AlarmName === 'suppressed' ? ['Cause', 'Window'] : [],
    Properties: { AlarmName, AlarmRule, ...more },
  });
  await deploy(cloud, 'suppression', {
    Topic: { Type: 'AWS::SNS::Topic' },
    Cause: composite('cause', 'FALSE'),
    Window: composite('window', 'FALSE'),
    Suppressed: composite('suppressed', 'ALARM(cause)', {
      AlarmActions: [topic],
      ActionsSuppressor: { 'Fn::GetAtt': ['Window', 'Arn'] },
      ActionsSuppressorWaitPeriod: 90,
      ActionsSuppressorExtensionPeriod: '150',
    }),
  });
  const set = (AlarmName: string, StateValue: StateValue): Promise<unknown> =>
    cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue, StateReason: 'by hand' }));
  const described = async (): Promise<CompositeAlarm | undefined> => {
    const answer = await cloudwatch.send(
      new DescribeAlarmsCommand({ AlarmNames: ['suppressed'], AlarmTypes: ['CompositeAlarm'] }),
    );
    return answer.CompositeAlarms?.[0];
  };
  const actions = async (): Promise<number[]> =>
    (await history('suppressed'))
      .filter(({ HistoryItemType }) => HistoryItemType === 'Action')
      .map(({ Timestamp }) => Timestamp?.getTime() ?? 0);
  await cloud.clock.advance(100);

  // WHEN its cause goes off
  await set('cause', 'ALARM');
  const start = (await cloud.clock.now()).getTime();
  // THEN it waits for the suppressor, which comes in time
  expect(await described()).toMatchObject({
    StateValue: 'ALARM',
    ActionsSuppressedBy: 'WaitPeriod',
    ActionsSuppressedReason: 'Actions suppressed by WaitPeriod',
  });
  await cloud.clock.advance(60);
  await set('window', 'ALARM');
  await cloud.clock.advance(600);
  expect(await described()).toMatchObject({ ActionsSuppressedBy: 'Alarm' });
  expect(await actions()).toEqual([]);

  // WHEN the suppressor goes, and one move of the clock goes far beyond the end of the extension
  await set('window', 'OK');
  expect(await described()).toMatchObject({ ActionsSuppressedBy: 'ExtensionPeriod' });
  await cloud.clock.advance(3600);
  // THEN the action was taken at its end
  expect(await described()).not.toHaveProperty('ActionsSuppressedBy');
  const [taken, ...more] = await actions();
  expect(more).toEqual([]);
  expect(Math.round((taken - start) / 10_000) * 10).toBe(60 + 600 + 150);
}, 60_000);

test.each([
  ['ThresholdMetricId', { ThresholdMetricId: 'band' }],
  ['EvaluationWindow', { EvaluationWindow: { SlidingWindow: {} } }],
  ['WarmUpConfiguration', { WarmUpConfiguration: { WarmUpPeriodDurationInMinutes: 5 } }],
])('fails by name on %s, which is not evaluated', async (name, more) => {
  const put = new PutMetricAlarmCommand({ ...metric, ...rule, AlarmName: 'more', EvaluationPeriods: 1, ...more });
  await expect(cloudwatch.send(put)).rejects.toThrow(
    `'${name}' of PutMetricAlarm is not implemented by the local cloud; leave it out`,
  );
});

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
