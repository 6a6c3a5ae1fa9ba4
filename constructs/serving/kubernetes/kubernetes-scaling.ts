import { type Duration, Token } from 'aws-cdk-lib';
import type { Problems } from '../../private/validation';
import { PRODUCTION, PRODUCTION_FLOOR } from '../auto-scaling';
import type { Autoscaler } from './model-autoscaler';
import type { IServingCluster } from './serving-cluster-props';

/**
 * How the number of a version's pods follows the load: by requests in flight, by latency, by both (the one that asks for
 * more pods wins), or by processor time alone.
 *
 * It never goes to zero: nothing in front of the pods holds a request until one is there, so the first ones would be
 * answered with 503, and a version without pods tells no load by which pods could come back.
 */
export interface KubernetesScaling {
  /**
   * Fewest pods of a version; in an environment named `prod` or `production` at least 2.
   *
   * @default - the `replicas` of the service
   */
  readonly minReplicas?: number;

  /** Most pods of a version. */
  readonly maxReplicas: number;

  /**
   * Requests that each pod should have at a time; needs KEDA in the cluster.
   *
   * @default - not a target
   */
  readonly targetRequestsInFlight?: number;

  /**
   * Mean time in which requests should be answered; needs KEDA in the cluster.
   *
   * @default - not a target
   */
  readonly targetLatency?: Duration;

  /**
   * Percent of the requested processor time that each pod should use; needs the metrics server in the cluster.
   *
   * @default - not a target
   */
  readonly targetCpuPercent?: number;
}

/** Fewest and most pods of a version. */
export interface ReplicaRange {
  readonly min: number;
  readonly max: number;
}

/** How many pods a version may have. */
export function replicaRange(scaling: KubernetesScaling | undefined, replicas: number): ReplicaRange {
  return scaling === undefined
    ? { min: replicas, max: replicas }
    : { min: scaling.minReplicas ?? replicas, max: scaling.maxReplicas };
}

/** Whether production asks for more pods than one. */
export function productionFloor(environmentName: string): number {
  return PRODUCTION.includes(environmentName) ? PRODUCTION_FLOOR : 1;
}

/** What the chart makes of it. */
export function autoscalerOf(scaling: KubernetesScaling, replicas: number, namespace: string): Autoscaler {
  const { min, max } = replicaRange(scaling, replicas);
  return {
    namespace,
    minReplicas: min,
    maxReplicas: max,
    targetRequestsInFlight: scaling.targetRequestsInFlight,
    targetLatencySeconds: scaling.targetLatency?.toSeconds({ integral: false }),
    targetCpuPercent: scaling.targetCpuPercent,
  };
}

/** What scaling depends on beside its own settings. */
interface Scaled {
  readonly environmentName: string;
  readonly replicas: number;
  readonly cluster: IServingCluster;
}

/** Notes what the cluster would refuse or could not do, and what would be no capacity to rely on. */
export function checkScaling(problems: Problems, scaling: KubernetesScaling, scaled: Scaled): void {
  const { environmentName, replicas, cluster } = scaled;
  const { min, max } = replicaRange(scaling, replicas);
  if ([min, max].some(count => Token.isUnresolved(count))) {
    problems.add(
      "'autoScaling' has a number that is known at deployment only, must be known at synth: the template holds it",
    );
    return;
  }
  const floor = productionFloor(environmentName);
  problems.require(
    Number.isInteger(min) && min >= floor,
    `'autoScaling.minReplicas' is ${min}${floor > 1 ? ` in '${environmentName}'` : ''}, must be a whole number of at least ${floor}, ${
      floor > 1
        ? 'so that the loss of an availability zone leaves a pod'
        : 'since nothing holds a request until a pod is there'
    }`,
  );
  problems.require(
    Number.isInteger(max) && max >= min,
    `'autoScaling.maxReplicas' is ${max}, must be a whole number of at least 'minReplicas' (${min})`,
  );
  const byKeda = scaling.targetRequestsInFlight !== undefined || scaling.targetLatency !== undefined;
  const byCpu = scaling.targetCpuPercent !== undefined;
  problems.require(
    byKeda !== byCpu,
    `'autoScaling' has ${byKeda ? 'a target of processor time beside others' : 'no target'}, must have 'targetRequestsInFlight', 'targetLatency' or both, or 'targetCpuPercent' alone: two autoscalers would pull at one deployment`,
  );
  problems.require(
    !byKeda || cluster.kedaNamespace !== undefined,
    "'autoScaling' has a target that KEDA must read, but the cluster has no KEDA: use 'targetCpuPercent', or give the cluster's 'kedaNamespace'",
  );
  problems.require(
    !byCpu || cluster.metricsServer,
    "'autoScaling.targetCpuPercent' is given, but the cluster has no metrics server: use 'targetRequestsInFlight', or say 'metricsServer: true' of the cluster if it has one",
  );
  requirePositive(problems, 'autoScaling.targetRequestsInFlight', scaling.targetRequestsInFlight);
  requirePositive(problems, 'autoScaling.targetLatency', scaling.targetLatency?.toMilliseconds());
  requirePositive(problems, 'autoScaling.targetCpuPercent', scaling.targetCpuPercent);
}

function requirePositive(problems: Problems, property: string, value: number | undefined): void {
  problems.require(value === undefined || value > 0, `'${property}' is ${value}, must be more than 0`);
}
