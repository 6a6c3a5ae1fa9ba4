import { Duration } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IDataLake } from '../data/data-lake';
import type { IInferenceLog } from '../data/inference-log';
import type { ModelSchema } from '../data/model-schema';
import { requireEnvironmentName, requireModelName, requireModelSchema } from '../private/name-rules';
import type { Problems } from '../private/validation';
import type { IMonitorController } from './monitor-controller';

/** Settings of a model's monitor. */
export interface ModelMonitorProps {
  /** Environment of the model. */
  readonly environmentName: string;

  /** Model that is watched. */
  readonly modelName: string;

  /** What the model reads. */
  readonly schema: ModelSchema;

  /** Lake in which log and labels lie. */
  readonly dataLake: IDataLake;

  /** The model's log. */
  readonly inferenceLog: IInferenceLog;

  /**
   * Machinery that counts and judges; shared by all models of the environment.
   *
   * @default - a controller of its own, which needs `ledgerTable` and `notificationTopic`
   */
  readonly controller?: IMonitorController;

  /**
   * Ledger for a controller of its own.
   *
   * @default - none; must be given without `controller`
   */
  readonly ledgerTable?: ITableV2;

  /**
   * Where a controller of its own tells people.
   *
   * @default - none; must be given without `controller`
   */
  readonly notificationTopic?: ITopic;

  /**
   * Length of a period: how often the log is counted. Whole minutes, at most a day.
   *
   * @default Duration.hours(1)
   */
  readonly period?: Duration;

  /**
   * How many periods make one judged window; windows do not overlap. At most a day together.
   *
   * @default 24
   */
  readonly windowPeriods?: number;

  /**
   * How long after its end a period is counted; longer than the log's stream waits.
   *
   * @default Duration.minutes(15)
   */
  readonly grace?: Duration;

  /**
   * The last windows that an alarm looks at.
   *
   * @default 3
   */
  readonly evaluationWindows?: number;

  /**
   * How many of them must be bad for the alarm to go red.
   *
   * @default 2
   */
  readonly alarmingWindows?: number;

  /**
   * Predictions in a window below which no drift is judged and the samples alarm goes red.
   *
   * @default 500
   */
  readonly minSamples?: number;

  /**
   * New labels below which no quality is judged; they are kept until there are enough.
   *
   * @default 200
   */
  readonly minLabels?: number;

  /**
   * How late a label may come and still count. Whole days.
   *
   * @default Duration.days(7)
   */
  readonly labelHorizon?: Duration;

  /**
   * False-discovery rate of the drift rule over all features of a window.
   *
   * @default 0.01
   */
  readonly falseDiscoveryRate?: number;

  /**
   * Population stability index, less what chance makes of it, up to which a difference is no drift.
   *
   * @default 0.02
   */
  readonly minExcess?: number;

  /**
   * How far the AUC may fall below the serving version's own baseline.
   *
   * @default 0.05
   */
  readonly maxQualityDrop?: number;

  /**
   * Share of drifted features from which on the inputs count as drifted.
   *
   * @default 0.25
   */
  readonly minDriftedFeatureShare?: number;

  /**
   * Whether a schedule starts the monitor after each period. Where it does not, somebody else must.
   *
   * @default true
   */
  readonly scheduled?: boolean;
}

/** The settings with their defaults. */
export interface ResolvedMonitorSettings {
  readonly period: Duration;
  readonly windowPeriods: number;
  readonly grace: Duration;
  readonly evaluationWindows: number;
  readonly alarmingWindows: number;
  readonly minSamples: number;
  readonly minLabels: number;
  readonly labelHorizon: Duration;
  readonly falseDiscoveryRate: number;
  readonly minExcess: number;
  readonly maxQualityDrop: number;
  readonly minDriftedFeatureShare: number;
  readonly scheduled: boolean;
}

const DEFAULTS: ResolvedMonitorSettings = {
  period: Duration.hours(1),
  windowPeriods: 24,
  grace: Duration.minutes(15),
  evaluationWindows: 3,
  alarmingWindows: 2,
  minSamples: 500,
  minLabels: 200,
  labelHorizon: Duration.days(7),
  falseDiscoveryRate: 0.01,
  minExcess: 0.02,
  maxQualityDrop: 0.05,
  minDriftedFeatureShare: 0.25,
  scheduled: true,
};

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
const MAX_GRACE_SECONDS = DAY_SECONDS;
const MAX_LABEL_HORIZON_DAYS = 90;

