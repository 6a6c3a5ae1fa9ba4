import { Duration, Token } from 'aws-cdk-lib';
import type { Problems } from '../private/validation';

/** AWS's own defaults. */
const DEFAULT_COOLDOWN = Duration.minutes(5);

/** Environments in which people rely on the answers. */
export const PRODUCTION = ['prod', 'production'];

/** Two instances lie in two availability zones; one would be a single zone, and at night it would be the only one. */
export const PRODUCTION_FLOOR = 2;

/** How the number of instances follows the load. Exactly one target must be given. */
export interface ServiceScaling {
  /**
   * Fewest instances; in an environment named `prod` or `production` at least 2.
   *
   * @default - the `instanceCount` of the service
   */
  readonly minCapacity?: number;

  /** Most instances. */
  readonly maxCapacity: number;

  /**
   * Requests that each instance should get in a minute (`SageMakerVariantInvocationsPerInstance`).
   *
   * @default - not the target
   */
  readonly targetInvocationsPerInstance?: number;

  /**
   * Requests that each instance should have at a time (`SageMakerVariantConcurrentRequestsPerModelHighResolution`): better
   * where an answer takes seconds, and looked at every ten seconds.
   *
   * @default - not the target
   */
  readonly targetConcurrentRequestsPerInstance?: number;

  /**
   * Least time between two steps down.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleInCooldown?: Duration;

  /**
   * Least time between two steps up.
   *
   * @default Duration.minutes(5)
   */
  readonly scaleOutCooldown?: Duration;
}

/** What scaling depends on beside its own settings. */
interface Scaled {
  readonly environmentName: string;
  readonly instanceType: string;
  readonly instanceCount: number;
}

/** The shape is `autoScaling` of `servingSettings` in `lambda/shared/contracts.ts`. */
export function scalingSettings(scaling: ServiceScaling, instanceCount: number): Record<string, unknown> {
  const { targetInvocationsPerInstance: invocations, targetConcurrentRequestsPerInstance: concurrency } = scaling;
  return {
    minCapacity: minCapacity(scaling, instanceCount),
    maxCapacity: scaling.maxCapacity,
    metric: invocations === undefined ? 'ConcurrentRequestsPerInstance' : 'InvocationsPerInstance',
    targetValue: invocations ?? concurrency,
    scaleInCooldownSeconds: (scaling.scaleInCooldown ?? DEFAULT_COOLDOWN).toSeconds(),
    scaleOutCooldownSeconds: (scaling.scaleOutCooldown ?? DEFAULT_COOLDOWN).toSeconds(),
  };
}

/** Fewest instances that may serve; without scaling it is their number. */
export function minCapacity(scaling: ServiceScaling | undefined, instanceCount: number): number {
  return scaling?.minCapacity ?? instanceCount;
}

/** Notes what AWS would refuse at the first release, and what would be no capacity to rely on. */
export function checkScaling(problems: Problems, scaling: ServiceScaling, scaled: Scaled): void {
  const { environmentName, instanceType, instanceCount } = scaled;
  const { maxCapacity } = scaling;
  const min = minCapacity(scaling, instanceCount);
  if (/^ml\.t\d/.test(instanceType)) {
    problems.add(
      `'autoScaling' is given with 'instanceType' '${instanceType}', must be none of the burstable types (ml.t2, ml.t3), which SageMaker does not scale since they have spare capacity of their own; use e.g. 'ml.m5.large', or leave 'autoScaling' out`,
    );
  }
  checkWholeNumber(problems, 'autoScaling.minCapacity', min);
  checkWholeNumber(problems, 'autoScaling.maxCapacity', maxCapacity);
  if (PRODUCTION.includes(environmentName) && !Token.isUnresolved(min)) {
    problems.require(
      min >= PRODUCTION_FLOOR,
      `'autoScaling.minCapacity' is ${min} in '${environmentName}', must be at least ${PRODUCTION_FLOOR}, so that the loss of an availability zone leaves an instance`,
    );
  }
  if (![min, maxCapacity, instanceCount].some(count => Token.isUnresolved(count))) {
    problems.require(
      min <= instanceCount && instanceCount <= maxCapacity,
      `'instanceCount' is ${instanceCount}, must be from 'autoScaling.minCapacity' (${min}) to 'autoScaling.maxCapacity' (${maxCapacity}), since the first version starts with it`,
    );
  }
  const targets = [scaling.targetInvocationsPerInstance, scaling.targetConcurrentRequestsPerInstance];
  problems.require(
    targets.filter(target => target !== undefined).length === 1,
    `'autoScaling' has ${targets.every(target => target === undefined) ? 'no target' : 'two targets'}, must have one: 'targetInvocationsPerInstance' or 'targetConcurrentRequestsPerInstance'`,
  );
  for (const target of targets) {
    if (target !== undefined && !Token.isUnresolved(target)) {
      problems.require(target > 0, `the target of 'autoScaling' is ${target}, must be more than 0`);
    }
  }
}

function checkWholeNumber(problems: Problems, property: string, value: number): void {
  if (Token.isUnresolved(value)) return;
  problems.require(
    Number.isInteger(value) && value >= 1,
    `'${property}' is ${value}, must be a whole number of at least 1`,
  );
}
