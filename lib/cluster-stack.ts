import { KubectlV36Layer } from '@aws-cdk/lambda-layer-kubectl-v36';
import { Fn, RemovalPolicy, Stack, type StackProps, Token } from 'aws-cdk-lib';
import { FlowLogDestination, type IVpc, IpAddresses, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { type IServingCluster, ServingCluster } from '../constructs';
import { clusterCapacity } from './cluster-settings';
import type { ClusterFile, NetworkFile } from './config/cluster-schema';
import type { Environment } from './config/environment';
import { dataRemoval } from './data-removal';
import { optional } from './optional';
import { addOutputs } from './outputs';
import { refusedAt } from './refused-at';

/** Zones among which a network's are. */
const ZONES = 3;
/** What EKS needs at least, and what an account has in every region. */
const DEFAULT_ZONES = 2;

/** Settings of the cluster's stack. */
export interface ClusterStackProps extends StackProps {
  readonly environment: Environment;
  /** The environment's word on its cluster. */
  readonly file: ClusterFile;
}

/** Where models of an environment serve on Kubernetes; models come and go without it. */
export class ClusterStack extends Stack {
  public readonly cluster: IServingCluster;

  constructor(scope: Construct, id: string, props: ClusterStackProps) {
    super(scope, id, props);
    const { file } = props;
    const kubectlLayer = new KubectlV36Layer(this, 'Kubectl');
    if (file.source === 'import') {
      this.cluster = ServingCluster.fromServingClusterAttributes(this, 'Cluster', {
        ...file,
        kubectlLayer,
        vpc: this.network({ source: 'import', ...file.network }),
      });
    } else {
      const { kubernetesVersion, gateway, gatewayHostname, callerCidrs, keda, metricsServer } = file;
      this.cluster = new ServingCluster(this, 'Cluster', {
        kubectlLayer,
        kubernetesVersion,
        gateway,
        gatewayHostname,
        callerCidrs,
        keda,
        metricsServer,
        vpc: this.network(file.network ?? { source: 'create' }),
        capacity: refusedAt(this, 'Cluster', () => optional(file.capacity, clusterCapacity)),
        secretsEncryptionKey: new Key(this, 'SecretsKey', {
          description: `Kubernetes' secrets of ${props.environment.name}`,
          enableKeyRotation: true,
          removalPolicy: dataRemoval(props.environment).removalPolicy,
        }),
      });
    }
    addOutputs(this, { ClusterName: this.cluster.cluster.clusterName });
    this.keepExports();
  }

  /**
   * Exports what other stacks use whether or not one does: this stack is deployed before them, and must not withdraw what
   * the last model on it, or the functions that release, still use then.
   */
  private keepExports(): void {
    const { cluster } = this.cluster;
    const used = [
      cluster.clusterName,
      cluster.clusterEndpoint,
      cluster.clusterCertificateAuthorityData,
      cluster.clusterSecurityGroupId,
      cluster.kubectlProvider?.serviceToken,
      cluster.vpc.vpcId,
      cluster.vpc.vpcCidrBlock,
      ...cluster.vpc.privateSubnets.map(({ subnetId }) => subnetId),
    ];
    for (const value of used.filter(each => Token.isUnresolved(each))) this.exportValue(value);
  }

  /** Known when it is deployed, so that a synth asks no account for its zones. */
  public override get availabilityZones(): string[] {
    return Array.from({ length: ZONES }, (_, index) => Fn.select(index, Fn.getAzs()));
  }

  private network(file: NetworkFile): IVpc {
    if (file.source === 'import') {
      return Vpc.fromVpcAttributes(this, 'Network', {
        vpcId: file.vpcId,
        vpcCidrBlock: file.vpcCidr,
        availabilityZones: file.availabilityZones,
        privateSubnetIds: file.privateSubnetIds,
      });
    }
    const logGroup = new LogGroup(this, 'FlowLogs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new Vpc(this, 'Network', {
      ipAddresses: optional(file.cidr, range => IpAddresses.cidr(range)),
      ...(file.availabilityZones === undefined
        ? { maxAzs: file.maxAzs ?? DEFAULT_ZONES }
        : { availabilityZones: file.availabilityZones }),
      natGateways: file.natGateways,
      subnetConfiguration: [
        // for NAT and for load balancers that face the internet; no instance is here
        { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
        // each pod has an address
        { name: 'private', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
      ],
      flowLogs: { all: { destination: FlowLogDestination.toCloudWatchLogs(logGroup) } },
      // nothing is in that group; closing it takes a function with rights on all groups
      restrictDefaultSecurityGroup: false,
    });
  }
}
