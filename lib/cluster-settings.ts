import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { ClusterCapacity } from '../constructs';
import type { CapacityFile } from './config/cluster-schema';
import { optional } from './optional';

/** Where pods run, as a file says it. */
export function clusterCapacity(file: CapacityFile): ClusterCapacity {
  if (file.type === 'AUTO_MODE') {
    const { type: _, ...options } = file;
    return ClusterCapacity.autoMode(options);
  }
  const { type: _, instanceTypes, gpuInstanceTypes, ...options } = file;
  return ClusterCapacity.managedNodeGroups({
    ...options,
    instanceTypes: optional(instanceTypes, named),
    gpuInstanceTypes: optional(gpuInstanceTypes, named),
  });
}

function named(types: string[]): InstanceType[] {
  return types.map(type => new InstanceType(type));
}
