import { CfnSecurityGroupIngress, type ISecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnAccessEntry } from 'aws-cdk-lib/aws-eks-v2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { requireEnvironmentName } from '../../private/name-rules';
import { Problems } from '../../private/validation';
import { batchGroup, collectorGroup, PORT, releaseGroup } from './kubernetes-names';
import type { IServingCluster } from './serving-cluster-props';

const HTTPS_PORT = 443;

/** What a role is let into a cluster for. */
export enum ClusterAccessPurpose {
  /** To release the models of an environment: it makes and changes versions, and asks them. */
  RELEASE = 'release',

  /** To remove versions that are no longer needed; it makes none. */
  COLLECTION = 'collection',

  /** To predict files by Jobs of models that have `batch`; it changes nothing that serves. */
  BATCH = 'batch',
}

const GROUPS: Record<ClusterAccessPurpose, (environmentName: string) => string> = {
  [ClusterAccessPurpose.RELEASE]: releaseGroup,
  [ClusterAccessPurpose.COLLECTION]: collectorGroup,
  [ClusterAccessPurpose.BATCH]: batchGroup,
};

/** What may do something with the versions of models in a cluster. */
export interface ClusterAccessProps {
  /** Cluster in which the models serve. */
  readonly cluster: IServingCluster;

  /** Environment whose models they are. */
  readonly environmentName: string;

  /** What the role is let in for. */
  readonly purpose: ClusterAccessPurpose;

  /** Role that gets access; a cluster knows each role once. */
  readonly role: IRole;

  /** Security group of what has the role. */
  readonly securityGroup: ISecurityGroup;
}

/**
 * Lets a role into a cluster's API server as a member of a Kubernetes group. The group may do nothing but what each
 * model's namespace lets it, so the role sees no other namespace and nothing of the cluster.
 */
export class ClusterAccess extends Construct {
  /** Kubernetes group of the role. */
  public readonly kubernetesGroup: string;

  constructor(scope: Construct, id: string, props: ClusterAccessProps) {
    super(scope, id);
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    problems.throwIfAny();
    const releases = props.purpose === ClusterAccessPurpose.RELEASE;
    this.kubernetesGroup = GROUPS[props.purpose](props.environmentName);
    const { cluster } = props.cluster;
    // not the L2, which knows no groups
    new CfnAccessEntry(this, 'Resource', {
      clusterName: cluster.clusterName,
      principalArn: props.role.roleArn,
      kubernetesGroups: [this.kubernetesGroup],
      type: 'STANDARD',
    });
    // a release asks the version that it made
    for (const port of releases ? [HTTPS_PORT, PORT] : [HTTPS_PORT]) {
      new CfnSecurityGroupIngress(this, `Port${port}`, {
        groupId: cluster.clusterSecurityGroupId,
        sourceSecurityGroupId: props.securityGroup.securityGroupId,
        ipProtocol: 'tcp',
        fromPort: port,
        toPort: port,
        description: `${this.kubernetesGroup} to ${port === PORT ? 'the model server' : 'the API server'}`,
      });
    }
  }
}
