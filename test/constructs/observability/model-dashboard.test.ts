import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ModelDashboard, type ModelDashboardProps, ModelRegistry, ModelService } from '../../../constructs';
import { dashboardsOf, type Widget } from '../../support/dashboards';
import type { Resource } from '../../support/platform';
import { Fixture } from '../monitoring/fixture';

const named = { environmentName: 'dev', modelName: 'rain' };

function dashboard(props: Partial<ModelDashboardProps> = {}, logged = false): { name: string; widgets: Widget[] } {
  const fixture = new Fixture();
  const { model: stack } = fixture;
  const service = new ModelService(stack, 'Service', {
    ...named,
    registry: new ModelRegistry(stack, 'Registry', named),
    artifactBucket: Bucket.fromBucketName(stack, 'Artifacts', 'artifacts'),
    instanceType: 'ml.m5.large',
    maxLatency: Duration.millis(250),
    maxServerErrorRate: 0,
  });
  new ModelDashboard(stack, 'Dashboard', {
    ...named,
    service,
    monitor: fixture.monitor(),
    ...(logged ? { inferenceLog: fixture.inferenceLog } : {}),
    ...props,
  });
  const { Resources } = Template.fromStack(stack).toJSON() as { Resources: Record<string, Resource> };
  return dashboardsOf({ resources: Resources })[0];
}

const linesOf = (widgets: Widget[], title: string) =>
  widgets
    .find(({ properties }) => properties.title === title)
    ?.properties.annotations?.horizontal?.map(({ value, label }) => [value, label]);

test('its lines are where the alarms are: in the unit of the graph, and 0 is a line too', () => {
  const { widgets } = dashboard();

  expect(linesOf(widgets, 'Time to answer')).toEqual([[250_000, 'p99 in a release (250000)']]);
  expect(linesOf(widgets, 'Errors')).toEqual([
    [0, '5XX in a release (0)'],
    [0.25, 'not 2XX by the model in a release (0.25)'],
  ]);
});

test('shows the delivery of a log where it is given one', () => {
  const titles = (logged: boolean): (string | undefined)[] =>
    dashboard({}, logged).widgets.map(({ properties }) => properties.title);

  expect(titles(false)).not.toContain('Inference log');
  expect(titles(true)).toContain('Inference log');
});

test('has a name and a runbook of its own where it is given them', () => {
  const { name, widgets } = dashboard({ dashboardName: 'weather', runbookUrl: 'https://example.com/runbook' });

  expect(name).toBe('weather');
  expect(widgets[0].properties.markdown).toContain('[runbook](https://example.com/runbook)');
});

test.each<[string, Partial<ModelDashboardProps>, string]>([
  ['an environment', { environmentName: 'Dev' }, "'environmentName' is 'Dev', must be at most 12"],
  ['a model', { modelName: 'Rain' }, "'modelName' is 'Rain', must be at most 27"],
  ['a dashboard', { dashboardName: '' }, "'dashboardName' is '', must be at most 255 letters"],
])('fails for a name of %s that cannot be', (_, props, message) => {
  expect(() => dashboard(props)).toThrow(`Model/Dashboard: ${message}`);
});
