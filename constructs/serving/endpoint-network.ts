import { Stack, Token } from 'aws-cdk-lib';
import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup, type SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { type IRole, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';

/** So many does SageMaker take. */
const MAX_SUBNETS = 16;
const MAX_SECURITY_GROUPS = 5;

const DESCRIBE_ACTIONS = [
  'ec2:DescribeDhcpOptions',
  'ec2:DescribeNetworkInterfaces',
  'ec2:DescribeSecurityGroups',
  'ec2:DescribeSubnets',
  'ec2:DescribeVpcs',
];
/** Of interfaces in the subnets alone. */
const INTERFACE_ACTIONS = ['ec2:CreateNetworkInterfacePermission', 'ec2:DeleteNetworkInterface'];
const PERMISSION_ACTIONS = ['ec2:DeleteNetworkInterfacePermission'];

/** What of a service's props its network is made of. */
interface Networked {
  readonly vpc?: IVpc;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
}

/** Settings of an endpoint's network. */
export interface EndpointNetworkProps extends Networked {
  readonly vpc: IVpc;
  readonly endpointName: string;
  /** Role of the containers, in whose name SageMaker puts them into the network. */
  readonly role: IRole;
}

/** Where an endpoint's containers are in a network of the team's own. */
export class EndpointNetwork extends Construct {
  /** The shape is `vpc` of `servingSettings` in `lambda/shared/contracts.ts`. */
  public readonly settings: Record<string, unknown>;

  constructor(scope: Construct, id: string, props: EndpointNetworkProps) {
    super(scope, id);
    const { subnetIds } = props.vpc.selectSubnets(props.vpcSubnets);
    const securityGroups = props.securityGroups ?? [this.createSecurityGroup(props.vpc, props.endpointName)];
    const securityGroupIds = securityGroups.map(({ securityGroupId }) => securityGroupId);
    this.settings = { subnetIds, securityGroupIds };
    this.allow(props.role, subnetIds, securityGroupIds);
  }

  private createSecurityGroup(vpc: IVpc, endpointName: string): ISecurityGroup {
    const group = new SecurityGroup(this, 'SecurityGroup', {
      vpc,
      description: `Containers of ${endpointName}`,
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'S3 and Firehose, which have no fixed addresses');
    return group;
  }

  private allow(role: IRole, subnetIds: string[], securityGroupIds: string[]): void {
    const arn = (resource: string, resourceName: string): string =>
      Stack.of(this).formatArn({ service: 'ec2', resource, resourceName });
    const interfaces = arn('network-interface', '*');
    const subnets = subnetIds.map(subnet => arn('subnet', subnet));
    const policy = new Policy(this, 'Policy', {
      roles: [role],
      statements: [
        new PolicyStatement({
          actions: ['ec2:CreateNetworkInterface'],
          resources: [interfaces, ...subnets, ...securityGroupIds.map(group => arn('security-group', group))],
        }),
        new PolicyStatement({
          actions: INTERFACE_ACTIONS,
          resources: [interfaces],
          conditions: { ArnEquals: { 'ec2:Subnet': subnets } },
        }),
        new PolicyStatement({ actions: PERMISSION_ACTIONS, resources: [interfaces] }),
        new PolicyStatement({ actions: DESCRIBE_ACTIONS, resources: ['*'] }),
      ],
    });
    explainWildcards(
      policy,
      {
        wildcard: ':network-interface/*',
        reason: 'SageMaker makes and names the interfaces; the subnets bound where, and what may be done with them',
      },
      { wildcard: '*', actions: DESCRIBE_ACTIONS, reason: 'EC2 describes networks by no resource' },
    );
  }
}

/** Notes what makes no network, or one that SageMaker does not take. */
export function checkNetwork(problems: Problems, { vpc, vpcSubnets, securityGroups }: Networked): void {
  for (const [property, value] of Object.entries({ vpcSubnets, securityGroups })) {
    problems.require(
      value === undefined || vpc !== undefined,
      `'${property}' is given without 'vpc', must be with the network that it is of; give 'vpc'`,
    );
  }
  if (securityGroups !== undefined) {
    problems.require(
      securityGroups.length > 0 && securityGroups.length <= MAX_SECURITY_GROUPS,
      `'securityGroups' are ${securityGroups.length}, must be from 1 to ${MAX_SECURITY_GROUPS}; leave them out for a new one`,
    );
  }
  if (vpc === undefined) return;
  const { subnetIds } = vpc.selectSubnets(vpcSubnets);
  problems.require(
    Token.isUnresolved(subnetIds) || (subnetIds.length > 0 && subnetIds.length <= MAX_SUBNETS),
    `'vpcSubnets' selects ${subnetIds.length} subnets, must select from 1 to ${MAX_SUBNETS}`,
  );
}
