import { RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  type IVpc,
  IpAddresses,
  Peer,
  Port,
  SecurityGroup,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { type CreatedNetwork, ENDPOINT_SERVICES, type EndpointService } from './config/network-schema';
import { type Tier, TIERS } from './config/tiers';

/** What EKS needs at least, and what an account has in every region. */
const DEFAULT_ZONES = 2;
/** What `Vpc` takes by itself, named here because the endpoints let it in. */
const DEFAULT_CIDR = '10.0.0.0/16';
const HTTPS_PORT = 443;
/** Services that only nodes of a cluster and what releases to it ask. */
const OF_CLUSTERS: readonly EndpointService[] = ENDPOINT_SERVICES.filter(service => service !== 'kinesis-firehose');

/** Settings of a network. */
export interface NetworkProps {
  readonly tier: Tier;
  readonly file: CreatedNetwork;
  /** Whether a cluster is in it. */
  readonly hasCluster: boolean;
}

/** The network of an environment that makes one: private subnets, ways out, AWS's services without one. */
export class Network extends Construct {
  public readonly vpc: IVpc;

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { file } = props;
    const defaults = TIERS[props.tier].network;
    const natGateways = file.natGateways ?? defaults.natGateways;
    const cidr = file.cidr ?? DEFAULT_CIDR;
    const isolated = natGateways === 0;
    const logGroup = new LogGroup(this, 'FlowLogs', { removalPolicy: RemovalPolicy.DESTROY });
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      ...(file.availabilityZones === undefined
        ? { maxAzs: file.maxAzs ?? DEFAULT_ZONES }
        : { availabilityZones: file.availabilityZones }),
      natGateways,
      subnetConfiguration: isolated
        ? [{ name: 'private', subnetType: SubnetType.PRIVATE_ISOLATED }]
        : [
            // for NAT and for load balancers that face the internet; no instance is here
            { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
            // each pod has an address
            { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
          ],
      flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs(logGroup) } },
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
      // nothing is in that group; closing it takes a function with rights on all groups
      restrictDefaultSecurityGroup: false,
    });
    const used = ENDPOINT_SERVICES.filter(service => props.hasCluster || !OF_CLUSTERS.includes(service));
    this.addEndpoints(vpc, cidr, file.interfaceEndpoints ?? (isolated || defaults.interfaceEndpoints ? used : []));
    this.vpc = vpc;
  }

  private addEndpoints(vpc: Vpc, cidr: string, services: readonly EndpointService[]): void {
    if (services.length === 0) return;
    const group = new SecurityGroup(this, 'EndpointGroup', {
      vpc,
      description: 'Endpoints of the services of AWS',
      // they only answer
      allowAllOutbound: false,
    });
    group.addIngressRule(Peer.ipv4(cidr), Port.tcp(HTTPS_PORT), 'whatever is in the network');
    for (const service of services) {
      vpc.addInterfaceEndpoint(service, {
        service: new InterfaceVpcEndpointAwsService(service),
        securityGroups: [group],
        open: false,
      });
    }
  }
}
