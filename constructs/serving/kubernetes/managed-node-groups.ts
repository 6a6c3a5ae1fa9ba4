import {
  CapacityType,
  CfnAddon,
  type CfnNodegroup,
  type ICluster,
  Nodegroup,
  NodegroupAmiType,
  TaintEffect,
} from 'aws-cdk-lib/aws-eks-v2';
import type { InstanceType, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { CompleteNodeGroups } from './cluster-capacity';
import { GPU_RESOURCE, SPOT_TAINT } from './kubernetes-names';
import type { ScheduledGroup } from './node-schedules';

/** By tags of that beginning the Cluster Autoscaler knows what a node will have. */
const TEMPLATE_TAG = 'k8s.io/cluster-autoscaler/node-template/';

/** What the groups are made in. */
export interface ManagedNodeGroupsProps {
  readonly cluster: ICluster;
  readonly subnets: SubnetSelection;
  readonly options: CompleteNodeGroups;
}

interface Group {
  readonly id: string;
  readonly instanceTypes: InstanceType[];
  readonly minNodes: number;
  readonly maxNodes: number;
  readonly gpu?: boolean;
  readonly spot?: boolean;
}

/** Node groups, of which those for GPUs and spot are tainted and begin with no node; and the network of their pods. */
export class ManagedNodeGroups extends Construct {
  public readonly groups: ScheduledGroup[];

  constructor(scope: Construct, id: string, props: ManagedNodeGroupsProps) {
    super(scope, id);
    const { cluster, subnets, options } = props;
    // the network goes after the nodes: a node that ends without it leaves its interfaces behind
    const network = new CfnAddon(this, 'VpcCni', {
      clusterName: cluster.clusterName,
      addonName: 'vpc-cni',
      configurationValues: JSON.stringify({ enableNetworkPolicy: 'true' }),
      // a new cluster has one of its own already, that enforces no policy
      resolveConflicts: 'OVERWRITE',
    });
    const { instanceTypes, gpuInstanceTypes, minNodes, maxNodes, diskSize } = options;
    const groups: Group[] = [
      { id: 'Cpu', instanceTypes, minNodes, maxNodes },
      { id: 'CpuSpot', instanceTypes, minNodes: 0, maxNodes: options.maxSpotNodes, spot: true },
      { id: 'Gpu', instanceTypes: gpuInstanceTypes, minNodes: 0, maxNodes: options.maxGpuNodes, gpu: true },
      {
        id: 'GpuSpot',
        instanceTypes: gpuInstanceTypes,
        minNodes: 0,
        maxNodes: options.maxSpotGpuNodes,
        gpu: true,
        spot: true,
      },
    ];
    this.groups = groups
      .filter(({ maxNodes: most }) => most > 0)
      .map(given => {
        const { gpu = false, spot = false } = given;
        const group = new Nodegroup(this, given.id, {
          cluster,
          subnets,
          instanceTypes: given.instanceTypes,
          minSize: given.minNodes,
          desiredSize: given.minNodes,
          maxSize: given.maxNodes,
          amiType: gpu ? NodegroupAmiType.AL2023_X86_64_NVIDIA : NodegroupAmiType.AL2023_X86_64_STANDARD,
          capacityType: spot ? CapacityType.SPOT : CapacityType.ON_DEMAND,
          enableNodeAutoRepair: true,
          diskSize: diskSize.toGibibytes(),
          // of a group without a node the autoscaler knows no disk, and would start none for pods that ask for some
          tags: { [`${TEMPLATE_TAG}resources/ephemeral-storage`]: `${diskSize.toGibibytes()}Gi` },
          labels: {
            ...(spot ? { [SPOT_TAINT]: 'true' } : {}),
            // where NVIDIA's device plugin runs; and a new node's GPU is waited for, before the autoscaler starts a second one
            ...(gpu ? { 'nvidia.com/gpu.present': 'true', 'k8s.amazonaws.com/accelerator': 'nvidia' } : {}),
          },
          taints: [...(gpu ? [taint(GPU_RESOURCE)] : []), ...(spot ? [taint(SPOT_TAINT)] : [])],
        });
        group.node.addDependency(network);
        return {
          id: given.id,
          // the CDK's own `nodegroupName` is `<cluster>/<group>` in an app without its feature flag for it
          name: (group.node.defaultChild as CfnNodegroup).attrNodegroupName,
          arn: group.nodegroupArn,
          minNodes: given.minNodes,
          maxNodes: given.maxNodes,
        };
      });
  }
}

function taint(key: string): { key: string; value: string; effect: TaintEffect } {
  return { key, value: 'true', effect: TaintEffect.NO_SCHEDULE };
}
