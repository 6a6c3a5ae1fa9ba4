import { Token } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { Problems } from '../../private/validation';

/** EKS puts the API server's interfaces into this many zones. */
const MIN_ZONES = 2;

/** Notes a network in which nobody would reach the API server, which has no public endpoint. */
export function requireClusterNetwork(problems: Problems, vpc: IVpc): void {
  const subnets = vpc.privateSubnets;
  problems.require(
    subnets.length > 0,
    "'vpc' has no private subnets, must have some with a way out (SubnetType.PRIVATE_WITH_EGRESS): the cluster has no public endpoint, and nodes and the functions that release pull images and call AWS from there",
  );
  const zones = subnets.map(({ availabilityZone }) => availabilityZone);
  if (subnets.length > 0 && !zones.some(zone => Token.isUnresolved(zone))) {
    const count = new Set(zones).size;
    problems.require(
      count >= MIN_ZONES,
      `'vpc' has private subnets in ${count} availability zone, must have them in at least ${MIN_ZONES}, which EKS demands; make the network with 'maxAzs: 2' or more`,
    );
  }
  // only a network that is made here tells
  const { dnsHostnamesEnabled, dnsSupportEnabled } = vpc as Partial<
    Record<'dnsHostnamesEnabled' | 'dnsSupportEnabled', boolean>
  >;
  for (const [property, value] of Object.entries({ dnsHostnamesEnabled, dnsSupportEnabled })) {
    problems.require(
      value !== false,
      `'vpc' has '${property}' false, must be true, since the private endpoint is found by a name of that network alone`,
    );
  }
}
