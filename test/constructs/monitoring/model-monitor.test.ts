import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { MonitorController, type ModelMonitorProps } from '../../../constructs';
import { METRIC_NAMESPACE as CONSTRUCTS_NAMESPACE } from '../../../constructs/monitoring/monitor-permissions';
import { METRIC_NAMESPACE, METRIC_NAMES, monitoringSettings } from '../../../lambda/shared/contracts';
import { Fixture, joined } from './fixture';

/** Synthesised once: most tests only look. */
let byDefault: Template | undefined;
const defaultTemplate = (): Template => (byDefault ??= templateWith());

function templateWith(props: Partial<ModelMonitorProps> = {}): Template {
  const fixture = new Fixture();
  fixture.monitor(props);
  return Template.fromStack(fixture.model);
}

const alarmOf = (metricName: string, properties: object): object => ({
  Namespace: 'MLOps/Model',
  MetricName: metricName,
  Dimensions: [
    { Name: 'Environment', Value: 'dev' },
    { Name: 'Model', Value: 'rain' },
  ],
  ...properties,
});

describe('alarms by default', () => {
  const day = { Period: 86_400, EvaluationPeriods: 3, DatapointsToAlarm: 2, TreatMissingData: 'notBreaching' };

  test.each([
    ['PredictionPsiExcess', { ...day, Threshold: 0.02, ComparisonOperator: 'GreaterThanThreshold' }],
    ['QualityDelta', { ...day, Threshold: 0.05, ComparisonOperator: 'GreaterThanThreshold' }],
    ['DriftedFeatureShare', { ...day, Threshold: 0.25, ComparisonOperator: 'GreaterThanOrEqualToThreshold' }],
    ['SampleCount', { ...day, Threshold: 500, ComparisonOperator: 'LessThanThreshold' }],
    [
      'MonitorHeartbeat',
      {
        Period: 3600,
        EvaluationPeriods: 3,
        Threshold: 1,
        TreatMissingData: 'breaching',
        ComparisonOperator: 'LessThanThreshold',
      },
    ],
  ])('one on %s', (metricName, properties) => {
    defaultTemplate().hasResourceProperties('AWS::CloudWatch::Alarm', alarmOf(metricName, properties));
  });

  test('know no reaction', () => {
    defaultTemplate().allResourcesProperties('AWS::CloudWatch::Alarm', { AlarmActions: Match.absent() });
  });

  test('look at the metrics that the monitor publishes', () => {
    const alarms = defaultTemplate().findResources('AWS::CloudWatch::Alarm');
    const names = Object.values(alarms).map(
      alarm => (alarm as { Properties: { MetricName: string } }).Properties.MetricName,
    );

    expect(names.sort()).toEqual([...METRIC_NAMES].sort());
    expect(CONSTRUCTS_NAMESPACE).toBe(METRIC_NAMESPACE);
  });
});

test('alarms follow the window, the thresholds and M of N', () => {
  const template = templateWith({
    period: Duration.minutes(5),
    windowPeriods: 2,
    evaluationWindows: 4,
    alarmingWindows: 3,
    minExcess: 0.1,
    maxQualityDrop: 0,
    minSamples: 200,
  });
  const windows = { Period: 600, EvaluationPeriods: 4, DatapointsToAlarm: 3 };

  template.hasResourceProperties(
    'AWS::CloudWatch::Alarm',
    alarmOf('PredictionPsiExcess', { ...windows, Threshold: 0.1 }),
  );
  template.hasResourceProperties('AWS::CloudWatch::Alarm', alarmOf('QualityDelta', { ...windows, Threshold: 0 }));
  template.hasResourceProperties('AWS::CloudWatch::Alarm', alarmOf('SampleCount', { ...windows, Threshold: 200 }));
});

test('the settings are those that the monitor reads', () => {
  // GIVEN
  const template = templateWith({ grace: Duration.minutes(0), minLabels: 50 });
  const [parameter] = Object.values(template.findResources('AWS::SSM::Parameter'));
  const { Name: name, Value: value } = (parameter as { Properties: { Name: string; Value: unknown } }).Properties;

  // WHEN
  const settings = monitoringSettings.parse(JSON.parse(joined(value)));

  // THEN
  expect(name).toBe('/mlops/dev/rain/monitoring');
  expect(settings).toMatchObject({
    periodSeconds: 3600,
    windowPeriods: 24,
    graceSeconds: 0,
    minLabels: 50,
    labelHorizonDays: 7,
    // by reference, so that they are there before it
    database: expect.stringContaining('RefLakeDatabase') as string,
    inferenceLogTable: expect.stringMatching(/^<LogTable/) as string,
    labelsTable: expect.stringMatching(/^<LogLabelsTable/) as string,
    workgroup: expect.stringContaining('RefLakeWorkgroup') as string,
  });
});

