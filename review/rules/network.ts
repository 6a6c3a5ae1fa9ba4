import type { ResourceChange } from '../compare';
import type { Finding, Rule } from '../finding';
import { isRecord, listed, textOf, valuesAt } from '../values';
import { removed, switchedOff, watch } from './watch';

/** Traffic that a security group lets through. */
interface Opening {
  readonly direction: 'in' | 'out';
  readonly peer: string;
  readonly ports: string;
}

/** Security groups that let more through, and what keeps traffic inside. */
export const network: Rule = change => [
  ...change.resources.flatMap(resource => [...openings(resource), ...lostPrivacy(resource)]),
  ...ofProperties(change),
];

const ofProperties = watch('network widened', [
  {
    type: 'AWS::EC2::VPCEndpoint',
    property: 'PrivateDnsEnabled',
    level: 'danger',
    worse: switchedOff('names of the service no longer lead to the endpoint: traffic leaves the VPC'),
  },
  {
    type: 'AWS::Lambda::Function',
    property: 'VpcConfig.SubnetIds',
    level: 'danger',
    worse: removed('the function runs outside of these subnets'),
  },
  {
    type: /^AWS::SageMaker::(Model|NotebookInstance)$/,
    property: 'VpcConfig.Subnets',
    level: 'danger',
    worse: removed('it runs outside of these subnets'),
  },
  {
    type: 'AWS::SageMaker::Model',
    property: 'EnableNetworkIsolation',
    level: 'danger',
    worse: switchedOff('containers of the model reach the network'),
  },
]);

function openings({ before, after, type, stack, logicalId }: ResourceChange): Finding[] {
  const old = openingsOf(before, type).map(opening => JSON.stringify(opening));
  return openingsOf(after, type)
    .filter(opening => !old.includes(JSON.stringify(opening)))
    .map(({ direction, peer, ports }) => {
      const world = /^(0\.0\.0\.0|::)\/0$/.test(peer);
      return {
        topic: world && direction === 'in' ? 'public exposure' : 'network widened',
        level: world && direction === 'in' ? 'danger' : 'look',
        stack,
        logicalId,
        says:
          direction === 'in'
            ? `the security group lets ${world ? `the whole internet (\`${peer}\`)` : `\`${peer}\``} in on ${ports}`
            : `the security group lets traffic out to \`${peer}\` on ${ports}`,
      };
    });
}

function openingsOf(resource: ResourceChange['after'], type: string): Opening[] {
  switch (type) {
    case 'AWS::EC2::SecurityGroup':
      return [
        ...valuesAt(resource, 'SecurityGroupIngress.*').map(rule => opening('in', rule)),
        ...valuesAt(resource, 'SecurityGroupEgress.*').map(rule => opening('out', rule)),
      ];
    case 'AWS::EC2::SecurityGroupIngress':
      return resource === undefined ? [] : [opening('in', resource.Properties)];
    case 'AWS::EC2::SecurityGroupEgress':
      return resource === undefined ? [] : [opening('out', resource.Properties)];
    default:
      return [];
  }
}

function opening(direction: Opening['direction'], rule: unknown): Opening {
  const { CidrIp, CidrIpv6, SourceSecurityGroupId, DestinationSecurityGroupId, SourcePrefixListId, ...others } =
    isRecord(rule) ? rule : {};
  const peer = CidrIp ?? CidrIpv6 ?? SourceSecurityGroupId ?? DestinationSecurityGroupId ?? SourcePrefixListId;
  const { IpProtocol, FromPort, ToPort } = others;
  const ports =
    FromPort === undefined ? 'all ports' : `port ${textOf(FromPort)}${FromPort === ToPort ? '' : `–${textOf(ToPort)}`}`;
  return { direction, peer: textOf(peer ?? '?'), ports: String(IpProtocol) === '-1' ? 'all ports' : ports };
}

/** Removal of what kept traffic inside, and ways out that are new. */
function lostPrivacy({ before, after, type, stack, logicalId }: ResourceChange): Finding[] {
  const finding = (level: Finding['level'], says: string): Finding[] => [
    { topic: 'network widened', level, stack, logicalId, says },
  ];
  if (type === 'AWS::EC2::VPCEndpoint' && after === undefined) {
    return finding('danger', 'the VPC endpoint is deleted: traffic to the service leaves the VPC, or ends');
  }
  if (type === 'AWS::EC2::Route' && after !== undefined) {
    const targets = (of: typeof after | undefined) =>
      ['GatewayId', 'NatGatewayId', 'VpcPeeringConnectionId', 'TransitGatewayId'].flatMap(name => valuesAt(of, name));
    const come = targets(after).filter(target => !targets(before).includes(target));
    return come.length === 0 ? [] : finding('look', `a route leads to ${listed(come.map(String))}`);
  }
  return [];
}
