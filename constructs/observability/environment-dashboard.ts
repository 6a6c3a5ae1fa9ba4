import { Duration } from 'aws-cdk-lib';
import type { Dashboard, IMetric, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ModelMetrics } from '../monitoring/model-metrics';
import { requireDashboardName, requireEnvironmentName, requireModelName } from '../private/name-rules';
import { modelResourceName, resourcePrefix } from '../private/names';
import { servingVersionMetric } from '../private/release-metrics';
import { Problems } from '../private/validation';
import { ServingMetrics } from '../serving/serving-metrics';
import { type DashboardModel, ServingTarget } from './dashboard-model';
import { DASHBOARDS_URL, RUNBOOK_URL } from './documentation';
import type { EnvironmentDashboardProps } from './environment-dashboard-props';
import { costs, lostEvents, machines } from './machinery-widgets';
import { OnceWrittenDashboard } from './once-written-dashboard';
import { alarmStates, graph, introduction, section } from './widgets';

const SHOWN = Duration.days(1);
const INTRODUCTION_HEIGHT = 4;
/** CloudWatch shows 500 metrics in a graph and 2,500 on a dashboard, and each model has seven. */
const MAX_MODELS = 350;
/** An hour with a window that ends in it has its value. */
const WINDOWS_PERIOD = Duration.hours(1);

/** All models of an environment beside each other, and the machinery that they share. */
export class EnvironmentDashboard extends Construct {
  /** The dashboard, for more widgets. */
  public readonly dashboard: Dashboard;

  /** Its name. */
  public readonly dashboardName: string;

  constructor(scope: Construct, id: string, props: EnvironmentDashboardProps) {
    super(scope, id);
    this.validate(props);

    const { environmentName, models } = props;
    const alarms = props.alarms ?? [];
    this.dashboardName = props.dashboardName ?? resourcePrefix(environmentName);
    this.dashboard = new OnceWrittenDashboard(this, 'Resource', {
      dashboardName: this.dashboardName,
      defaultInterval: SHOWN,
      widgets: [
        [introduction(words(environmentName, props.runbookUrl ?? RUNBOOK_URL), INTRODUCTION_HEIGHT)],
        ...(alarms.length === 0 ? [] : [[alarmStates('Alarms of the shared machinery', alarms)]]),
        ...section('Models', models.length === 0 ? [] : modelRows(environmentName, models)),
        ...section('Releases, trainings, monitors', machines(props)),
        ...section('Lost events, and cost', [[...lostEvents(props.deadLetterQueues), ...costs(props)]]),
      ],
    });
  }

  private validate({ environmentName, models, dashboardName }: EnvironmentDashboardProps): void {
    const problems = new Problems(this);
    requireEnvironmentName(problems, environmentName);
    requireDashboardName(problems, dashboardName);
    for (const { modelName } of models) requireModelName(problems, modelName);
    problems.require(
      models.length <= MAX_MODELS,
      `'models' has ${models.length} models, must have at most ${MAX_MODELS}, since CloudWatch shows 2,500 metrics on a dashboard; make a dashboard with a 'dashboardName' for each part of them`,
    );
    problems.throwIfAny();
  }
}

function words(environmentName: string, runbookUrl: string): string {
  return [
    `# ${environmentName}`,
    `One line a model; each model has a dashboard of its own, \`${resourcePrefix(environmentName)}-MODEL\`, with its alarms and their limits. **Red alarm?** Its entry in the [runbook](${runbookUrl}) tells what happens by itself and what you may do.`,
    `The alarms here are those of what all models share: while one is red, some model may be neither released, trained nor watched. [What each graph tells](${DASHBOARDS_URL}).`,
  ].join('\n\n');
}

function modelRows(environmentName: string, models: DashboardModel[]): IWidget[][] {
  const serving = (show: (metrics: ServingMetrics, label: string) => IMetric): IMetric[] =>
    models.map(model => show(servingMetrics(environmentName, model), model.modelName));
  const monitored = (metricName: string): IMetric[] =>
    models.map(({ modelName }) =>
      new ModelMetrics(environmentName, modelName).metric(metricName, {
        statistic: 'Maximum',
        period: WINDOWS_PERIOD,
        label: modelName,
      }),
    );
  return [
    [
      graph({
        title: 'Requests for predictions',
        unit: 'requests',
        min: 0,
        metrics: serving((metrics, label) => metrics.invocations({ label })),
      }),
      graph({
        title: 'Time to answer, p99',
        unit: 'microseconds',
        min: 0,
        metrics: serving((metrics, label) => metrics.latency({ label })),
      }),
      graph({
        title: 'Answered with 5XX',
        unit: 'share of requests',
        min: 0,
        metrics: serving((metrics, label) => metrics.serverErrorRate({ label })),
      }),
    ],
    [
      graph({
        title: 'Version that serves',
        unit: 'version',
        min: 0,
        metrics: models.map(({ modelName }) => servingVersionMetric(environmentName, modelName, { label: modelName })),
      }),
      graph({
        title: 'Drift of the predictions',
        unit: 'PSI over chance',
        min: 0,
        metrics: monitored('PredictionPsiExcess'),
      }),
      graph({ title: 'Quality lost', unit: 'AUC below the baseline', metrics: monitored('QualityDelta') }),
    ],
  ];
}

function servingMetrics(environmentName: string, { modelName, target }: DashboardModel): ServingMetrics {
  return target === ServingTarget.EKS
    ? ServingMetrics.ofPods(environmentName, modelName)
    : ServingMetrics.ofEndpoint(modelResourceName(environmentName, modelName));
}
