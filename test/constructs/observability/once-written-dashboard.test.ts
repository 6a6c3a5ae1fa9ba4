import { App, Duration, type IPropertyInjector, PropertyInjectors, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import {
  Alarm,
  AlarmStatusWidget,
  type CfnDashboard,
  Dashboard,
  type DashboardProps,
  DashboardVariable,
  GraphWidget,
  type IWidget,
  MathExpression,
  Metric,
  PeriodOverride,
  TextWidget,
  Values,
  VariableInputType,
  VariableType,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { OnceWrittenDashboard } from '../../../constructs/observability/once-written-dashboard';

const SHOWN = { dashboardName: 'models', defaultInterval: Duration.days(7) };
const VARIABLE = {
  id: 'model',
  type: VariableType.PROPERTY,
  inputType: VariableInputType.SELECT,
  value: 'Model',
  values: Values.fromValues({ value: 'rain' }),
};

/** Two stacks, so that an alarm of one is a reference in the other, and rows of what a dashboard may show. */
function rowsIn(app: App): { readonly stack: Stack; readonly rows: IWidget[][] } {
  const producer = new Stack(app, 'Producer');
  const stack = new Stack(app, 'Stack');
  const { topicName } = new Topic(stack, 'Topic');
  const metric = new Metric({ namespace: 'AWS/SNS', metricName: 'Failed', dimensionsMap: { TopicName: topicName } });
  const alarm = new Alarm(producer, 'Alarm', {
    metric: new Metric({ namespace: 'Models', metricName: 'Errors', color: '#abcdef' }),
    threshold: 1,
    evaluationPeriods: 1,
  });
  const share = new MathExpression({ expression: 'a / 2', usingMetrics: { a: metric }, label: 'half of "all"' });
  return {
    stack,
    rows: [
      [new TextWidget({ markdown: `# "Models"\n\n\\ of ${stack.region} in ${topicName}`, width: 24 })],
      [],
      [new GraphWidget({ left: [metric, share], width: 20 }), new GraphWidget({ right: [alarm.metric], width: 20 })],
      [new AlarmStatusWidget({ alarms: [alarm] })],
    ],
  };
}

function bodyOf(stack: Stack): unknown {
  const [dashboard] = Object.values(Template.fromStack(stack).findResources('AWS::CloudWatch::Dashboard')) as {
    Properties: { DashboardBody: unknown };
  }[];
  return dashboard.Properties.DashboardBody;
}

/** What the CDK's own dashboard has as its body. */
function expected(fill: (dashboard: Dashboard, rows: IWidget[][]) => void): unknown {
  const { stack, rows } = rowsIn(new App());
  fill(new Dashboard(stack, 'Dashboard', SHOWN), rows);
  return bodyOf(stack);
}

test("its body is that of the CDK's own dashboard, to the letter", () => {
  // GIVEN
  const { stack, rows } = rowsIn(new App());

  // WHEN
  new OnceWrittenDashboard(stack, 'Dashboard', { ...SHOWN, widgets: rows });

  // THEN
  expect(bodyOf(stack)).toEqual(expected((dashboard, shown) => shown.forEach(row => dashboard.addWidgets(...row))));
});

test('widgets and variables that are added later are in it', () => {
  // GIVEN
  const { stack, rows } = rowsIn(new App());
  const dashboard = new OnceWrittenDashboard(stack, 'Dashboard', { ...SHOWN, widgets: rows.slice(0, 1) });

  // WHEN
  for (const row of rows.slice(1)) dashboard.addWidgets(...row);
  dashboard.addVariable(new DashboardVariable(VARIABLE));

  // THEN
  const body = expected((own, shown) => {
    for (const row of shown) own.addWidgets(...row);
    own.addVariable(new DashboardVariable(VARIABLE));
  });
  expect(JSON.stringify(body)).toContain('variables');
  expect(bodyOf(stack)).toEqual(body);
});

test('widgets that are added after somebody looked are in it', () => {
  // GIVEN
  const { stack, rows } = rowsIn(new App());
  const dashboard = new OnceWrittenDashboard(stack, 'Dashboard', { ...SHOWN, widgets: rows.slice(0, 1) });
  stack.resolve((dashboard.node.defaultChild as CfnDashboard).dashboardBody);

  // WHEN
  for (const row of rows.slice(1)) dashboard.addWidgets(...row);

  // THEN
  expect(bodyOf(stack)).toEqual(expected((own, shown) => shown.forEach(row => own.addWidgets(...row))));
});

/** What an organisation says of each dashboard. */
class Injected implements IPropertyInjector {
  public readonly constructUniqueId = Dashboard.PROPERTY_INJECTION_ID;

  constructor(private readonly injected: DashboardProps) {}

  public inject(original: DashboardProps): DashboardProps {
    return { ...original, ...this.injected, widgets: [...(this.injected.widgets ?? []), ...(original.widgets ?? [])] };
  }
}

test.each<[string, (stack: Stack) => DashboardProps]>([
  ['a setting', () => ({ periodOverride: PeriodOverride.INHERIT })],
  ['a widget', () => ({ widgets: [[new TextWidget({ markdown: 'of the "house"' })]] })],
  [
    'a widget of what is known at deployment',
    ({ stackId }) => ({ widgets: [[new TextWidget({ markdown: stackId })]] }),
  ],
  ['a variable', () => ({ variables: [new DashboardVariable(VARIABLE)] })],
])("%s of an injector is in it as in the CDK's own", (_what, injected) => {
  // GIVEN
  const bodies = [OnceWrittenDashboard, Dashboard].map(kind => {
    const { stack, rows } = rowsIn(new App());
    PropertyInjectors.of(stack).add(new Injected(injected(stack)));

    // WHEN
    const dashboard = new kind(stack, 'Dashboard', SHOWN);
    for (const row of rows) dashboard.addWidgets(...row);
    return bodyOf(stack);
  });

  // THEN
  expect(bodies[0]).toEqual(bodies[1]);
});
