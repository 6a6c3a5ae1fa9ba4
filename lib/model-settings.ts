import { Duration, Size } from 'aws-cdk-lib';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  ColumnType,
  type IDataLake,
  type ModelMonitorProps,
  type ModelSchema,
  type ModelServiceProps,
  type RollbackReactionProps,
  type ShadowPolicy,
  ShiftPolicy,
  type TrainingPipelineProps,
} from '../constructs';
import type { ModelConfig } from './config/environment';
import { optional } from './optional';

/**
 * What files say in numbers, as the constructs take it. What a file leaves out stays out: the construct decides.
 */

const COLUMN_TYPES: Readonly<Record<'double' | 'bigint' | 'string', ColumnType>> = {
  double: ColumnType.DOUBLE,
  bigint: ColumnType.BIGINT,
  string: ColumnType.STRING,
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
  const { guard } = training;
  return {
    instanceType: training.instanceType,
    instanceCount: training.instanceCount,
    volumeSize: optional(training.volumeSizeInGb, gb => Size.gibibytes(gb)),
    maxRuntime: minutes(training.maxRuntimeMinutes),
    hyperparameters: Object.fromEntries(
      Object.entries(definition.training.hyperparameters).map(([name, value]) => [name, String(value)]),
    ),
    seed: definition.training.seed,
    schedule: optional(training.schedule, expression => ScheduleExpression.expression(expression)),
    holdoutShare: training.holdoutShare,
    maxRows: training.maxRows,
    gate: training.gate,
    guard: optional(guard, ({ minIntervalMinutes, ...limits }) => ({
      ...limits,
      minInterval: minutes(minIntervalMinutes),
    })),
  };
}

/** What makes an update of a model's service go back by itself. */
export function guardrailSettings({
  serving: { guardrail },
}: ModelConfig): Pick<ModelServiceProps, 'maxLatency' | 'maxServerErrorRate' | 'maxModelErrorRate'> {
  return {
    maxLatency: optional(guardrail?.maxLatencyMilliseconds, milliseconds => Duration.millis(milliseconds)),
    maxServerErrorRate: guardrail?.maxServerErrorRate,
    maxModelErrorRate: guardrail?.maxModelErrorRate,
  };
}

/** How many instances of a model's service there are, and of the version before. */
export function capacitySettings({
  serving: { autoScaling, warmStandbyHours },
}: ModelConfig): Pick<ModelServiceProps, 'autoScaling' | 'warmStandby'> {
  return {
    autoScaling: optional(autoScaling, ({ minCapacity, maxCapacity, metric, targetValue, ...cooldowns }) => ({
      minCapacity,
      maxCapacity,
      [`target${metric}` as const]: targetValue,
      scaleInCooldown: optional(cooldowns.scaleInCooldownSeconds, seconds => Duration.seconds(seconds)),
      scaleOutCooldown: optional(cooldowns.scaleOutCooldownSeconds, seconds => Duration.seconds(seconds)),
    })),
    // in minutes, because a Duration of half an hour is no whole number of hours
    warmStandby: optional(warmStandbyHours, hours => Duration.minutes(Math.round(hours * 60))),
  };
}

/** What a new version of a model must do as a shadow; the log is as long on its way as the monitor waits for it. */
export function shadowPolicy(
  { serving: { shadow }, monitoring }: ModelConfig,
  dataLake: IDataLake,
): ShadowPolicy | undefined {
  return optional(shadow, ({ durationMinutes, maxLatencyMilliseconds, ...limits }) => ({
    ...limits,
    dataLake,
    duration: Duration.minutes(durationMinutes),
    logDelay: minutes(monitoring.graceMinutes),
    maxLatency: optional(maxLatencyMilliseconds, milliseconds => Duration.millis(milliseconds)),
  }));
}

/** How traffic moves to a new version of a model. */
export function shiftPolicy({ serving }: ModelConfig): ShiftPolicy | undefined {
  return optional(serving.shift, shift => {
    const options = {
      terminationWait: minutes(shift.terminationWaitMinutes),
      maxExecution: minutes(shift.maxExecutionMinutes),
    };
    const wait = minutes(shift.waitMinutes);
    switch (shift.type) {
      case 'ALL_AT_ONCE':
        return ShiftPolicy.allAtOnce({ ...options, bakeTime: wait });
      case 'CANARY':
        return ShiftPolicy.canary({ ...options, bakeTime: wait, percent: shift.stepPercent });
      case 'LINEAR':
        return ShiftPolicy.linear({ ...options, interval: wait, percent: shift.stepPercent });
    }
  });
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
}: ModelConfig): Pick<RollbackReactionProps, 'rollbackWindow' | 'cooldown' | 'retrain'> {
  return {
    rollbackWindow: optional(reaction.rollbackWindowHours, hours => Duration.hours(hours)),
    cooldown: optional(reaction.cooldownHours, hours => Duration.hours(hours)),
    retrain: reaction.retrain,
  };
}

function minutes(value: number | undefined): Duration | undefined {
  return optional(value, count => Duration.minutes(count));
}
