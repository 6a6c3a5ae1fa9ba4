import type { DeploymentConfig, TrafficRoutingConfig } from '@aws-sdk/client-sagemaker';
import type { ShiftPolicy } from './serving-target';

/** SageMaker's own words for a policy. */
export function deploymentConfig(policy: ShiftPolicy): DeploymentConfig {
  const step = { Type: 'CAPACITY_PERCENT' as const, Value: policy.stepPercent };
  const routing: TrafficRoutingConfig = {
    Type: policy.type,
    WaitIntervalInSeconds: policy.waitSeconds,
    ...(policy.type === 'CANARY' ? { CanarySize: step } : {}),
    ...(policy.type === 'LINEAR' ? { LinearStepSize: step } : {}),
  };
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: routing,
      TerminationWaitInSeconds: policy.terminationWaitSeconds,
      MaximumExecutionTimeoutInSeconds: policy.maxExecutionSeconds,
    },
    ...(policy.alarmNames.length === 0
      ? {}
      : { AutoRollbackConfiguration: { Alarms: policy.alarmNames.map(AlarmName => ({ AlarmName })) } }),
  };
}