/** Roles of a stack that schedules may take. */
function rolesOfSchedules(template: Template): unknown[] {
  return Object.values(template.findResources('AWS::IAM::Role')).filter(role =>
    JSON.stringify(role).includes('scheduler.amazonaws.com'),
  );
}

describe('the schedule', () => {
  const schedule = (scheduled?: boolean): object => ({
    State: scheduled === false ? 'DISABLED' : 'ENABLED',
    ScheduleExpression: 'rate(1 hour)',
    Target: Match.objectLike({ Input: '{"model":"rain","scheduledTime":"<aws.scheduler.scheduled-time>"}' }),
  });

  test('starts the monitor once a period', () => {
    defaultTemplate().hasResourceProperties('AWS::Scheduler::Schedule', schedule());
  });

  test('is there but disabled where somebody else starts it', () => {
    templateWith({ scheduled: false }).hasResourceProperties('AWS::Scheduler::Schedule', schedule(false));
  });

  test("starts it in the controller's role, and adds none of its own", () => {
    expect(JSON.stringify(defaultTemplate().findResources('AWS::Scheduler::Schedule'))).toMatch(
      /"RoleArn":.*MonitorScheduleRole/,
    );
    expect(rolesOfSchedules(defaultTemplate())).toEqual([]);
  });

  test('starts an imported controller that has no role in one of its own', () => {
    const fixture = new Fixture();
    fixture.monitor({
      controller: MonitorController.fromMonitorControllerAttributes(fixture.model, 'Imported', {
        stateMachine: fixture.pipelineStateMachine,
      }),
    });

    expect(rolesOfSchedules(Template.fromStack(fixture.model))).toHaveLength(1);
  });
});

test('adds no function and no state machine to those that are shared', () => {
  const template = defaultTemplate();

  template.resourceCountIs('AWS::Lambda::Function', 0);
  template.resourceCountIs('AWS::StepFunctions::StateMachine', 0);
});

test('makes a controller of its own where there is none', () => {
  const fixture = new Fixture();
  const { ledgerTable, notificationTopic } = fixture;

  fixture.monitor({ controller: undefined, ledgerTable, notificationTopic });

  Template.fromStack(fixture.model).resourceCountIs('AWS::StepFunctions::StateMachine', 1);
});

test('metrics can be asked for by name', () => {
  const monitor = new Fixture().monitor();

  expect(monitor.metricQualityDelta({ statistic: 'Average' })).toMatchObject({
    metricName: 'QualityDelta',
    statistic: 'Average',
    dimensions: { Model: 'rain', Environment: 'dev' },
  });
});

describe('fails', () => {
  test.each<[Partial<ModelMonitorProps>, string]>([
    [{ period: Duration.seconds(90) }, "'period' is 90 seconds, must be whole minutes"],
    [{ windowPeriods: 25 }, "'windowPeriods' is 25 of 3600 seconds each"],
    [{ windowPeriods: 0 }, "'windowPeriods' is 0 of 3600 seconds each"],
    [{ evaluationWindows: 8 }, "'evaluationWindows' is 8 of 86400 seconds each, must be at most 7"],
    [
      { period: Duration.minutes(30), windowPeriods: 1, evaluationWindows: 49 },
      "'evaluationWindows' is 49 of 1800 seconds each, must be at most 48",
    ],
    [{ alarmingWindows: 4 }, "'alarmingWindows' is 4, must be at most 'evaluationWindows', which is 3"],
    [{ minSamples: 0 }, "'minSamples' is 0, must be a whole number of at least 1"],
    [{ labelHorizon: Duration.hours(36) }, "'labelHorizon' is 36 hours, must be whole days"],
    [{ falseDiscoveryRate: 0 }, "'falseDiscoveryRate' is 0, must be from"],
    [{ minDriftedFeatureShare: 0 }, "'minDriftedFeatureShare' is 0, must be from"],
    [{ modelName: 'Rain' }, "'modelName' is 'Rain'"],
    [{ controller: undefined }, "'controller' is not given, must be given, or 'ledgerTable' and 'notificationTopic'"],
  ])('for %j', (props, message) => {
    expect(() => new Fixture().monitor(props)).toThrow(message);
  });

  test('with all that is wrong at once, after the path', () => {
    expect(() => new Fixture().monitor({ minSamples: 0, minLabels: -1 })).toThrow(
      "Model/Monitor: 'minSamples' is 0, must be a whole number of at least 1; 'minLabels' is -1",
    );
  });
});
