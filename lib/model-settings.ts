import { Duration, Size } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  ColumnType,
  RiskRating,
  type ModelMonitorProps,
  type ModelSchema,
  type RollbackReactionProps,
  type TrainingPipelineProps,
} from '../constructs';
import type { ModelConfig } from './config/environment';
import { minutes, optional } from './optional';

/**
 * What files say in numbers, as the constructs take it. What a file leaves out stays out: the construct decides.
 */

const COLUMN_TYPES: Readonly<Record<'double' | 'bigint' | 'string', ColumnType>> = {
  double: ColumnType.DOUBLE,
  bigint: ColumnType.BIGINT,
  string: ColumnType.STRING,
};

const RISK_RATINGS: Readonly<Record<'High' | 'Medium' | 'Low' | 'Unknown', RiskRating>> = {
  High: RiskRating.HIGH,
  Medium: RiskRating.MEDIUM,
  Low: RiskRating.LOW,
  Unknown: RiskRating.UNKNOWN,
};

/** The schema of a model. */
export function modelSchema({ definition }: ModelConfig): ModelSchema {
  const { features, label } = definition.schema;
  return { label, features: features.map(({ type, ...column }) => ({ ...column, type: COLUMN_TYPES[type] })) };
}

/** The settings of a model's training that files give. */
export function trainingSettings({
  definition,
  training,
}: ModelConfig): Omit<
  TrainingPipelineProps,
  | 'environmentName'
  | 'modelName'
  | 'schema'
  | 'dataLake'
  | 'registry'
  | 'controller'
  | 'codePath'
  | 'image'
  | 'inferenceImage'
> {
  const { guard, triggers } = training;
  return {
    instanceType: training.instanceType,
    instanceCount: training.instanceCount,
    volumeSize: optional(training.volumeSizeInGb, gb => Size.gibibytes(gb)),
    maxRuntime: minutes(training.maxRuntimeMinutes),
    networkIsolation: training.networkIsolation,
    hyperparameters: Object.fromEntries(
      Object.entries(definition.training.hyperparameters).map(([name, value]) => [name, String(value)]),
    ),
    seed: definition.training.seed,
    card: optional(definition.card, ({ riskRating, ...words }) => ({
      ...words,
      riskRating: optional(riskRating, rating => RISK_RATINGS[rating]),
    })),
    personalData: optional(definition.subject, subject => ({
      subject,
      fields: definition.personal,
      acceptedInSnapshots: definition.personalInSnapshots,
    })),
    trainOnNewData: triggers?.newData,
    trainOnMerge: triggers?.merge,
    schedule: optional(triggers?.schedule, expression => ScheduleExpression.expression(expression)),
    holdoutShare: training.holdoutShare,
    maxRows: training.maxRows,
    gate: training.gate,
    guard: optional(guard, ({ minIntervalMinutes, ...limits }) => ({
      ...limits,
      minInterval: minutes(minIntervalMinutes),
    })),
  };
}

/** The settings of a model's monitor that files give. */
export function monitoringSettings({
  monitoring: { periodMinutes, graceMinutes, labelHorizonDays, ...thresholds },
}: ModelConfig): Omit<
  ModelMonitorProps,
  'environmentName' | 'modelName' | 'schema' | 'dataLake' | 'inferenceLog' | 'controller'
> {
  return {
    ...thresholds,
    period: minutes(periodMinutes),
    grace: minutes(graceMinutes),
    labelHorizon: optional(labelHorizonDays, days => Duration.days(days)),
  };
}

/** The settings of the reaction to a model's alarms that files give. */
export function reactionSettings({
  reaction,
  training,
}: ModelConfig): Pick<RollbackReactionProps, 'rollbackWindow' | 'cooldown' | 'retrain'> {
  return {
    rollbackWindow: optional(reaction.rollbackWindowHours, hours => Duration.hours(hours)),
    cooldown: optional(reaction.cooldownHours, hours => Duration.hours(hours)),
    retrain: training.triggers?.retrain,
  };
}
