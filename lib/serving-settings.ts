import { Duration, Size, TimeZone } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import {
  type AwakeHours,
  type BatchInference,
  type IDataLake,
  type IdlePolicy,
  type KubernetesModelServiceProps,
  ModelDelivery,
  type ModelServiceProps,
  type ShadowPolicy,
  ShiftPolicy,
  Weekday,
} from '../constructs';
import type { ModelConfig } from './config/environment';
import type { IdleFile } from './config/idle-schema';
import type { EksServing, SageMakerServing } from './config/serving-schema';
import { minutes, optional } from './optional';

/** What makes an update of a model's service go back by itself. */
export function guardrailSettings({
  guardrail,
}: SageMakerServing | EksServing): Pick<ModelServiceProps, 'maxLatency' | 'maxServerErrorRate' | 'maxModelErrorRate'> {
  return {
    maxLatency: optional(guardrail?.maxLatencyMilliseconds, milliseconds => Duration.millis(milliseconds)),
    maxServerErrorRate: guardrail?.maxServerErrorRate,
    maxModelErrorRate: guardrail?.maxModelErrorRate,
  };
}

/** How traffic moves to a new version of a model. */
export function shiftPolicy({ shift: given }: SageMakerServing | EksServing): ShiftPolicy | undefined {
  return optional(given, shift => {
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

/** When nothing of a model runs. */
export function idlePolicy({ idle }: ModelConfig): IdlePolicy | undefined {
  return optional(idle, ({ awake }) => ({ awake: optional(awake, awakeHours) }));
}

/** Hours, as a file says them. */
export function awakeHours({ days, timeZone, ...times }: NonNullable<IdleFile['awake']>): AwakeHours {
  return { ...times, days: days?.map(day => WEEKDAYS[day]), timeZone: TimeZone.of(timeZone) };
}

const WEEKDAYS = {
  MON: Weekday.MONDAY,
  TUE: Weekday.TUESDAY,
  WED: Weekday.WEDNESDAY,
  THU: Weekday.THURSDAY,
  FRI: Weekday.FRIDAY,
  SAT: Weekday.SATURDAY,
  SUN: Weekday.SUNDAY,
} as const;

/** How many instances of a model's endpoint there are, and of the version before. */
export function capacitySettings({
  instanceType,
  instanceCount,
  autoScaling,
  warmStandbyHours,
}: SageMakerServing): Pick<ModelServiceProps, 'instanceType' | 'instanceCount' | 'autoScaling' | 'warmStandby'> {
  return {
    instanceType,
    instanceCount,
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
  { shadow }: SageMakerServing,
  { graceMinutes }: ModelConfig['monitoring'],
  dataLake: IDataLake,
): ShadowPolicy | undefined {
  return optional(shadow, ({ durationMinutes, maxLatencyMilliseconds, ...limits }) => ({
    ...limits,
    dataLake,
    duration: Duration.minutes(durationMinutes),
    logDelay: minutes(graceMinutes),
    maxLatency: optional(maxLatencyMilliseconds, milliseconds => Duration.millis(milliseconds)),
  }));
}

/** The files that a model predicts by Jobs, in a bucket that somebody else made. */
export function batchSettings(scope: Construct, { batch }: EksServing): BatchInference | undefined {
  return optional(batch, ({ bucket, keyArn, timeoutMinutes, ...places }) => ({
    ...places,
    bucket: Bucket.fromBucketAttributes(scope, 'BatchBucket', {
      bucketName: bucket,
      encryptionKey: optional(keyArn, arn => Key.fromKeyArn(scope, 'BatchKey', arn)),
    }),
    timeout: minutes(timeoutMinutes),
  }));
}

/** The pods of a model: how many, how large, and how the model comes into them. */
export function podSettings({
  autoScaling,
  memoryMiB,
  modelSizeMiB,
  modelLoadSeconds,
  modelDelivery,
  ...serving
}: EksServing): Pick<
  KubernetesModelServiceProps,
  | 'replicas'
  | 'autoScaling'
  | 'cpu'
  | 'cpuLimit'
  | 'memory'
  | 'gpus'
  | 'spot'
  | 'modelSize'
  | 'modelLoadTime'
  | 'modelDelivery'
  | 'clientNamespaces'
> {
  const { replicas, cpu, cpuLimit, gpus, spot, clientNamespaces } = serving;
  return {
    replicas,
    cpu,
    cpuLimit,
    gpus,
    spot,
    clientNamespaces,
    autoScaling: optional(autoScaling, ({ targetLatencyMilliseconds, ...scaling }) => ({
      ...scaling,
      targetLatency: optional(targetLatencyMilliseconds, milliseconds => Duration.millis(milliseconds)),
    })),
    memory: optional(memoryMiB, mebibytes => Size.mebibytes(mebibytes)),
    modelSize: optional(modelSizeMiB, mebibytes => Size.mebibytes(mebibytes)),
    modelLoadTime: optional(modelLoadSeconds, seconds => Duration.seconds(seconds)),
    modelDelivery: optional(modelDelivery, delivery => ModelDelivery[delivery]),
  };
}
