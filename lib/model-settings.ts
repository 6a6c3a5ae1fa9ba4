import { Duration, Size } from 'aws-cdk-lib';
import { ColumnType, type ModelSchema, ShiftPolicy, type TrainingPipelineProps } from '../constructs';
import type { ModelConfig } from './config/environment';
import { optional } from './optional';

/**
 * What files say in numbers, as the constructs take it. What a file leaves out stays out: the construct decides.
 */

const COLUMN_TYPES = { double: ColumnType.DOUBLE, bigint: ColumnType.BIGINT, string: ColumnType.STRING };

/** The schema of a model. */
export function modelSchema({ definition }: ModelConfig): ModelSchema {
  const { features, label } = definition.schema;
  return { label, features: features.map(feature => ({ ...feature, type: COLUMN_TYPES[feature.type] })) };
}

/** The settings of a model's training that files give. */
export function trainingSettings({
  definition,
  training,
}: ModelConfig): Pick<
  TrainingPipelineProps,
  | 'instanceType'
  | 'instanceCount'
  | 'volumeSize'
  | 'maxRuntime'
  | 'hyperparameters'
  | 'seed'
  | 'holdoutShare'
  | 'maxRows'
  | 'gate'
  | 'guard'
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
    holdoutShare: training.holdoutShare,
    maxRows: training.maxRows,
    gate: training.gate,
    guard: optional(guard, ({ minIntervalMinutes, ...limits }) => ({
      ...limits,
      minInterval: minutes(minIntervalMinutes),
    })),
  };
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

function minutes(value: number | undefined): Duration | undefined {
  return optional(value, count => Duration.minutes(count));
}
