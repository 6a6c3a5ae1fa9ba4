import { Duration } from 'aws-cdk-lib';
import { type Dashboard, type IWidget, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { IInferenceLog } from '../data/inference-log';
import { requireDashboardName, requireEnvironmentName, requireModelName } from '../private/name-rules';
import { modelResourceName } from '../private/names';
import { servingVersionMetric } from '../private/release-metrics';
import { Problems } from '../private/validation';
import type { IModelMonitor } from '../monitoring/model-monitor';
import { MICROSECONDS_PER_MILLISECOND } from '../serving/guardrail-alarms';
import type { IServedModel } from '../serving/served-model';
import { trainingMetric } from '../training/training-metrics';
import { DASHBOARDS_URL, RUNBOOK_URL } from './documentation';
import type { ModelDashboardProps } from './model-dashboard-props';
import { OnceWrittenDashboard } from './once-written-dashboard';
import { alarmStates, graph, introduction, limit, section } from './widgets';

/** The windows of drift are a day long by default: fewer would be no course. */
const SHOWN = Duration.days(7);
const INTRODUCTION_HEIGHT = 4;
const STREAM_NAMESPACE = 'AWS/Firehose';
const STREAM_PERIOD = Duration.minutes(5);

/**
 * One model on one page: its requests, which version answered them, whether its inputs or its quality moved, and how far
 * each is from the line at which an alarm goes off.
 *
 * It refers to nothing outside the model's own stack, so that it comes and goes with it.
 */
export class ModelDashboard extends Construct {
  /** The dashboard, for more widgets. */
  public readonly dashboard: Dashboard;

  /** Its name. */
  public readonly dashboardName: string;

  constructor(scope: Construct, id: string, props: ModelDashboardProps) {
    super(scope, id);
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    requireModelName(problems, props.modelName);
    requireDashboardName(problems, props.dashboardName);
    problems.throwIfAny();

    const { environmentName, modelName, service, monitor } = props;
    this.dashboardName = props.dashboardName ?? modelResourceName(environmentName, modelName);
    this.dashboard = new OnceWrittenDashboard(this, 'Resource', {
      dashboardName: this.dashboardName,
      defaultInterval: SHOWN,
      widgets: [
        [introduction(words(modelName, environmentName, props.runbookUrl ?? RUNBOOK_URL), INTRODUCTION_HEIGHT)],
        [alarmStates('Alarms of this model', [...service.guardrailAlarms, ...monitor.alarms])],
        ...section('What callers see', [requests(service)]),
        ...section('What serves, and whether the world still looks like its training data', [
          [version(environmentName, modelName), ...drift(monitor)],
        ]),
        ...section('How good it is', [quality(monitor)]),
        ...section('How it is trained', [trainings(environmentName, modelName)]),
        ...section('What it costs, and whether its log arrives', [cost(service, props.inferenceLog)]),
      ],
    });
  }
}

function words(modelName: string, environmentName: string, runbookUrl: string): string {
  return [
    `# ${modelName} in ${environmentName}`,
    `A red line is where an alarm counts a point against the model. **Red alarm?** Its entry in the [runbook](${runbookUrl}) tells what happens by itself and what you may do; \`npx mlops status ${modelName} --environment ${environmentName}\` tells what serves.`,
    `A step in *Version that serves* is a release, a step down a rollback. A gap in drift or quality means that nothing was judged: see *Predictions in a window*. [What each graph tells](${DASHBOARDS_URL}).`,
  ].join('\n\n');
}

function requests(service: IServedModel): IWidget[] {
  const { maxServerErrorRate, maxModelErrorRate, maxLatency } = service.guardrailLimits;
  return [
    graph({
      title: 'Requests for predictions',
      unit: 'requests',
      min: 0,
      metrics: [service.metricInvocations({ label: 'requests' })],
    }),
    graph({
      title: 'Time to answer',
      unit: 'microseconds',
      min: 0,
      metrics: ['p50', 'p90', 'p99'].map(statistic => service.metricLatency({ statistic, label: statistic })),
      limits: [limit(maxLatency.toMilliseconds() * MICROSECONDS_PER_MILLISECOND, 'p99 in a release')],
    }),
    graph({
      title: 'Errors',
      unit: 'share of requests',
      min: 0,
      metrics: [
        service.metricServerErrorRate({ label: '5XX' }),
        service.metricModelErrorRate({ label: 'not 2XX by the model' }),
      ],
      limits: [
        limit(maxServerErrorRate, '5XX in a release'),
        limit(maxModelErrorRate, 'not 2XX by the model in a release'),
      ],
    }),
  ];
}

function version(environmentName: string, modelName: string): IWidget {
  return graph({
    title: 'Version that serves',
    unit: 'version',
    min: 0,
    metrics: [servingVersionMetric(environmentName, modelName, { label: 'version' })],
  });
}

function drift(monitor: IModelMonitor): IWidget[] {
  const { minExcess, minDriftedFeatureShare } = monitor.limits;
  return [
    graph({
      title: 'Drift of the predictions',
      unit: 'PSI over chance',
      min: 0,
      metrics: [monitor.metricPredictionPsiExcess({ label: 'PSI excess' })],
      limits: [limit(minExcess, 'drift')],
    }),
    graph({
      title: 'Drift of the inputs',
      unit: 'share of the features',
      min: 0,
      metrics: [monitor.metricDriftedFeatureShare({ label: 'features that drifted' })],
      limits: [limit(minDriftedFeatureShare, 'drift')],
    }),
  ];
}

function quality(monitor: IModelMonitor): IWidget[] {
  const { maxQualityDrop, minSamples } = monitor.limits;
  return [
    graph({
      title: 'Quality lost',
      unit: 'AUC below the baseline',
      metrics: [monitor.metricQualityDelta({ label: 'fall of the AUC' })],
      limits: [limit(maxQualityDrop, 'quality lost')],
    }),
    graph({
      title: 'Predictions in a window',
      unit: 'predictions',
      min: 0,
      metrics: [monitor.metricSampleCount({ label: 'predictions' })],
      limits: [limit(minSamples, 'too few to judge below')],
    }),
    graph({
      title: 'Periods that the monitor finished',
      unit: 'periods',
      min: 0,
      metrics: [monitor.metricMonitorHeartbeat({ label: 'periods' })],
    }),
  ];
}

function trainings(environmentName: string, modelName: string): IWidget[] {
  const metric = (metricName: string, statistic: string, label: string): Metric =>
    trainingMetric(environmentName, modelName, metricName, statistic, { label });
  return [
    graph({
      title: 'Trainings',
      unit: 'executions of the pipeline',
      min: 0,
      metrics: [
        metric('TrainingsRegistered', Stats.SUM, 'new version'),
        metric('TrainingsLost', Stats.SUM, 'not better than the champion'),
        metric('TrainingsSkipped', Stats.SUM, 'none needed or allowed'),
        metric('TrainingsFailed', Stats.SUM, 'failed'),
      ],
    }),
    graph({
      title: 'Quality of what was trained',
      unit: 'AUC on held-out rows',
      metrics: [
        metric('ChallengerAuc', Stats.MAXIMUM, 'challenger'),
        metric('ChampionAuc', Stats.MAXIMUM, 'champion on the same rows'),
      ],
    }),
  ];
}

function cost({ capacity, utilization }: IServedModel, inferenceLog?: IInferenceLog): IWidget[] {
  return [
    ...(capacity.length === 0
      ? []
      : [
          graph({ title: 'Instances that run', unit: 'instances, each billed by the hour', min: 0, metrics: capacity }),
        ]),
    ...(utilization.length === 0
      ? []
      : [graph({ title: 'How busy the instances are', unit: 'percent', min: 0, metrics: utilization })]),
    ...(inferenceLog === undefined ? [] : [delivery(inferenceLog)]),
  ];
}

function delivery({ streamName }: IInferenceLog): IWidget {
  const metric = (metricName: string, statistic: string, label: string): Metric =>
    new Metric({
      namespace: STREAM_NAMESPACE,
      metricName,
      dimensionsMap: { DeliveryStreamName: streamName },
      statistic,
      period: STREAM_PERIOD,
      label,
    });
  return graph({
    title: 'Inference log',
    unit: 'records',
    min: 0,
    metrics: [
      metric('IncomingRecords', Stats.SUM, 'taken in'),
      metric('FailedConversion.Records', Stats.SUM, 'not converted'),
    ],
    right: {
      unit: 'seconds',
      metrics: [metric('DeliveryToS3.DataFreshness', Stats.MAXIMUM, 'oldest not delivered')],
    },
  });
}
