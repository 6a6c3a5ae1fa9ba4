import { alarmsNow, redAlarms, windowsOf } from '../../../lambda/reaction/cloudwatch-alarms';
import type { AlarmNow } from '../../../lambda/reaction/signal';
import { fakeClient } from '../support/fake-client';

const ALARM = {
  AlarmName: 'rain-quality',
  AlarmArn: 'arn',
  StateValue: 'ALARM',
  StateReason: 'Threshold Crossed',
  StateUpdatedTimestamp: new Date('2026-11-24T03:10:00Z'),
  StateTransitionedTimestamp: new Date('2026-11-24T03:00:00Z'),
  Namespace: 'MLOps/Model',
  MetricName: 'QualityDelta',
  Dimensions: [{ Name: 'Model', Value: 'rain' }],
  Statistic: 'Maximum',
  Period: 3600,
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  ComparisonOperator: 'GreaterThanThreshold',
  Threshold: 0.05,
};
const NOW: AlarmNow = {
  name: 'rain-quality',
  arn: 'arn',
  red: true,
  changedAt: '2026-11-24T03:00:00.000Z',
  stateReason: 'Threshold Crossed',
  metric: { namespace: 'MLOps/Model', name: 'QualityDelta', statistic: 'Maximum', dimensions: { Model: 'rain' } },
  rule: {
    comparison: 'GreaterThanThreshold',
    threshold: 0.05,
    periodSeconds: 3600,
    evaluationWindows: 3,
    alarmingWindows: 2,
  },
};

test('an alarm tells since when it is in its state', async () => {
  const { client, sent } = fakeClient({ DescribeAlarms: () => ({ MetricAlarms: [ALARM] }) });

  expect(await alarmsNow(client, ['rain-quality'])).toEqual([NOW]);
  expect(sent[0]?.input).toEqual({ AlarmNames: ['rain-quality'], AlarmTypes: ['MetricAlarm'] });
});

test('an alarm that was deleted is left out', async () => {
  const { client } = fakeClient({ DescribeAlarms: () => ({}) });

  expect(await alarmsNow(client, ['rain-quality'])).toEqual([]);
});

test('of the alarms that are asked for, a hundred at a time, the red ones are told', async () => {
  // GIVEN
  const names = Array.from({ length: 201 }, (_, index) => `alarm-${index}`);
  const red = ['alarm-0', 'alarm-100', 'alarm-200'];
  const { client, sent } = fakeClient({
    DescribeAlarms: ({ AlarmNames: asked }) => ({
      MetricAlarms: (asked as string[]).map(AlarmName => ({
        AlarmName,
        StateValue: red.includes(AlarmName) ? 'ALARM' : 'OK',
      })),
    }),
  });

  // WHEN / THEN
  expect(await redAlarms(client, names)).toEqual(new Set(red));
  expect(sent.map(({ input }) => [(input['AlarmNames'] as string[]).length, input['MaxRecords']])).toEqual([
    [100, 100],
    [100, 100],
    [1, 100],
  ]);
});

test('of no alarms CloudWatch is not asked', async () => {
  const { client, sent } = fakeClient({});
  expect(await redAlarms(client, [])).toEqual(new Set());
  expect(sent).toEqual([]);
});

test('an alarm without M of N goes red when all its windows are bad', async () => {
  const { client } = fakeClient({
    DescribeAlarms: () => ({ MetricAlarms: [{ ...ALARM, DatapointsToAlarm: undefined }] }),
  });

  expect((await alarmsNow(client, ['rain-quality']))[0]?.rule.alarmingWindows).toBe(3);
});

test('windows are read as the alarm reads them, at their edges, and named by their ends', async () => {
  const { client, sent } = fakeClient({
    GetMetricData: () => ({
      MetricDataResults: [{ Timestamps: [new Date('2026-11-24T01:00:00Z')], Values: [0.08] }],
    }),
  });

  const values = await windowsOf(client, NOW, new Date('2026-11-24T00:20:00Z'), new Date('2026-11-24T03:10:00Z'));

  expect(values).toEqual([{ end: '2026-11-24T02:00:00.000Z', value: 0.08 }]);
  expect(sent[0]?.input).toEqual({
    StartTime: new Date('2026-11-24T00:00:00Z'),
    EndTime: new Date('2026-11-24T04:00:00Z'),
    MetricDataQueries: [
      {
        Id: 'windows',
        MetricStat: {
          Metric: {
            Namespace: 'MLOps/Model',
            MetricName: 'QualityDelta',
            Dimensions: [{ Name: 'Model', Value: 'rain' }],
          },
          Period: 3600,
          Stat: 'Maximum',
        },
      },
    ],
  });
});
