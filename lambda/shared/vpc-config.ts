import type { ContainerNetwork } from './contracts';

/** SageMaker's word for where containers are; nothing where they are in no network of ours. */
export function vpcConfig(network: ContainerNetwork | undefined): {
  VpcConfig?: { Subnets: string[]; SecurityGroupIds: string[] };
} {
  return network === undefined
    ? {}
    : { VpcConfig: { Subnets: network.subnetIds, SecurityGroupIds: network.securityGroupIds } };
}
