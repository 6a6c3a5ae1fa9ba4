import { type MetricDatum, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import type { AwsAccess } from '../aws/access';
import type { Clock } from '../clock';
import { type RequestContext, scopeOf } from '../names';
import type { Reporter } from '../report';

const FLUSH_EVERY_MS = 1000;
const NAMESPACE = 'AWS/SageMaker';
const MINUTE_MS = 60_000;
const MAX_DATA_PER_CALL = 1000;

/** What one invocation adds to the metrics of its variant. */
export interface Invocation {
  readonly endpointName: string;
  readonly variantName: string;
  /** The model's own status; undefined when it gave none. */
  readonly modelStatus: number | undefined;
  readonly modelMicros: number;
  readonly overheadMicros: number;
}

interface Statistics {
  count: number;
  sum: number;
  min: number;
  max: number;
}

interface Batch {
  readonly context: RequestContext;
  readonly endpointName: string;
  readonly variantName: string;
  readonly minute: number;
  readonly metrics: Map<string, Statistics>;
}

const UNITS: Readonly<Record<string, 'Count' | 'Microseconds' | 'None'>> = {
  Invocations: 'None',
  ModelLatency: 'Microseconds',
  OverheadLatency: 'Microseconds',
  Invocation4XXErrors: 'None',
  Invocation5XXErrors: 'None',
  InvocationModelErrors: 'None',
};

/** CloudWatch metrics of the invocations, put as statistic sets every second and not by request. */
export class InvocationMetrics {
  private batches = new Map<string, Batch>();
  private sending: Promise<void> = Promise.resolve();
  private readonly timer: NodeJS.Timeout;

  constructor(
    private readonly aws: AwsAccess,
    private readonly clock: Clock,
    private readonly reporter: Reporter,
  ) {
    this.timer = setInterval(() => void this.flush(), FLUSH_EVERY_MS);
    this.timer.unref();
  }

  /** Counts an invocation. */
  public record(context: RequestContext, invocation: Invocation): void {
    const { metrics } = this.batch(context, invocation);
    const { modelStatus: status } = invocation;
    const isFailure = status === undefined || status < 200 || status > 299;
    add(metrics, 'Invocations', 1);
    add(metrics, 'ModelLatency', invocation.modelMicros);
    add(metrics, 'OverheadLatency', invocation.overheadMicros);
    add(metrics, 'Invocation4XXErrors', status !== undefined && status >= 400 && status < 500 ? 1 : 0);
    add(metrics, 'Invocation5XXErrors', status === undefined || status >= 500 ? 1 : 0);
    add(metrics, 'InvocationModelErrors', isFailure ? 1 : 0);
  }

  /** Puts what was counted; resolves when it is there. */
  public flush(): Promise<void> {
    const batches = [...this.batches.values()];
    this.batches = new Map();
    if (batches.length > 0) {
      this.sending = this.sending.then(() => this.send(batches));
    }
    return this.sending;
  }

  /** Puts what is left and ends. */
  public async close(): Promise<void> {
    clearInterval(this.timer);
    await this.flush();
  }

  private batch(context: RequestContext, { endpointName, variantName }: Invocation): Batch {
    // a batch lies within one minute, so that a move of the clock mixes no two periods
    const minute = Math.floor(this.clock.millis() / MINUTE_MS);
    const key = [scopeOf(context), endpointName, variantName, minute].join('\n');
    let batch = this.batches.get(key);
    if (batch === undefined) {
      batch = { context, endpointName, variantName, minute, metrics: new Map() };
      this.batches.set(key, batch);
    }
    return batch;
  }

  private async send(batches: readonly Batch[]): Promise<void> {
    const places = new Map(batches.map(({ context }) => [scopeOf(context), context]));
    for (const [scope, context] of places) {
      const data = batches.filter(batch => scopeOf(batch.context) === scope).flatMap(datumsOf);
      for (let start = 0; start < data.length; start += MAX_DATA_PER_CALL) {
        try {
          await this.aws.ownCloudWatch(context).send(
            new PutMetricDataCommand({
              Namespace: NAMESPACE,
              MetricData: data.slice(start, start + MAX_DATA_PER_CALL),
            }),
          );
        } catch (error) {
          this.reporter.warn('invocation metrics were not delivered', error);
        }
      }
    }
  }
}

function datumsOf(batch: Batch): MetricDatum[] {
  return [...batch.metrics].map(([name, { count, sum, min, max }]) => ({
    MetricName: name,
    Dimensions: [
      { Name: 'EndpointName', Value: batch.endpointName },
      { Name: 'VariantName', Value: batch.variantName },
    ],
    Timestamp: new Date(batch.minute * MINUTE_MS),
    Unit: UNITS[name] ?? 'None',
    StatisticValues: { SampleCount: count, Sum: sum, Minimum: min, Maximum: max },
  }));
}

function add(metrics: Map<string, Statistics>, name: string, value: number): void {
  const current = metrics.get(name);
  if (current === undefined) {
    metrics.set(name, { count: 1, sum: value, min: value, max: value });
    return;
  }
  current.count++;
  current.sum += value;
  current.min = Math.min(current.min, value);
  current.max = Math.max(current.max, value);
}
