import { type Finding, isObject, type Limit, listed, resourcesOf, type Template } from './template';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86400;
const HIGH_RESOLUTION_SECONDS = [10, 20, 30];
const MAX_METRICS = 10;
const MAX_ACTIONS = 5;

type Properties = Readonly<Record<string, unknown>>;

/** Alarms that CloudWatch would refuse. */
export const alarmLimits: readonly Limit[] = [
  { name: 'alarm-period', findings: template => ofAlarms(template, 'Period', badPeriod) },
  { name: 'alarm-evaluation', findings: template => ofAlarms(template, 'EvaluationPeriods', looksBackTooFar) },
  { name: 'alarm-datapoints', findings: template => ofAlarms(template, 'DatapointsToAlarm', moreThanThereAre) },
  { name: 'alarm-metrics', findings: template => ofAlarms(template, 'Metrics', tooManyMetrics) },
  { name: 'alarm-actions', findings: template => ofAlarms(template, 'AlarmActions', tooManyActions) },
];

function ofAlarms(
  template: Template,
  property: string,
  problem: (properties: Properties) => string | undefined,
): Finding[] {
  return resourcesOf(template, 'AWS::CloudWatch::Alarm').flatMap(([logicalId, properties]) => {
    const message = problem(properties);
    return message === undefined ? [] : [{ logicalId, location: `Properties/${property}`, message }];
  });
}

/** Periods of an alarm: its own, or those of the metrics that it is made of. */
function periods({ Period, Metrics }: Properties): number[] {
  return [
    Period,
    ...listed(Metrics).map(metric =>
      isObject(metric) ? (isObject(metric.MetricStat) ? metric.MetricStat.Period : metric.Period) : undefined,
    ),
  ].filter(period => typeof period === 'number');
}

function badPeriod(properties: Properties): string | undefined {
  const bad = periods(properties).find(
    period =>
      !(HIGH_RESOLUTION_SECONDS.includes(period) || (period >= 60 && period % 60 === 0 && period <= DAY_SECONDS)),
  );
  return bad === undefined
    ? undefined
    : `'Period' is ${bad} seconds, must be 10, 20, 30 or a multiple of 60 up to a day: count longer times by 'EvaluationPeriods'`;
}

function looksBackTooFar(properties: Properties): string | undefined {
  const { EvaluationPeriods: count } = properties;
  const period = Math.max(0, ...periods(properties));
  const longest = period >= HOUR_SECONDS ? 7 * DAY_SECONDS : DAY_SECONDS;
  if (typeof count !== 'number' || period * count <= longest) return undefined;
  return `'EvaluationPeriods' is ${count} of ${period} seconds each, must be at most ${Math.floor(longest / period)}: an alarm looks back ${
    longest === DAY_SECONDS ? 'a day at most, or seven where its period is an hour or longer' : 'seven days at most'
  }`;
}

function moreThanThereAre({ EvaluationPeriods: count, DatapointsToAlarm: datapoints }: Properties): string | undefined {
  if (typeof count !== 'number' || typeof datapoints !== 'number' || datapoints <= count) return undefined;
  return `'DatapointsToAlarm' is ${datapoints}, must be at most 'EvaluationPeriods', which is ${count}`;
}

function tooManyMetrics({ Metrics }: Properties): string | undefined {
  const metrics = listed(Metrics).filter(metric => isObject(metric) && metric.MetricStat !== undefined).length;
  return metrics <= MAX_METRICS
    ? undefined
    : `'Metrics' has ${metrics} metrics, must have at most ${MAX_METRICS}: make several alarms, and one composite alarm of them`;
}

function tooManyActions(properties: Properties): string | undefined {
  const [name, count] = ['AlarmActions', 'OKActions', 'InsufficientDataActions']
    .map((property): [string, number] => [property, listed(properties[property]).length])
    .find(([, actions]) => actions > MAX_ACTIONS) ?? ['', 0];
  return count === 0
    ? undefined
    : `'${name}' has ${count} actions, must have at most ${MAX_ACTIONS}: let one topic tell them all`;
}
