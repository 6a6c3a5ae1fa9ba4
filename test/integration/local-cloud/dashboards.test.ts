import {
  CloudWatchClient,
  GetDashboardCommand,
  GetMetricDataCommand,
  PutDashboardCommand,
  PutMetricDataCommand,
} from '@aws-sdk/client-cloudwatch';
import { publishModelMetrics, publishReleaseMetrics } from '../../../lambda/shared/release-metrics';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { dashboardsOf, metricsOf, type ShownMetric, type Widget } from '../../support/dashboards';
import { synthesise } from '../../support/platform';
import { clientOf } from './stack';

const DASHBOARDS = [...synthesise({ environmentNames: ['local', 'localeks'] }).values()]
  .flat()
  .flatMap(stack => dashboardsOf(stack));

let cloud: LocalCloud;
let cloudwatch: CloudWatchClient;

beforeAll(async () => {
  cloud = await startLocalCloud();
  cloudwatch = new CloudWatchClient(clientOf(cloud));
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

const dimensionsOf = ({ dimensions }: ShownMetric) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

/** The same for each statistic of one metric. */
const nameOf = ({ namespace, metricName, dimensions }: ShownMetric): string =>
  JSON.stringify([namespace, metricName, Object.entries(dimensions).sort()]);

/** What a graph would draw of a metric: its statistic, by its period, over the last day and the one that is to come. */
async function drawn(metric: ShownMetric): Promise<number[]> {
  const now = (await cloud.clock.now()).getTime();
  const { MetricDataResults: results } = await cloudwatch.send(
    new GetMetricDataCommand({
      StartTime: new Date(now - 86_400_000),
      EndTime: new Date(now + 86_400_000),
      MetricDataQueries: [
        {
          Id: 'm1',
          MetricStat: {
            Metric: {
              Namespace: metric.namespace,
              MetricName: metric.metricName,
              Dimensions: dimensionsOf(metric),
            },
            Stat: metric.stat,
            Period: metric.period,
          },
        },
      ],
    }),
  );
  return results?.[0]?.Values ?? [];
}

test('no graph of any dashboard is empty once each metric has a value, and each draws the value of its own', async () => {
  // GIVEN dashboards as a console would get them
  const widgets: Widget[] = [];
  for (const { name, body } of DASHBOARDS) {
    await cloudwatch.send(new PutDashboardCommand({ DashboardName: name, DashboardBody: body }));
    const { DashboardBody } = await cloudwatch.send(new GetDashboardCommand({ DashboardName: name }));
    widgets.push(...(JSON.parse(DashboardBody ?? '') as { widgets: Widget[] }).widgets);
  }
  expect(DASHBOARDS.map(({ name }) => name).sort()).toEqual([
    'mlops-local',
    'mlops-local-rain',
    'mlops-localeks',
    'mlops-localeks-rain',
  ]);
  const graphs = widgets.filter(({ type }) => type === 'metric').map(metricsOf);
  const shown = graphs.flat();
  for (const metric of shown) expect(await drawn(metric)).toEqual([]);

  // WHEN each metric gets a value that no other has
  const values = new Map([...new Set(shown.map(nameOf))].map((name, at) => [name, at + 1]));
  for (const metric of new Map(shown.map(each => [nameOf(each), each])).values()) {
    await cloudwatch.send(
      new PutMetricDataCommand({
        Namespace: metric.namespace,
        MetricData: [
          {
            MetricName: metric.metricName,
            Dimensions: dimensionsOf(metric),
            Value: values.get(nameOf(metric)),
            Timestamp: await cloud.clock.now(),
          },
        ],
      }),
    );
  }

  // THEN each graph draws that value of each of its metrics
  expect(graphs.length).toBeGreaterThan(40);
  for (const metric of shown) {
    const expected = metric.stat === 'SampleCount' ? 1 : values.get(nameOf(metric));
    expect({ metric, values: await drawn(metric) }).toEqual({ metric, values: [expected] });
  }
}, 120_000);

test('what the reconciler publishes is what the graphs of versions and looks draw', async () => {
  // GIVEN the graphs of an environment that nobody has looked at yet
  const environment = 'other';
  const of = (metric: ShownMetric): ShownMetric => ({
    ...metric,
    dimensions: { ...metric.dimensions, ...('Environment' in metric.dimensions ? { Environment: environment } : {}) },
  });
  const shown = DASHBOARDS.flatMap(({ widgets }) => widgets.flatMap(metricsOf)).map(of);
  const find = (name: string): ShownMetric => {
    const metric = shown.find(({ metricName }) => metricName === name);
    if (metric === undefined) throw new Error(`no graph shows '${name}'`);
    return metric;
  };

  // WHEN the function's own code tells of a look
  await publishReleaseMetrics(cloudwatch, environment, { DriftedModels: 2, ReconcilerHeartbeat: 1 });
  await publishModelMetrics(
    cloudwatch,
    environment,
    new Map([
      ['rain', { version: '7', instances: 0 }],
      ['snow', { version: '3', instances: 2 }],
    ]),
  );

  // THEN
  expect(await drawn(find('ServingVersion'))).toEqual([7]);
  expect(await drawn(find('ServingInstances'))).toEqual([0]);
  expect(await drawn(find('DriftedModels'))).toEqual([2]);
  expect(await drawn(find('ReconcilerHeartbeat'))).toEqual([1]);
}, 60_000);
