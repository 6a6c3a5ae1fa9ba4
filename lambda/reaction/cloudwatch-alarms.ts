import { DescribeAlarmsCommand, type CloudWatchClient, type MetricAlarm } from '@aws-sdk/client-cloudwatch';
import type { AlarmNow } from './signal';

/** Alarms by name as CloudWatch tells them now. */
export async function alarmsNow(cloudWatch: CloudWatchClient, names: readonly string[]): Promise<AlarmNow[]> {
  const answer = await cloudWatch.send(
    // five names at most, so that one page holds them
    new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ['MetricAlarm'] }),
  );
  return (answer.MetricAlarms ?? []).map(alarmNow);
}

function alarmNow(alarm: MetricAlarm): AlarmNow {
  const changed = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  if (alarm.AlarmName === undefined || alarm.AlarmArn === undefined || changed === undefined) {
    throw new Error(`CloudWatch must tell name, ARN and time of change of alarm '${alarm.AlarmName ?? ''}', got less`);
  }
  return {
    name: alarm.AlarmName,
    arn: alarm.AlarmArn,
    red: alarm.StateValue === 'ALARM',
    changedAt: changed.toISOString(),
    stateReason: alarm.StateReason ?? '',
    metricName: alarm.MetricName ?? '',
    threshold: alarm.Threshold ?? NaN,
  };
}
