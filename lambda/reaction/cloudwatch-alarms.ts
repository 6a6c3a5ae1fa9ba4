import {
  DescribeAlarmsCommand,
  GetMetricDataCommand,
  type CloudWatchClient,
  type MetricAlarm,
} from '@aws-sdk/client-cloudwatch';
import type { AlarmNow } from './signal';
import type { Comparison, WindowValue } from './windows';

/** As many as CloudWatch describes by name at once, and on one page. */
const MAX_ALARMS = 100;

/** Alarms by name as CloudWatch tells them now. */
export async function alarmsNow(cloudWatch: CloudWatchClient, names: readonly string[]): Promise<AlarmNow[]> {
  const answer = await cloudWatch.send(
    // five names at most, so that one page holds them
    new DescribeAlarmsCommand({ AlarmNames: [...names], AlarmTypes: ['MetricAlarm'] }),
  );
  return (answer.MetricAlarms ?? []).map(alarmNow);
}

/** Which of these alarms are red. The account may have thousands of others that are, such as those of idle scaling. */
export async function redAlarms(cloudWatch: CloudWatchClient, names: readonly string[]): Promise<Set<string>> {
  const red = new Set<string>();
  for (let start = 0; start < names.length; start += MAX_ALARMS) {
    const page = await cloudWatch.send(
      new DescribeAlarmsCommand({
        AlarmNames: names.slice(start, start + MAX_ALARMS),
        AlarmTypes: ['MetricAlarm'],
        // so that all of them are on one page
        MaxRecords: MAX_ALARMS,
      }),
    );
    for (const { AlarmName: name, StateValue: state } of page.MetricAlarms ?? []) {
      if (name !== undefined && state === 'ALARM') red.add(name);
    }
  }
  return red;
}

/** The values of an alarm's metric, window by window, in those that end after `since`. */
export async function windowsOf(
  cloudWatch: CloudWatchClient,
  { metric, rule }: AlarmNow,
  since: Date,
  now: Date,
): Promise<WindowValue[]> {
  const length = rule.periodSeconds * 1000;
  const answer = await cloudWatch.send(
    // a page holds the windows of months
    new GetMetricDataCommand({
      MetricDataQueries: [
        {
          Id: 'windows',
          MetricStat: {
            Metric: {
              Namespace: metric.namespace,
              MetricName: metric.name,
              Dimensions: Object.entries(metric.dimensions).map(([Name, Value]) => ({ Name, Value })),
            },
            Period: rule.periodSeconds,
            Stat: metric.statistic,
          },
        },
      ],
      // at the edges of windows, or the values would be of others than were judged
      StartTime: new Date(Math.floor(since.getTime() / length) * length),
      EndTime: new Date(Math.ceil(now.getTime() / length) * length),
    }),
  );
  const result = answer.MetricDataResults?.at(0);
  return (result?.Timestamps ?? []).map((start, index) => ({
    end: new Date(start.getTime() + length).toISOString(),
    value: result?.Values?.[index] ?? NaN,
  }));
}

function alarmNow(alarm: MetricAlarm): AlarmNow {
  const changed = alarm.StateTransitionedTimestamp ?? alarm.StateUpdatedTimestamp;
  const { AlarmName: name, AlarmArn: arn, MetricName: metricName, Threshold: threshold, Period: period } = alarm;
  if (
    name === undefined ||
    arn === undefined ||
    changed === undefined ||
    metricName === undefined ||
    threshold === undefined ||
    period === undefined
  ) {
    throw new Error(
      `CloudWatch must tell name, ARN, time of change, metric, threshold and period of alarm '${name ?? ''}', got less`,
    );
  }
  const evaluationWindows = alarm.EvaluationPeriods ?? 1;
  return {
    name,
    arn,
    red: alarm.StateValue === 'ALARM',
    changedAt: changed.toISOString(),
    stateReason: alarm.StateReason ?? '',
    metric: {
      namespace: alarm.Namespace ?? '',
      name: metricName,
      statistic: alarm.Statistic ?? '',
      dimensions: Object.fromEntries((alarm.Dimensions ?? []).map(({ Name, Value }) => [Name ?? '', Value ?? ''])),
    },
    rule: {
      comparison: alarm.ComparisonOperator as Comparison,
      threshold,
      periodSeconds: period,
      evaluationWindows,
      alarmingWindows: alarm.DatapointsToAlarm ?? evaluationWindows,
    },
  };
}
