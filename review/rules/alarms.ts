import type { ResourceChange } from '../compare';
import type { Finding, Rule } from '../finding';
import { isOn, numberOf, shown, textOf, valueAt, valuesAt } from '../values';

const ALARM = /^AWS::CloudWatch::(CompositeAlarm|Alarm|AnomalyDetector)$/;

/** Alarms that are gone, that tell nobody, or that sound later than they did. */
export const alarms: Rule = ({ resources }) => resources.flatMap(change => [...ofAlarm(change), ...ofReceiver(change)]);

function ofAlarm(change: ResourceChange): Finding[] {
  const { type, before, after, stack, logicalId } = change;
  if (!ALARM.test(type)) {
    return [];
  }
  const finding = (level: Finding['level'], says: string): Finding => ({
    topic: 'alarms weakened',
    level,
    stack,
    logicalId,
    says,
  });
  if (after === undefined) {
    const text = valueAt(before, 'AlarmDescription');
    return [finding('danger', `the alarm is deleted${text === undefined ? '' : ` (${shown(text)})`}`)];
  }
  if (before === undefined) {
    return [];
  }
  return [
    ...lessActions(before, after).map(says => finding('danger', says)),
    ...laterThreshold(before, after).map(says => finding('danger', says)),
    ...otherMeasure(before, after).map(says => finding('look', says)),
  ];
}

type Alarm = NonNullable<ResourceChange['before']>;

function lessActions(before: Alarm, after: Alarm): string[] {
  const gone = valuesAt(before, 'AlarmActions.*').filter(action => !valuesAt(after, 'AlarmActions.*').includes(action));
  const off = isOn(valueAt(before, 'ActionsEnabled') ?? true) && !isOn(valueAt(after, 'ActionsEnabled') ?? true);
  return [
    ...(gone.length > 0 ? [`the alarm no longer tells ${gone.map(shown).join(', ')}`] : []),
    ...(off ? ['actions of the alarm are switched off'] : []),
  ];
}

function laterThreshold(before: Alarm, after: Alarm): string[] {
  const numbers = (property: string) => [numberOf(valueAt(before, property)), numberOf(valueAt(after, property))];
  const operator = String(valueAt(after, 'ComparisonOperator'));
  const [oldThreshold, threshold] = numbers('Threshold');
  const upwards = operator.startsWith('Greater');
  const loosened =
    oldThreshold !== undefined &&
    threshold !== undefined &&
    (upwards ? threshold > oldThreshold : threshold < oldThreshold);
  const later = ['EvaluationPeriods', 'DatapointsToAlarm', 'Period'].flatMap(property => {
    const [old, now] = numbers(property);
    return old !== undefined && now !== undefined && now > old
      ? [`the alarm sounds later: \`${property}\` ${old} → ${now}`]
      : [];
  });
  const [oldMissing, missing] = [before, after].map(alarm => textOf(valueAt(alarm, 'TreatMissingData') ?? 'missing'));
  return [
    ...(loosened
      ? [`the threshold of the alarm is ${upwards ? 'raised' : 'lowered'}: ${oldThreshold} → ${threshold}`]
      : []),
    ...later,
    ...(missing !== oldMissing
      ? [`silence means something else to the alarm: \`TreatMissingData\` \`${oldMissing}\` → \`${missing}\``]
      : []),
  ];
}

/** It watches something else: better or worse, a person knows. */
function otherMeasure(before: Alarm, after: Alarm): string[] {
  return [
    'MetricName',
    'Namespace',
    'Dimensions',
    'Statistic',
    'ExtendedStatistic',
    'Metrics',
    'ComparisonOperator',
    'AlarmRule',
  ]
    .filter(property => JSON.stringify(valueAt(before, property)) !== JSON.stringify(valueAt(after, property)))
    .map(
      property =>
        `the alarm watches something else: \`${property}\` ${shown(valueAt(before, property))} → ${shown(valueAt(after, property))}`,
    );
}

/** Whoever is told, and what counts the lines of a log for an alarm. */
function ofReceiver({ type, before, after, stack, logicalId }: ResourceChange): Finding[] {
  if (before === undefined || after !== undefined) {
    return [];
  }
  const receiver = `${shown(valueAt(before, 'Protocol'))} ${shown(valueAt(before, 'Endpoint'))}`;
  const says: Record<string, string> = {
    'AWS::SNS::Subscription': `${receiver} is no longer told of what the topic says`,
    'AWS::SNS::Topic': 'the topic is deleted: whoever listened hears nothing',
    'AWS::Logs::MetricFilter': 'a metric filter is deleted: alarms on its metric stay silent',
  };
  return type in says ? [{ topic: 'alarms weakened', level: 'danger', stack, logicalId, says: says[type] }] : [];
}
