import { alarmsNow } from '../../../lambda/reaction/cloudwatch-alarms';
import { fakeClient } from '../support/fake-client';

const ALARM = {
  AlarmName: 'rain-quality',
  AlarmArn: 'arn',
  StateValue: 'ALARM',
  StateReason: 'Threshold Crossed',
  StateUpdatedTimestamp: new Date('2026-11-24T03:10:00Z'),
  StateTransitionedTimestamp: new Date('2026-11-24T03:00:00Z'),
  MetricName: 'QualityDelta',
  Threshold: 0.05,
};

test('an alarm tells since when it is in its state', async () => {
  const { client, sent } = fakeClient({ DescribeAlarms: () => ({ MetricAlarms: [ALARM] }) });

  expect(await alarmsNow(client, ['rain-quality'])).toEqual([
    {
      name: 'rain-quality',
      arn: 'arn',
      red: true,
      changedAt: '2026-11-24T03:00:00.000Z',
      stateReason: 'Threshold Crossed',
      metricName: 'QualityDelta',
      threshold: 0.05,
    },
  ]);
  expect(sent[0]?.input).toEqual({ AlarmNames: ['rain-quality'], AlarmTypes: ['MetricAlarm'] });
});

test('an alarm that was deleted is left out', async () => {
  const { client } = fakeClient({ DescribeAlarms: () => ({}) });

  expect(await alarmsNow(client, ['rain-quality'])).toEqual([]);
});
