import type { ApiObjectProps } from 'cdk8s';
import { k8s } from './k8s';
import { PORT } from './kubernetes-names';
import { PLACEHOLDERS } from './placeholders';

/** How long the load must be lower before pods go; they come at once. */
const SCALE_DOWN_SECONDS = 300;
const POLL_SECONDS = 15;

/** How the pods of a version follow the load. */
export interface Autoscaler {
  readonly namespace: string;
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** Requests that a pod should have at a time. */
  readonly targetRequestsInFlight?: number;
  /** Mean time to an answer, in seconds. */
  readonly targetLatencySeconds?: number;
  /** Percent of the requested processor time. */
  readonly targetCpuPercent?: number;
}

const TARGET = { apiVersion: 'apps/v1', kind: 'Deployment', name: PLACEHOLDERS.name };
const BEHAVIOR = { scaleDown: { stabilizationWindowSeconds: SCALE_DOWN_SECONDS } };

/** The autoscaler of a version: KEDA's where it must ask the pods themselves, else Kubernetes' own. */
export function autoscalerObject(autoscaler: Autoscaler): ApiObjectProps & { spec: unknown } {
  return autoscaler.targetCpuPercent === undefined ? scaledObject(autoscaler) : podAutoscaler(autoscaler);
}

function podAutoscaler({ minReplicas, maxReplicas, targetCpuPercent }: Autoscaler): ApiObjectProps & { spec: unknown } {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: PLACEHOLDERS.name },
    spec: k8s.toJson_HorizontalPodAutoscalerSpecV2({
      scaleTargetRef: TARGET,
      minReplicas,
      maxReplicas,
      behavior: BEHAVIOR,
      metrics: [
        {
          type: 'Resource',
          resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: targetCpuPercent } },
        },
      ],
    }),
  };
}

/**
 * KEDA asks each pod for its metrics, so that no Prometheus is needed. When it cannot, the number of pods stays: a
 * fallback would move it by what is not known.
 */
function scaledObject(autoscaler: Autoscaler): ApiObjectProps & { spec: unknown } {
  const { namespace, minReplicas, maxReplicas, targetRequestsInFlight, targetLatencySeconds } = autoscaler;
  return {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    metadata: { name: PLACEHOLDERS.name },
    spec: {
      scaleTargetRef: TARGET,
      minReplicaCount: minReplicas,
      maxReplicaCount: maxReplicas,
      pollingInterval: POLL_SECONDS,
      advanced: { horizontalPodAutoscalerConfig: { behavior: BEHAVIOR } },
      triggers: [
        ...(targetRequestsInFlight === undefined
          ? []
          : [podMetric(namespace, 'model_server_requests_in_flight', 'sum', 'AverageValue', targetRequestsInFlight)]),
        ...(targetLatencySeconds === undefined
          ? []
          : [podMetric(namespace, 'model_server_recent_seconds', 'average', 'Value', targetLatencySeconds)]),
      ],
    },
  };
}

function podMetric(
  namespace: string,
  metric: string,
  aggregation: string,
  metricType: string,
  target: number,
): unknown {
  return {
    type: 'metrics-api',
    metricType,
    metadata: {
      url: `http://${PLACEHOLDERS.name}.${namespace}.svc:${PORT}/metrics`,
      format: 'prometheus',
      valueLocation: metric,
      aggregateFromKubeServiceEndpoints: 'true',
      aggregationType: aggregation,
      targetValue: String(target),
    },
  };
}
