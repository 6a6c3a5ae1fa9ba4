import type { Metric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import { endpointMetric } from './endpoint-metrics';
import { podMetric } from './kubernetes/pod-metrics';

type Source = (metricName: string, statistic: string, options?: MetricOptions) => Metric;

/** How requests for a model's predictions go, whoever counts them. */
export class ServingMetrics {
  /** Of an endpoint, as SageMaker counts. */
  public static ofEndpoint(endpointName: string): ServingMetrics {
    const source: Source = (...named) => endpointMetric(endpointName, ...named);
    return new ServingMetrics(source, options => source('Invocations', 'Sum', options));
  }

  /** Of a model's pods, as the model server counts. */
  public static ofPods(environmentName: string, modelName: string): ServingMetrics {
    const source: Source = (...named) => podMetric(environmentName, modelName, ...named);
    return new ServingMetrics(source, options => source('ModelLatency', 'SampleCount', options));
  }

  private constructor(
    private readonly metric: Source,
    /** Requests for predictions. */
    public readonly invocations: (options?: MetricOptions) => Metric,
  ) {}

  /** Share of requests answered with 5XX. */
  public serverErrorRate(options?: MetricOptions): Metric {
    // 0 or 1 for each request, so the average is the rate
    return this.metric('Invocation5XXErrors', 'Average', options);
  }

  /** Share of requests that the model did not answer with 2XX. */
  public modelErrorRate(options?: MetricOptions): Metric {
    return this.metric('InvocationModelErrors', 'Average', options);
  }

  /** Time that the model takes to answer 99 of 100 requests, in microseconds. */
  public latency(options?: MetricOptions): Metric {
    return this.metric('ModelLatency', 'p99', options);
  }
}