/** Fills in the defaults. */
export function resolveMonitorSettings(props: ModelMonitorProps): ResolvedMonitorSettings {
  return {
    period: props.period ?? DEFAULTS.period,
    windowPeriods: props.windowPeriods ?? DEFAULTS.windowPeriods,
    grace: props.grace ?? DEFAULTS.grace,
    evaluationWindows: props.evaluationWindows ?? DEFAULTS.evaluationWindows,
    alarmingWindows: props.alarmingWindows ?? DEFAULTS.alarmingWindows,
    minSamples: props.minSamples ?? DEFAULTS.minSamples,
    minLabels: props.minLabels ?? DEFAULTS.minLabels,
    labelHorizon: props.labelHorizon ?? DEFAULTS.labelHorizon,
    falseDiscoveryRate: props.falseDiscoveryRate ?? DEFAULTS.falseDiscoveryRate,
    minExcess: props.minExcess ?? DEFAULTS.minExcess,
    maxQualityDrop: props.maxQualityDrop ?? DEFAULTS.maxQualityDrop,
    minDriftedFeatureShare: props.minDriftedFeatureShare ?? DEFAULTS.minDriftedFeatureShare,
    scheduled: props.scheduled ?? DEFAULTS.scheduled,
  };
}

/** Notes what is wrong with the props. */
export function checkMonitorProps(
  problems: Problems,
  props: ModelMonitorProps,
  settings: ResolvedMonitorSettings,
): void {
  requireEnvironmentName(problems, props.environmentName);
  requireModelName(problems, props.modelName);
  requireModelSchema(problems, props.schema);
  problems.require(
    props.controller !== undefined || (props.ledgerTable !== undefined && props.notificationTopic !== undefined),
    "'controller' is not given, must be given, or 'ledgerTable' and 'notificationTopic' for a controller of its own",
  );

  const period = settings.period.toSeconds();
  problems.require(
    period >= 60 && period % 60 === 0,
    `'period' is ${period} seconds, must be whole minutes, since CloudWatch keeps no finer time`,
  );
  const window = period * settings.windowPeriods;
  problems.require(
    Number.isInteger(settings.windowPeriods) && settings.windowPeriods >= 1 && window <= DAY_SECONDS,
    `'windowPeriods' is ${settings.windowPeriods} of ${period} seconds each, must be a whole number that makes at most a day together, the longest period of an alarm`,
  );
  checkEvaluation(problems, settings, window);
  problems.requireRange('grace', settings.grace.toSeconds(), 0, MAX_GRACE_SECONDS);
  problems.requireRange('labelHorizon', settings.labelHorizon.toDays({ integral: false }), 1, MAX_LABEL_HORIZON_DAYS);
  problems.require(
    Number.isInteger(settings.labelHorizon.toDays({ integral: false })),
    `'labelHorizon' is ${settings.labelHorizon.toHours()} hours, must be whole days`,
  );
  requireWhole(problems, 'minSamples', settings.minSamples);
  requireWhole(problems, 'minLabels', settings.minLabels);
  problems.requireRange('falseDiscoveryRate', settings.falseDiscoveryRate, 1e-6, 0.5);
  problems.requireRange('minExcess', settings.minExcess, 0, 10);
  problems.requireRange('maxQualityDrop', settings.maxQualityDrop, 0, 1);
  problems.requireRange('minDriftedFeatureShare', settings.minDriftedFeatureShare, Number.MIN_VALUE, 1);
}

/** CloudWatch: at most a day in all, or seven where one period is an hour or longer. */
function checkEvaluation(problems: Problems, settings: ResolvedMonitorSettings, window: number): void {
  const { evaluationWindows, alarmingWindows } = settings;
  const longest = window >= HOUR_SECONDS ? 7 * DAY_SECONDS : DAY_SECONDS;
  requireWhole(problems, 'evaluationWindows', evaluationWindows);
  requireWhole(problems, 'alarmingWindows', alarmingWindows);
  problems.require(
    window * evaluationWindows <= longest,
    `'evaluationWindows' is ${evaluationWindows} of ${window} seconds each, must be at most ${Math.floor(longest / window)}, since an alarm looks back ${longest} seconds at most`,
  );
  problems.require(
    alarmingWindows <= evaluationWindows,
    `'alarmingWindows' is ${alarmingWindows}, must be at most 'evaluationWindows', which is ${evaluationWindows}`,
  );
}

function requireWhole(problems: Problems, property: string, value: number): void {
  problems.require(
    Number.isInteger(value) && value >= 1,
    `'${property}' is ${value}, must be a whole number of at least 1`,
  );
}
