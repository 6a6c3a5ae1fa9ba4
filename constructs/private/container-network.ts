import { Stack, Token } from 'aws-cdk-lib';
import { type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { ContainerPlacement } from '../network/container-placement';
import type { Problems } from './validation';
import { explainWildcards } from './wildcards';

const HTTPS_PORT = 443;

/** What SageMaker asks of EC2 by the containers' role; these know no resource. */
const LOOK_ACTIONS = [
  'ec2:DescribeDhcpOptions',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
];
/** Of interfaces in the subnets alone. */
const INTERFACE_ACTIONS = ['ec2:CreateNetworkInterfacePermission', 'ec2:DeleteNetworkInterface'];
/** Knows no condition on the subnet. */
const PERMISSION_ACTIONS = ['ec2:DeleteNetworkInterfacePermission'];
/** So many does SageMaker take in a `VpcConfig`. */
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

/** Settings of a network for SageMaker's containers. */
export interface ContainerNetworkProps {
  readonly vpc: IVpc;
  readonly placement: ContainerPlacement;
  /** What the security group is of. */
  readonly description: string;
  /** Role of the containers. */
  readonly role: IRole;
  /** Whether containers of one job speak to each other. */
  readonly talkToEachOther: boolean;
}

/** Refuses subnets and security groups of no network, none of either, and more than SageMaker takes. */
export function requireNetwork(problems: Problems, { vpc, vpcSubnets, securityGroups }: ContainerPlacement): void {
  for (const [property, value] of Object.entries({ vpcSubnets, securityGroups })) {
    problems.require(
      vpc !== undefined || value === undefined,
      `'${property}' is given without 'vpc', give the network that they are of or leave '${property}' out`,
    );
  }
  if (securityGroups !== undefined) {
    problems.require(
      securityGroups.length > 0 && securityGroups.length <= MAX_SECURITY_GROUPS,
      `'securityGroups' are ${securityGroups.length}, must be from 1 to ${MAX_SECURITY_GROUPS}; leave them out for one of its own`,
    );
  }
  if (vpc === undefined) return;
  const { subnetIds } = vpc.selectSubnets(vpcSubnets);
  problems.require(
    Token.isUnresolved(subnetIds) || (subnetIds.length > 0 && subnetIds.length <= MAX_SUBNETS),
    `'vpcSubnets' selects ${subnetIds.length} subnets, must select from 1 to ${MAX_SUBNETS}`,
  );
}

/** Where SageMaker runs a model's containers, as far as it is ours: their interfaces in a VPC. */
export class ContainerNetwork extends Construct {
  /** As settings hold it. */
  public readonly settings: { readonly subnetIds: string[]; readonly securityGroupIds: string[] };

  constructor(scope: Construct, id: string, props: ContainerNetworkProps) {
    super(scope, id);
    const { vpc, placement } = props;
    const groups = placement.securityGroups ?? [this.ownGroup(vpc, props.description, props.talkToEachOther)];
    const { subnetIds } = vpc.selectSubnets(placement.vpcSubnets);
    this.settings = { subnetIds, securityGroupIds: groups.map(({ securityGroupId }) => securityGroupId) };
    this.allow(props.role);
  }

  private ownGroup(vpc: IVpc, description: string, talkToEachOther: boolean): SecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', { vpc, description, allowAllOutbound: false });
    // AWS's services have no fixed addresses; where the subnets have no way out, this reaches VPC endpoints alone
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(HTTPS_PORT), 'AWS');
    if (talkToEachOther) {
      group.connections.allowInternally(Port.allTcp(), 'instances of one job');
    }
    return group;
  }

  private allow(role: IRole): void {
    const stack = Stack.of(this);
    const arn = (resource: string, name: string) => stack.formatArn({ service: 'ec2', resource, resourceName: name });
    const { subnetIds, securityGroupIds } = this.settings;
    const subnets = subnetIds.map(subnetId => arn('subnet', subnetId));
    const interfaces = arn('network-interface', '*');
    const policy = new Policy(this, 'Policy', {
      roles: [role],
      statements: [
        new PolicyStatement({ actions: LOOK_ACTIONS, resources: ['*'] }),
        new PolicyStatement({
          actions: ['ec2:CreateNetworkInterface'],
          resources: [...subnets, ...securityGroupIds.map(groupId => arn('security-group', groupId)), interfaces],
        }),
        new PolicyStatement({
          actions: INTERFACE_ACTIONS,
          resources: [interfaces],
          conditions: { ArnEquals: { 'ec2:Subnet': subnets } },
        }),
        new PolicyStatement({ actions: PERMISSION_ACTIONS, resources: [interfaces] }),
      ],
    });
    explainWildcards(
      policy,
      { wildcard: '*', actions: LOOK_ACTIONS, reason: 'EC2 describes by no resource' },
      {
        wildcard: ':network-interface/*',
        reason:
          'SageMaker makes and removes the interfaces, which have no names before; bounded by their subnets where EC2 knows them',
      },
    );
  }
}
