import type { Duration } from 'aws-cdk-lib';
import type { IAlarm, IMetric, Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { IConstruct } from 'constructs';

/** Lines that an update must not cross while it bakes. */
export interface GuardrailLimits {
  /** Largest share of requests answered with 5XX. */
  readonly maxServerErrorRate: number;

  /** Largest share of requests that the model does not answer with 2XX. */
  readonly maxModelErrorRate: number;

  /** Longest time in which the model must answer 99 of 100 requests. */
  readonly maxLatency: Duration;
}

/** A model's service by what can be seen of it: the same on SageMaker and on Kubernetes. */
export interface IServedModel extends IConstruct {
  /** Alarms that make an update go back by itself while it bakes. */
  readonly guardrailAlarms: IAlarm[];

  /** Where these alarms draw the line. */
  readonly guardrailLimits: GuardrailLimits;

  /** How much of what AWS bills runs for the model; nothing where nobody counts it. */
  readonly capacity: IMetric[];

  /** How busy is what serves, in percent of one instance's resource; nothing where nobody tells. */
  readonly utilization: IMetric[];

  /** Requests for predictions. */
  metricInvocations(options?: MetricOptions): Metric;

  /** Share of requests answered with 5XX. */
  metricServerErrorRate(options?: MetricOptions): Metric;

  /** Share of requests that the model did not answer with 2XX. */
  metricModelErrorRate(options?: MetricOptions): Metric;

  /** Time that the model takes to answer 99 of 100 requests, in microseconds. */
  metricLatency(options?: MetricOptions): Metric;
}
