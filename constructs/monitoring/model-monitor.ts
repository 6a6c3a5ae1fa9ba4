import { Duration } from 'aws-cdk-lib';
import {
  Alarm,
  type AlarmProps,
  ComparisonOperator,
  type IAlarm,
  type IAlarmAction,
  type Metric,
  type MetricOptions,
  Stats,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler';
import { StepFunctionsStartExecution } from 'aws-cdk-lib/aws-scheduler-targets';
import type { IStringParameter } from 'aws-cdk-lib/aws-ssm';
import { Construct, type IConstruct } from 'constructs';
import { SettingsParameter } from '../private/settings-parameter';
import { Problems } from '../private/validation';
import { ModelMetrics } from './model-metrics';
import {
  checkMonitorProps,
  type ModelMonitorProps,
  resolveMonitorSettings,
  type ResolvedMonitorSettings,
} from './model-monitor-props';
import { type IMonitorController, MonitorController } from './monitor-controller';

/** Periods without a sign of the monitor after which people are told. */
const SILENT_PERIODS = 3;

/** A schedule's own attempts; a period that is missed leaves its window shorter, and the heartbeat tells. */
const SCHEDULE_RETRIES = 3;

/** From where on a monitor's alarms count a window. */
export interface MonitorLimits {
  /** PSI excess of the predictions, over which they drifted. */
  readonly minExcess: number;

  /** Fall of the AUC, over which quality is lost. */
  readonly maxQualityDrop: number;

  /** Share of the features, from which on the inputs drifted. */
  readonly minDriftedFeatureShare: number;

  /** Predictions, under which drift is not judged. */
  readonly minSamples: number;
}

/** What watches a model: an alarm for each thing that can be wrong. */
export interface IModelMonitor extends IConstruct {
  /** Predictions differ from the serving version's baseline. */
  readonly predictionDriftAlarm: IAlarm;

  /** Quality lies below the serving version's baseline. */
  readonly qualityAlarm: IAlarm;

  /** Inputs differ from what the serving version was trained on. */
  readonly inputDriftAlarm: IAlarm;

  /** Too few predictions to judge by. */
  readonly samplesAlarm: IAlarm;

  /** The monitor itself is silent. */
  readonly heartbeatAlarm: IAlarm;

  /** Every one of them. */
  readonly alarms: IAlarm[];

  /** Where they draw the line. */
  readonly limits: MonitorLimits;

  /** PSI of the predictions over the baseline, less what chance makes of it; 0 while not significant. */
  metricPredictionPsiExcess(options?: MetricOptions): Metric;

  /** Share of the features that drifted. */
  metricDriftedFeatureShare(options?: MetricOptions): Metric;

  /** AUC of the serving version's baseline minus its AUC by labels; positive is worse. */
  metricQualityDelta(options?: MetricOptions): Metric;

  /** Predictions in a window. */
  metricSampleCount(options?: MetricOptions): Metric;

  /** One for each period that the monitor has finished. */
  metricMonitorHeartbeat(options?: MetricOptions): Metric;
  /**
   * How long it takes until drift or a loss of quality can be told: the windows that an alarm needs, and the grace.
   *
   * @default - not known
   */
  readonly timeToAlarm?: Duration;

  /** Has every alarm take this action when it goes red. */
  addAlarmAction(action: IAlarmAction): void;
}

/**
 * Watches one model: leaves the settings by which the shared machinery counts and judges, starts it after each period,
 * and has an alarm for each thing that can be wrong. What happens then is for others to attach.
 */
export class ModelMonitor extends Construct implements IModelMonitor {
  public readonly predictionDriftAlarm: IAlarm;
  public readonly qualityAlarm: IAlarm;
  public readonly inputDriftAlarm: IAlarm;
  public readonly samplesAlarm: IAlarm;
  public readonly heartbeatAlarm: IAlarm;
  public readonly limits: MonitorLimits;
  public readonly timeToAlarm?: Duration;

  /** The machinery that counts and judges. */
  public readonly controller: IMonitorController;

  /** The settings, as the machinery reads them. */
  public readonly settingsParameter: IStringParameter;

  private readonly ownAlarms: Alarm[] = [];
  private readonly metrics: ModelMetrics;
  private readonly modelName: string;
  private readonly settings: ResolvedMonitorSettings;

  constructor(scope: Construct, id: string, props: ModelMonitorProps) {
    super(scope, id);
    this.settings = resolveMonitorSettings(props);
    const problems = new Problems(this);
    checkMonitorProps(problems, props, this.settings);
    problems.throwIfAny();

    const { alarmingWindows: needed, grace } = this.settings;
    this.timeToAlarm = Duration.seconds(needed * this.window().toSeconds() + grace.toSeconds());
    this.modelName = props.modelName;
    this.metrics = new ModelMetrics(props.environmentName, props.modelName);
    this.controller = props.controller ?? this.ownController(props);
    this.settingsParameter = this.writeSettings(props);
    this.schedule();

    const { evaluationWindows, alarmingWindows, minExcess, maxQualityDrop, minDriftedFeatureShare, minSamples } =
      this.settings;
    this.limits = { minExcess, maxQualityDrop, minDriftedFeatureShare, minSamples };
    const windows = `${alarmingWindows} of ${evaluationWindows} windows`;
    this.predictionDriftAlarm = this.windowAlarm('PredictionDriftAlarm', this.metricPredictionPsiExcess(), {
      description: `Predictions of '${props.modelName}' differ from the serving version's baseline by a PSI excess of over ${minExcess} in ${windows}`,
      threshold: minExcess,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
    this.qualityAlarm = this.windowAlarm('QualityAlarm', this.metricQualityDelta(), {
      description: `AUC of '${props.modelName}' lies over ${maxQualityDrop} below the serving version's own baseline in ${windows}`,
      threshold: maxQualityDrop,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
    });
    this.inputDriftAlarm = this.windowAlarm('InputDriftAlarm', this.metricDriftedFeatureShare(), {
      description: `A share of at least ${minDriftedFeatureShare} of the features of '${props.modelName}' differs from what the serving version was trained on in ${windows}`,
      threshold: minDriftedFeatureShare,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
    });
    this.samplesAlarm = this.windowAlarm('SamplesAlarm', this.metricSampleCount(), {
      description: `Under ${minSamples} predictions of '${props.modelName}' in ${windows}: drift is not judged`,
      threshold: minSamples,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
    });
    this.heartbeatAlarm = this.alarm('HeartbeatAlarm', {
      alarmDescription: `The monitor of '${props.modelName}' has not finished any of ${SILENT_PERIODS} periods: drift and quality are not watched`,
      metric: this.metricMonitorHeartbeat(),
      threshold: 1,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: SILENT_PERIODS,
      treatMissingData: TreatMissingData.BREACHING,
    });
  }

  public get alarms(): IAlarm[] {
    return [...this.ownAlarms];
  }

  public addAlarmAction(action: IAlarmAction): void {
    this.ownAlarms.forEach(alarm => {
      alarm.addAlarmAction(action);
    });
  }

  /** A metric of the model by its name. */
  public metric(metricName: string, options?: MetricOptions): Metric {
    return this.metrics.metric(metricName, options);
  }

  /** PSI of the predictions over the baseline, less what chance makes of it; 0 while not significant. */
  public metricPredictionPsiExcess(options?: MetricOptions): Metric {
    return this.windowMetric('PredictionPsiExcess', options);
  }

  /** Share of the features that drifted. */
  public metricDriftedFeatureShare(options?: MetricOptions): Metric {
    return this.windowMetric('DriftedFeatureShare', options);
  }

  /** AUC of the serving version's baseline minus its AUC by labels; positive is worse. */
  public metricQualityDelta(options?: MetricOptions): Metric {
    return this.windowMetric('QualityDelta', options);
  }

  /** Predictions in a window. */
  public metricSampleCount(options?: MetricOptions): Metric {
    return this.windowMetric('SampleCount', options);
  }

  /** One for each period that the monitor has finished. */
  public metricMonitorHeartbeat(options?: MetricOptions): Metric {
    return this.metric('MonitorHeartbeat', {
      statistic: Stats.SUM,
      period: this.settings.period,
      ...options,
    });
  }

  private windowMetric(metricName: string, options?: MetricOptions): Metric {
    // one value a window; a window that is judged again replaces nothing and changes nothing
    return this.metric(metricName, { statistic: Stats.MAXIMUM, period: this.window(), ...options });
  }

  private window(): Duration {
    return Duration.seconds(this.settings.period.toSeconds() * this.settings.windowPeriods);
  }

  private alarm(id: string, props: AlarmProps): Alarm {
    const alarm = new Alarm(this, id, props);
    this.ownAlarms.push(alarm);
    return alarm;
  }

  private windowAlarm(id: string, metric: Metric, options: WindowAlarmOptions): Alarm {
    return this.alarm(id, {
      alarmDescription: options.description,
      metric,
      threshold: options.threshold,
      comparisonOperator: options.comparisonOperator,
      evaluationPeriods: this.settings.evaluationWindows,
      datapointsToAlarm: this.settings.alarmingWindows,
      // what was not judged is no evidence; the heartbeat tells when nothing is judged any more
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
  }

  private ownController(props: ModelMonitorProps): IMonitorController {
    const { environmentName, dataLake, ledgerTable, notificationTopic } = props;
    if (ledgerTable === undefined || notificationTopic === undefined) {
      throw new Error(`${this.node.path}: 'ledgerTable' and 'notificationTopic' must be given without 'controller'`);
    }
    return new MonitorController(this, 'Controller', { environmentName, dataLake, ledgerTable, notificationTopic });
  }

  private writeSettings(props: ModelMonitorProps): SettingsParameter {
    const { settings } = this;
    return new SettingsParameter(this, 'Settings', {
      environmentName: props.environmentName,
      modelName: props.modelName,
      part: 'monitoring',
      description: `How '${props.modelName}' is watched`,
      settings: {
        schema: props.schema,
        periodSeconds: settings.period.toSeconds(),
        windowPeriods: settings.windowPeriods,
        graceSeconds: settings.grace.toSeconds(),
        minSamples: settings.minSamples,
        minLabels: settings.minLabels,
        labelHorizonDays: settings.labelHorizon.toDays(),
        q: settings.falseDiscoveryRate,
        minExcess: settings.minExcess,
        database: props.dataLake.databaseName,
        inferenceLogTable: props.inferenceLog.tableName,
        labelsTable: props.inferenceLog.labelsTableName,
        workgroup: props.dataLake.workgroupName,
      },
    });
  }

  private schedule(): void {
    const { period, scheduled } = this.settings;
    new Schedule(this, 'Schedule', {
      description: `Starts the monitor of '${this.modelName}' once a period`,
      // disabled rather than left out: every environment has the same template
      enabled: scheduled,
      schedule: ScheduleExpression.rate(period),
      target: new StepFunctionsStartExecution(this.controller.stateMachine, {
        role: this.controller.scheduleRole,
        input: ScheduleTargetInput.fromObject({
          model: this.modelName,
          scheduledTime: ContextAttribute.scheduledTime,
        }),
        retryAttempts: SCHEDULE_RETRIES,
        maxEventAge: period,
      }),
    });
  }
}

interface WindowAlarmOptions {
  readonly description: string;
  readonly threshold: number;
  readonly comparisonOperator: ComparisonOperator;
}
