import { SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  AccessEntry,
  AccessPolicy,
  AccessScopeType,
  Cluster,
  type ClusterAttributes,
  type IKubectlProvider,
  KubectlProvider,
} from 'aws-cdk-lib/aws-eks-v2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ILayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { explainKubectl, explainManagedPolicies } from './cluster-findings';

/** Where nodes and functions of a cluster lie: reached by nobody, and able to reach AWS and registries. */
export const PRIVATE_SUBNETS = { subnetType: SubnetType.PRIVATE_WITH_EGRESS };

/** A cluster that has no function of ours to apply manifests. */
export interface ClusterKubectlProps {
  readonly attributes: ClusterAttributes;
  readonly kubectlLayer: ILayerVersion;
}

/** A function that applies manifests in a cluster that exists already, and its access as an administrator. */
export class ClusterKubectl extends Construct {
  public readonly provider: IKubectlProvider;

  constructor(scope: Construct, id: string, props: ClusterKubectlProps) {
    super(scope, id);
    // without a provider yet; the cluster that models see is imported again, with this one
    const cluster = Cluster.fromClusterAttributes(this, 'Cluster', props.attributes);
    const role = new Role(this, 'Role', {
      description: `Applies manifests in ${props.attributes.clusterName}`,
      assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    });
    this.provider = new KubectlProvider(this, 'Provider', {
      cluster,
      role,
      kubectlLayer: props.kubectlLayer,
      privateSubnets: cluster.vpc.selectSubnets(PRIVATE_SUBNETS).subnets,
    });
    new AccessEntry(this, 'Access', {
      cluster,
      principal: role.roleArn,
      accessPolicies: [
        AccessPolicy.fromAccessPolicyName('AmazonEKSClusterAdminPolicy', { accessScopeType: AccessScopeType.CLUSTER }),
      ],
    });
    explainManagedPolicies(this);
    explainKubectl(this.provider);
  }
}
