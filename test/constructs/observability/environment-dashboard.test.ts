import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import fc from 'fast-check';
import {
  type DashboardModel,
  EnvironmentDashboard,
  type EnvironmentDashboardProps,
  ServingTarget,
} from '../../../constructs';
import { dashboardsOf, metricsOf, type Widget } from '../../support/dashboards';
import type { Resource } from '../../support/platform';

const RELEASES = 'arn:aws:states:eu-west-1:111111111111:stateMachine:releases';

function widgetsOf(props: Partial<EnvironmentDashboardProps> | ((stack: Stack) => Partial<EnvironmentDashboardProps>)) {
  const stack = new Stack(new App(), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  const machine = StateMachine.fromStateMachineArn(stack, 'Machine', RELEASES);
  new EnvironmentDashboard(stack, 'Dashboard', {
    environmentName: 'dev',
    models: [],
    releaseStateMachine: machine,
    pipelineStateMachine: machine,
    monitorStateMachine: machine,
    ...(typeof props === 'function' ? props(stack) : props),
  });
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> };
  return dashboardsOf({ resources: Resources })[0];
}

const titles = (widgets: Widget[]): (string | undefined)[] =>
  widgets.filter(({ type }) => type === 'metric').map(({ properties }) => properties.title);

const aModel: fc.Arbitrary<DashboardModel> = fc.record({
  modelName: fc.nat(999).map(number => `m${number}`),
  target: fc.constantFrom(ServingTarget.SAGEMAKER, ServingTarget.EKS, undefined),
});

test('has room for its models, however many and wherever they serve, with a line for each', () => {
  fc.assert(
    fc.property(fc.uniqueArray(aModel, { maxLength: 350, selector: ({ modelName }) => modelName }), models => {
      const { widgets } = widgetsOf({ models });

      const counts = widgets.map(widget => metricsOf(widget).length);
      // CloudWatch's own limits
      expect(Math.max(...counts)).toBeLessThanOrEqual(500);
      expect(counts.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(2500);
      const requests = widgets.find(({ properties }) => properties.title === 'Requests for predictions');
      expect(requests === undefined ? 0 : metricsOf(requests).length).toBe(models.length);
      expect(widgets.every(({ x, width }) => x + width <= 24)).toBe(true);
    }),
    { numRuns: 20 },
  );
});

test('the most models that it takes fit into what CloudWatch has room for', () => {
  const models = Array.from({ length: 350 }, (_, at) => ({ modelName: `m${at}` }));
  const { widgets } = widgetsOf({ models });
  expect(widgets.reduce((sum, widget) => sum + metricsOf(widget).length, 0)).toBeLessThanOrEqual(2500);
});

test('a model is asked for where it is served', () => {
  const { widgets } = widgetsOf({
    models: [{ modelName: 'rain' }, { modelName: 'snow', target: ServingTarget.EKS }],
  });
  const latency = widgets.find(({ properties }) => properties.title === 'Time to answer, p99');

  expect(latency === undefined ? [] : metricsOf(latency)).toMatchObject([
    { namespace: 'AWS/SageMaker', dimensions: { EndpointName: 'mlops-dev-rain', VariantName: 'AllTraffic' } },
    { namespace: 'MLOps/Serving/dev/snow', dimensions: { Model: 'snow' } },
  ]);
});

test('shows nothing of what it is not given', () => {
  const { widgets } = widgetsOf({});

  expect(widgets.filter(({ type }) => type === 'alarm')).toEqual([]);
  expect(titles(widgets)).toEqual([
    'Releases and rollbacks',
    'Time of a release',
    'Looks at all models',
    'Training pipelines',
    'Time of a training',
    'Monitors',
  ]);
  expect(JSON.stringify(widgets)).not.toContain('Lost events');
});

test('shows alarms, queues, queries and charges where it is given them', () => {
  const { widgets } = widgetsOf(stack => ({
    alarms: [
      new Alarm(stack, 'Late', {
        metric: new Metric({ namespace: 'Test', metricName: 'Late' }),
        threshold: 1,
        evaluationPeriods: 1,
      }),
    ],
    deadLetterQueues: { approvals: new Queue(stack, 'Approvals') },
    workgroupName: 'mlops-dev',
    accountCharges: true,
  }));

  expect(titles(widgets).slice(6)).toEqual([
    'Lost events',
    'Scanned by queries, which is what Athena bills',
    'Charges of this account since the first of the month, all environments in it',
  ]);
  expect(widgets.filter(({ type }) => type === 'alarm')).toHaveLength(1);
  // billing tells of every region in one
  const charges = widgets.at(-1);
  expect(charges === undefined ? [] : metricsOf(charges).map(({ region }) => region)).toEqual([
    'us-east-1',
    'us-east-1',
  ]);
});

test.each<[string, Partial<EnvironmentDashboardProps>, string]>([
  ['a name of an environment', { environmentName: 'Dev' }, "'environmentName' is 'Dev', must be at most 12"],
  ['a name of a model', { models: [{ modelName: 'a_b' }] }, "'modelName' is 'a_b', must be at most 27"],
  ['a name of its own', { dashboardName: 'a b' }, "'dashboardName' is 'a b', must be at most 255 letters"],
  [
    'more models than CloudWatch has room for',
    { models: Array.from({ length: 351 }, (_, at) => ({ modelName: `m${at}` })) },
    "'models' has 351 models, must have at most 350, since CloudWatch shows 2,500 metrics on a dashboard; make a dashboard with a 'dashboardName' for each part",
  ],
])('fails for %s that cannot be', (_, props, message) => {
  expect(() => widgetsOf(props)).toThrow(`Stack/Dashboard: ${message}`);
});
