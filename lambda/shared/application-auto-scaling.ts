import {
  type ApplicationAutoScalingClient,
  DeregisterScalableTargetCommand,
  DescribeScalableTargetsCommand,
  DescribeScalingPoliciesCommand,
  type MetricType,
  ObjectNotFoundException,
  PutScalingPolicyCommand,
  RegisterScalableTargetCommand,
  type ScalableTarget,
} from '@aws-sdk/client-application-auto-scaling';

const NAMESPACE = {
  ServiceNamespace: 'sagemaker',
  ScalableDimension: 'sagemaker:variant:DesiredInstanceCount',
} as const;

/** What a variant scales by. */
export interface ScalingPolicy {
  readonly minCapacity: number;
  readonly maxCapacity: number;
  readonly metric: 'InvocationsPerInstance' | 'ConcurrentRequestsPerInstance';
  readonly targetValue: number;
  readonly scaleInCooldownSeconds: number;
  readonly scaleOutCooldownSeconds: number;
}

type Variant = typeof NAMESPACE & { readonly ResourceId: string };

/** SageMaker's names for what a variant is measured by. */
const METRIC_TYPES: Readonly<Record<ScalingPolicy['metric'], MetricType>> = {
  InvocationsPerInstance: 'SageMakerVariantInvocationsPerInstance',
  ConcurrentRequestsPerInstance: 'SageMakerVariantConcurrentRequestsPerModelHighResolution',
};

/** Application Auto Scaling, as far as endpoints need it. */
export class ApplicationAutoScaling {
  constructor(private readonly client: ApplicationAutoScalingClient) {}

  /** Registers a variant and its policy, or changes both to what is given; leaves alone what is so already. */
  async register(endpointName: string, variantName: string, policy: ScalingPolicy): Promise<void> {
    const variant = variantOf(endpointName, variantName);
    const limits = { MinCapacity: policy.minCapacity, MaxCapacity: policy.maxCapacity };
    if (!isAmong(await this.targets(variant), limits)) {
      await this.client.send(new RegisterScalableTargetCommand({ ...variant, ...limits }));
    }
    const wanted = {
      // one name: another metric replaces the policy and leaves no second one beside it
      PolicyName: `${endpointName}-${variantName}`,
      PolicyType: 'TargetTrackingScaling',
      TargetTrackingScalingPolicyConfiguration: {
        TargetValue: policy.targetValue,
        PredefinedMetricSpecification: { PredefinedMetricType: METRIC_TYPES[policy.metric] },
        ScaleInCooldown: policy.scaleInCooldownSeconds,
        ScaleOutCooldown: policy.scaleOutCooldownSeconds,
      },
    } as const;
    const { ScalingPolicies: policies } = await this.client.send(new DescribeScalingPoliciesCommand(variant));
    // each put makes AWS set up the policy's alarms anew
    if (!isAmong(policies, wanted)) await this.client.send(new PutScalingPolicyCommand({ ...variant, ...wanted }));
  }

  /** Takes a variant off, with its policies and their alarms; nothing if it is not registered. */
  async deregister(endpointName: string, variantName: string): Promise<void> {
    const variant = variantOf(endpointName, variantName);
    if ((await this.targets(variant)).length === 0) return;
    try {
      await this.client.send(new DeregisterScalableTargetCommand(variant));
    } catch (error) {
      // somebody else has between the look and the act
      if (!(error instanceof ObjectNotFoundException)) throw error;
    }
  }

  private async targets({ ResourceId, ...namespace }: Variant): Promise<ScalableTarget[]> {
    const { ScalableTargets: targets } = await this.client.send(
      new DescribeScalableTargetsCommand({ ...namespace, ResourceIds: [ResourceId] }),
    );
    return targets ?? [];
  }
}

function variantOf(endpointName: string, variantName: string): Variant {
  return { ...NAMESPACE, ResourceId: `endpoint/${endpointName}/variant/${variantName}` };
}

/** Whether one of these has all that is wanted, whatever else it has. */
function isAmong(found: readonly unknown[] | undefined, wanted: object): boolean {
  return found?.some(one => isMatch(one, wanted)) ?? false;
}

function isMatch(found: unknown, wanted: unknown): boolean {
  if (typeof wanted !== 'object' || wanted === null) return found === wanted;
  if (typeof found !== 'object' || found === null) return false;
  return Object.entries(wanted).every(([name, value]) => isMatch((found as Record<string, unknown>)[name], value));
}
