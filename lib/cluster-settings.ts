import { Size } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { ClusterCapacity } from '../constructs';
import type { CapacityFile } from './config/cluster-schema';
import { optional } from './optional';

/** Where pods run, as a file says it. */
export function clusterCapacity(file: CapacityFile): ClusterCapacity {
  const diskSize = optional(file.diskSizeGiB, gibibytes => Size.gibibytes(gibibytes));
  return file.type === 'AUTO_MODE'
    ? ClusterCapacity.autoMode({ ...file, diskSize })
    : ClusterCapacity.managedNodeGroups({
        ...file,
        diskSize,
        instanceTypes: optional(file.instanceTypes, named),
        gpuInstanceTypes: optional(file.gpuInstanceTypes, named),
      });
}

function named(types: string[]): InstanceType[] {
  return types.map(type => new InstanceType(type));
}
