import type { Size } from 'aws-cdk-lib';
import type { AutoModeOptions } from './cluster-capacity';
import { GPU_RESOURCE, SPOT_TAINT } from './kubernetes-names';
import type { Manifest } from './manifest';

/** Old generations cost more for the same answer. */
const NEWER_THAN_GENERATION = '4';
/** Nodes are replaced by new ones in time, with what was put right in them. */
const EXPIRE_AFTER = '336h';
const NODE_CLASS = 'mlops';

/** What the nodes of Auto Mode are made with. */
export interface NodeClassProps {
  readonly nodeRoleName: string;
  readonly subnetIds: string[];
  readonly securityGroupId: string;
  readonly diskSize: Size;
}

/** The class of our nodes: like Auto Mode's own, with policies of the network in force. */
export function nodeClass({ nodeRoleName, subnetIds, securityGroupId, diskSize }: NodeClassProps): Manifest {
  return {
    apiVersion: 'eks.amazonaws.com/v1',
    kind: 'NodeClass',
    metadata: { name: NODE_CLASS },
    spec: {
      role: nodeRoleName,
      subnetSelectorTerms: subnetIds.map(id => ({ id })),
      securityGroupSelectorTerms: [{ id: securityGroupId }],
      networkPolicy: 'DefaultAllow',
      // a line for each connection, which nobody reads
      networkPolicyEventLogs: 'Disabled',
      ephemeralStorage: { size: `${diskSize.toGibibytes()}Gi` },
    },
  };
}

/** Auto Mode has its controller of network policies off until this is there. */
export function networkPolicySwitch(): Manifest {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'amazon-vpc-cni', namespace: 'kube-system' },
    data: { 'enable-network-policy-controller': 'true' },
  };
}

/** The pools, by the id of their construct; one without capacity is none. */
export function nodePools(options: Required<AutoModeOptions>): Record<string, Manifest> {
  const cpus = [
    requirement('eks.amazonaws.com/instance-category', 'In', options.instanceCategories),
    requirement('eks.amazonaws.com/instance-generation', 'Gt', [NEWER_THAN_GENERATION]),
    // one image must run on all of them
    requirement('kubernetes.io/arch', 'In', ['amd64']),
  ];
  const gpus = [
    requirement('eks.amazonaws.com/instance-gpu-manufacturer', 'In', ['nvidia']),
    requirement('eks.amazonaws.com/instance-family', 'In', options.gpuInstanceFamilies),
    requirement('kubernetes.io/arch', 'In', ['amd64']),
  ];
  return {
    ...pool('CpuPool', 'mlops-cpu', false, cpus, { cpu: options.maxCpus }),
    ...pool('CpuSpotPool', 'mlops-cpu-spot', true, cpus, { cpu: options.maxSpotCpus }),
    ...pool('GpuPool', 'mlops-gpu', false, gpus, { [GPU_RESOURCE]: options.maxGpus }),
    ...pool('GpuSpotPool', 'mlops-gpu-spot', true, gpus, { [GPU_RESOURCE]: options.maxSpotGpus }),
  };
}

function pool(
  id: string,
  name: string,
  spot: boolean,
  requirements: Manifest[],
  limits: Record<string, number>,
): Record<string, Manifest> {
  if (Object.values(limits).every(limit => limit === 0)) return {};
  const gpu = GPU_RESOURCE in limits;
  return {
    [id]: {
      apiVersion: 'karpenter.sh/v1',
      kind: 'NodePool',
      metadata: { name },
      spec: {
        limits: Object.fromEntries(Object.entries(limits).map(([resource, limit]) => [resource, String(limit)])),
        disruption: {
          // a model that loads for minutes is not moved to save a part of a node
          consolidationPolicy: gpu ? 'WhenEmpty' : 'WhenEmptyOrUnderutilized',
          consolidateAfter: gpu ? '10m' : '2m',
        },
        template: {
          metadata: spot ? { labels: { [SPOT_TAINT]: 'true' } } : {},
          spec: {
            nodeClassRef: { group: 'eks.amazonaws.com', kind: 'NodeClass', name: NODE_CLASS },
            expireAfter: EXPIRE_AFTER,
            requirements: [
              requirement('karpenter.sh/capacity-type', 'In', [spot ? 'spot' : 'on-demand']),
              ...requirements,
            ],
            taints: [...(gpu ? [taint(GPU_RESOURCE)] : []), ...(spot ? [taint(SPOT_TAINT)] : [])],
          },
        },
      },
    },
  };
}

function requirement(key: string, operator: string, values: string[]): Manifest {
  return { key, operator, values };
}

function taint(key: string): Manifest {
  return { key, value: 'true', effect: 'NoSchedule' };
}
