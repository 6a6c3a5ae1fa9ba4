import type { DeploymentConfig } from '@aws-sdk/client-sagemaker';
import { validationException } from '../errors';
import type { Checked } from '../service-model/checked';

/** A checked `DeploymentConfig`. */
export type CheckedDeploymentConfig = Checked<DeploymentConfig>;

type TrafficRouting = NonNullable<CheckedDeploymentConfig['BlueGreenUpdatePolicy']>['TrafficRoutingConfiguration'];

/** How the traffic moves from blue to green. */
export interface DeploymentPlan {
  /** Green's share of the traffic after each step, ascending; the last is 1. */
  readonly steps: readonly number[];
  /** Seconds between two steps. */
  readonly waitSeconds: number;
  /** Seconds for which the green fleet is watched after the last step, while blue still stands. */
  readonly terminationWaitSeconds: number;
  readonly maxExecutionSeconds?: number;
  /** Alarms any of which, when red, takes everything back. */
  readonly alarmNames: readonly string[];
}

/** What SageMaker does without a `DeploymentConfig`: all at once, without baking. */
export const DEFAULT_PLAN: DeploymentPlan = {
  steps: [1],
  waitSeconds: 0,
  terminationWaitSeconds: 0,
  alarmNames: [],
};

const MAX_CANARY_SHARE = 0.5;
const MIN_LINEAR_SHARE = 0.1;
const MAX_LINEAR_SHARE = 0.5;

/** Reads a `DeploymentConfig` for an endpoint of `instanceCount` instances; refuses what AWS refuses. */
export function planDeployment(config: CheckedDeploymentConfig | undefined, instanceCount: number): DeploymentPlan {
  const alarmNames = (config?.AutoRollbackConfiguration?.Alarms ?? []).map(alarm => alarm.AlarmName ?? '');
  const policy = config?.BlueGreenUpdatePolicy;
  if (policy === undefined) {
    return { ...DEFAULT_PLAN, alarmNames };
  }
  const routing = policy.TrafficRoutingConfiguration;
  const steps = trafficSteps(routing, instanceCount);
  const terminationWaitSeconds = policy.TerminationWaitInSeconds ?? 0;
  const { MaximumExecutionTimeoutInSeconds: maxExecutionSeconds } = policy;
  const waits = (steps.length - 1) * routing.WaitIntervalInSeconds + terminationWaitSeconds;
  if (maxExecutionSeconds !== undefined && maxExecutionSeconds < waits) {
    throw validationException(
      `MaximumExecutionTimeoutInSeconds (${maxExecutionSeconds}) must be larger than the total waiting time of the ` +
        `deployment (${waits}), which WaitIntervalInSeconds and TerminationWaitInSeconds make up`,
    );
  }
  return {
    steps,
    waitSeconds: routing.WaitIntervalInSeconds,
    terminationWaitSeconds,
    ...(maxExecutionSeconds !== undefined && { maxExecutionSeconds }),
    alarmNames,
  };
}

function trafficSteps(routing: TrafficRouting, instanceCount: number): number[] {
  switch (routing.Type) {
    case 'CANARY': {
      const share = shareOf('CanarySize', routing.CanarySize, routing.Type, instanceCount);
      if (share > MAX_CANARY_SHARE) {
        throw validationException(
          `CanarySize must be at most ${MAX_CANARY_SHARE * 100}% of the variant's total instance count, got ${share * 100}%`,
        );
      }
      return [share, 1];
    }
    case 'LINEAR': {
      const share = shareOf('LinearStepSize', routing.LinearStepSize, routing.Type, instanceCount);
      if (share < MIN_LINEAR_SHARE || share > MAX_LINEAR_SHARE) {
        throw validationException(
          `LinearStepSize must be ${MIN_LINEAR_SHARE * 100}-${MAX_LINEAR_SHARE * 100}% of the variant's total instance ` +
            `count, got ${share * 100}%`,
        );
      }
      const count = Math.ceil(1 / share);
      return Array.from({ length: count }, (_, i) => (i + 1 === count ? 1 : share * (i + 1)));
    }
    default:
      return [1];
  }
}

function shareOf(
  field: string,
  size: { readonly Type: string; readonly Value: number } | undefined,
  routingType: string,
  instanceCount: number,
): number {
  if (size === undefined) {
    throw validationException(`${field} must be given when the traffic routing type is ${routingType}`);
  }
  return size.Type === 'INSTANCE_COUNT' ? size.Value / instanceCount : size.Value / 100;
}
