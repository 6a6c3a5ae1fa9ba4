import { Duration } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IAlarm, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { GuardrailLimits } from './served-model';
import type { ServingMetrics } from './serving-metrics';

/** Two of three minutes: one bad minute is no reason to go back. */
const EVALUATION_PERIODS = 3;
/** How long an update must bake for them to go off: their minutes, of which the last has to be over. */
export const GUARDRAIL_NEEDS = Duration.minutes(EVALUATION_PERIODS);
const DATAPOINTS_TO_ALARM = 2;
/** Latencies are measured in microseconds. */
export const MICROSECONDS_PER_MILLISECOND = 1000;

/** What the guardrail watches, and where it draws the line. */
export interface GuardrailAlarmsProps {
  readonly metrics: ServingMetrics;
  readonly limits: GuardrailLimits;
}

/** Alarms that make an update go back by itself while it bakes. No traffic is no evidence against a version. */
export class GuardrailAlarms extends Construct {
  public readonly alarms: IAlarm[];

  constructor(scope: Construct, id: string, props: GuardrailAlarmsProps) {
    super(scope, id);
    const { metrics, limits } = props;
    this.alarms = [
      this.alarm(
        'ServerErrors',
        'The endpoint answers with 5XX too often',
        metrics.serverErrorRate(),
        limits.maxServerErrorRate,
      ),
      this.alarm('ModelErrors', 'The model fails too often', metrics.modelErrorRate(), limits.maxModelErrorRate),
      this.alarm(
        'Latency',
        'The model answers too slowly',
        metrics.latency(),
        limits.maxLatency.toMilliseconds() * MICROSECONDS_PER_MILLISECOND,
      ),
    ];
  }

  private alarm(id: string, alarmDescription: string, metric: Metric, threshold: number): Alarm {
    return new Alarm(this, id, {
      alarmDescription,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: EVALUATION_PERIODS,
      datapointsToAlarm: DATAPOINTS_TO_ALARM,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }
}
