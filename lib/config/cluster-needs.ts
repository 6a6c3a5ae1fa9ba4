import { type ClusterFile, clusterFeatures } from './cluster-schema';
import type { EksServing } from './serving-schema';

/** Something that a model asks for and the environment's cluster has not, at a path of its `serving`. */
export interface UnmetNeed {
  readonly path: readonly string[];
  /** What the value must be, or what the cluster must have. */
  readonly allowed: string;
}

/** What a model on EKS asks for in vain. */
export function unmetNeeds(serving: EksServing, cluster: ClusterFile | undefined): UnmetNeed[] {
  if (cluster === undefined) {
    return [{ path: ['target'], allowed: "'sagemaker' in an environment without a 'cluster', or give it one" }];
  }
  const has = clusterFeatures(cluster);
  const imported = cluster.source === 'import';
  const { autoScaling, shift } = serving;
  const needs: [boolean, string[], string][] = [
    [
      shift !== undefined && shift.type !== 'ALL_AT_ONCE' && !has.gateway,
      ['shift', 'type'],
      "'ALL_AT_ONCE' on a cluster without a gateway, by which alone traffic moves in parts; or give 'cluster.gateway'",
    ],
    [
      (serving.gpus ?? 0) > 0 && !has.gpus,
      ['gpus'],
      `0 on a cluster without GPUs; or give ${imported ? "'cluster.gpuPool'" : "'cluster.capacity' some"}`,
    ],
    [
      serving.spot === true && !has.spot,
      ['spot'],
      `false on a cluster without spot capacity; or give ${imported ? "'cluster.spotPool'" : "'cluster.capacity' some"}`,
    ],
    ...(['targetRequestsInFlight', 'targetLatencyMilliseconds'] as const).map((target): [boolean, string[], string] => [
      autoScaling?.[target] !== undefined && !has.keda,
      ['autoScaling', target],
      `left out on a cluster without KEDA, which reads it; or give '${imported ? 'cluster.kedaNamespace' : 'cluster.keda'}', or use 'targetCpuPercent'`,
    ]),
    [
      autoScaling?.targetCpuPercent !== undefined && !has.metricsServer,
      ['autoScaling', 'targetCpuPercent'],
      "left out on a cluster without the metrics server; or give 'cluster.metricsServer'",
    ],
    [
      serving.batch?.outputPrefix.startsWith(serving.batch.inputPrefix) === true,
      ['batch', 'outputPrefix'],
      "another prefix than one in 'inputPrefix', whose files are predicted",
    ],
    [
      serving.replicas !== undefined && autoScaling?.minReplicas !== undefined,
      ['replicas'],
      "left out beside 'autoScaling.minReplicas', since the number of pods has one owner",
    ],
  ];
  return needs.filter(([unmet]) => unmet).map(([, path, allowed]) => ({ path, allowed }));
}
