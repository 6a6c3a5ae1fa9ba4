import { Size } from 'aws-cdk-lib';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import { type AwakeHours, ClusterCapacity } from '../constructs';
import type { CapacityFile } from './config/cluster-schema';
import type { Environment } from './config/environment';
import { optional } from './optional';
import { awakeHours } from './serving-settings';

/** Where pods run, as a file says it. */
export function clusterCapacity(file: CapacityFile, environment: Environment): ClusterCapacity {
  const diskSize = optional(file.diskSizeGiB, gibibytes => Size.gibibytes(gibibytes));
  return file.type === 'AUTO_MODE'
    ? ClusterCapacity.autoMode({ ...file, diskSize })
    : ClusterCapacity.managedNodeGroups({
        ...file,
        diskSize,
        awake: file.neverSleeps === true ? undefined : nodesAwake(environment),
        instanceTypes: optional(file.instanceTypes, named),
        gpuInstanceTypes: optional(file.gpuInstanceTypes, named),
      });
}

/** The hours of the models, if all that are there sleep outside of them and none is asked for batches, as one may be at night. */
function nodesAwake({ idle, models }: Environment): AwakeHours | undefined {
  const sleepers = models.every(
    ({ serving, idle: its }) => serving.target !== 'eks' || (its !== undefined && serving.batch === undefined),
  );
  return sleepers ? optional(idle?.awake, awakeHours) : undefined;
}

function named(types: string[]): InstanceType[] {
  return types.map(type => new InstanceType(type));
}
