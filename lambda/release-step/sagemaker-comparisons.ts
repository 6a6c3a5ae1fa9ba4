import { GetQueryExecutionCommand, StartQueryExecutionCommand, type AthenaClient } from '@aws-sdk/client-athena';
import {
  GetMetricDataCommand,
  type CloudWatchClient,
  type GetMetricDataCommandOutput,
  type MetricDataQuery,
} from '@aws-sdk/client-cloudwatch';
import { athenaRows } from '../shared/athena-results';
import { digestOf } from '../shared/canonical-json';
import type { AnyServingSettings, ServingSettings } from '../shared/contracts';
import { SERVING_VARIANT, SHADOW_VARIANT } from '../shared/variants';
import { pairingQuery, readPairedAnswers } from './pairing-query';
import type { ComparisonsPort, ShadowedTime } from './ports';
import type { PairedAnswers, VariantLoad } from './shadow-verdict';
import { variantLoad, type ByMinute } from './variant-load';

const MINUTE_MS = 60_000;

/** What is measured of a variant, by CloudWatch's names. */
const SERIES = {
  requests: { metric: 'Invocations', statistic: 'Sum' },
  errors: { metric: 'InvocationModelErrors', statistic: 'Sum' },
  p99: { metric: 'ModelLatency', statistic: 'p99' },
} as const;
const VARIANTS = { champion: SERVING_VARIANT, challenger: SHADOW_VARIANT } as const;

/** Compares the two variants of a SageMaker endpoint by the inference log, in Athena, and by CloudWatch's metrics. */
export class SageMakerComparisons implements ComparisonsPort {
  constructor(
    private readonly athena: AthenaClient,
    private readonly cloudWatch: CloudWatchClient,
  ) {}

  async startPairing(time: ShadowedTime, settings: AnyServingSettings): Promise<string> {
    const { shadow } = onSageMaker(settings);
    if (shadow === undefined) throw new Error("the model's settings ask for no shadow, so nothing is to be compared");
    const { QueryExecutionId: id } = await this.athena.send(
      new StartQueryExecutionCommand({
        QueryString: pairingQuery(time, shadow),
        WorkGroup: shadow.workgroup,
        // the same token starts one query, however often the step is repeated
        ClientRequestToken: digestOf(time.id),
      }),
    );
    if (id === undefined) throw new Error('Athena took the query and gave it no id');
    return id;
  }

  async pairedAnswers(pairing: string): Promise<PairedAnswers | undefined> {
    const { QueryExecution: query } = await this.athena.send(
      new GetQueryExecutionCommand({ QueryExecutionId: pairing }),
    );
    const { State: state = 'UNKNOWN', StateChangeReason: reason = '' } = query?.Status ?? {};
    if (state === 'QUEUED' || state === 'RUNNING') return undefined;
    if (state !== 'SUCCEEDED')
      throw new Error(`the query that pairs the answers, '${pairing}', is ${state}: ${reason}`);
    return readPairedAnswers((await athenaRows(this.athena, pairing)).at(0) ?? {});
  }

  async loads(
    { since, until }: ShadowedTime,
    settings: AnyServingSettings,
  ): Promise<{ champion: VariantLoad; challenger: VariantLoad }> {
    const { endpointName } = onSageMaker(settings);
    const queries = Object.entries(VARIANTS).flatMap(([who, variantName]) =>
      Object.entries(SERIES).map(([what, { metric, statistic }]) =>
        query(`${who}_${what}`, metric, statistic, { EndpointName: endpointName, VariantName: variantName }),
      ),
    );
    const series = await this.series(queries, since, until);
    const load = (who: keyof typeof VARIANTS): VariantLoad => {
      const of = (what: keyof typeof SERIES): ByMinute => series.get(`${who}_${what}`) ?? new Map<number, number>();
      return variantLoad({ requests: of('requests'), errors: of('errors'), p99: of('p99') });
    };
    return { champion: load('champion'), challenger: load('challenger') };
  }

  private async series(queries: MetricDataQuery[], since: Date, until: Date): Promise<Map<string, ByMinute>> {
    const series = new Map<string, Map<number, number>>();
    let token: string | undefined;
    do {
      const page: GetMetricDataCommandOutput = await this.cloudWatch.send(
        new GetMetricDataCommand({
          MetricDataQueries: queries,
          StartTime: new Date(Math.floor(since.getTime() / MINUTE_MS) * MINUTE_MS),
          EndTime: until,
          NextToken: token,
        }),
      );
      for (const { Id: id = '', Timestamps: times = [], Values: values = [] } of page.MetricDataResults ?? []) {
        const known = series.get(id) ?? new Map<number, number>();
        times.forEach((time, index) => known.set(time.getTime(), values[index] ?? 0));
        series.set(id, known);
      }
      token = page.NextToken;
    } while (token !== undefined);
    return series;
  }
}

function onSageMaker(settings: AnyServingSettings): ServingSettings {
  if (settings.target === 'sagemaker') return settings;
  throw new Error(`only variants of a SageMaker endpoint can be compared, the model serves on '${settings.target}'`);
}

function query(id: string, metric: string, statistic: string, dimensions: Record<string, string>): MetricDataQuery {
  return {
    Id: id,
    MetricStat: {
      Metric: {
        Namespace: 'AWS/SageMaker',
        MetricName: metric,
        Dimensions: Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value })),
      },
      Period: MINUTE_MS / 1000,
      Stat: statistic,
    },
  };
}
