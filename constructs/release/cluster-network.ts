import { type ISecurityGroup, type IVpc, Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FunctionNetwork } from '../private/platform-function';
import { ClusterAccess, type ClusterAccessPurpose } from '../serving/kubernetes/cluster-access';
import { PRIVATE_SUBNETS } from '../serving/kubernetes/cluster-kubectl';
import { PORT } from '../serving/kubernetes/kubernetes-names';
import type { IServingCluster } from '../serving/kubernetes/serving-cluster-props';

const HTTPS_PORT = 443;
const HTTP_PORT = 80;

/** Settings of a function's way to a cluster. */
export interface ClusterNetworkProps {
  readonly cluster: IServingCluster;
  readonly description: string;
}

/** Puts a function where a cluster's private API server is, with a security group of its own. */
export class ClusterNetwork extends Construct implements FunctionNetwork {
  public readonly vpc: IVpc;
  public readonly vpcSubnets = PRIVATE_SUBNETS;
  public readonly securityGroup: ISecurityGroup;

  private readonly cluster: IServingCluster;

  constructor(scope: Construct, id: string, props: ClusterNetworkProps) {
    super(scope, id);
    const { cluster, description } = props;
    this.cluster = cluster;
    this.vpc = cluster.cluster.vpc;
    this.securityGroup = new SecurityGroup(this, 'SecurityGroup', {
      vpc: this.vpc,
      description,
      allowAllOutbound: false,
    });
    // AWS's services have no fixed addresses; the API server has some in the same network
    this.securityGroup.addEgressRule(Peer.anyIpv4(), Port.tcp(HTTPS_PORT), 'AWS and the API server');
    for (const cidr of cluster.vpcCidrs) {
      this.securityGroup.addEgressRule(Peer.ipv4(cidr), Port.tcp(PORT), 'the model servers');
      this.securityGroup.addEgressRule(Peer.ipv4(cidr), Port.tcp(HTTP_PORT), 'the gateway');
    }
  }

  /** Lets what is in this network into the cluster. */
  public letIn(role: IRole, environmentName: string, purpose: ClusterAccessPurpose): void {
    const { cluster, securityGroup } = this;
    new ClusterAccess(this, 'Access', { cluster, environmentName, purpose, role, securityGroup });
  }
}
