import { CfnPodIdentityAssociation } from 'aws-cdk-lib/aws-eks-v2';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { InlineRole } from '../../private/inline-role';

/** Whose role it is. */
export interface PodIdentityRoleProps {
  readonly clusterName: string;
  readonly namespaceName: string;
  readonly serviceAccount: string;
  readonly description: string;
  /** @default '/' */
  readonly path?: string;
}

/** Role that pods get by EKS Pod Identity: those of one service account, in its namespace and cluster. */
export class PodIdentityRole extends InlineRole {
  constructor(scope: Construct, id: string, props: PodIdentityRoleProps) {
    const { clusterName, namespaceName, serviceAccount } = props;
    const principal = new ServicePrincipal('pods.eks.amazonaws.com');
    const conditions = {
      StringEquals: {
        'aws:RequestTag/eks-cluster-name': clusterName,
        'aws:RequestTag/kubernetes-namespace': namespaceName,
        'aws:RequestTag/kubernetes-service-account': serviceAccount,
      },
    };
    super(scope, id, {
      path: props.path,
      description: props.description,
      assumedBy: principal.withConditions(conditions),
    });
    this.assumeRolePolicy?.addStatements(
      // the tags by which the conditions tell pods apart are session tags
      new PolicyStatement({ principals: [principal], actions: ['sts:TagSession'], conditions }),
    );
    new CfnPodIdentityAssociation(this, 'Association', {
      clusterName,
      namespace: namespaceName,
      serviceAccount,
      roleArn: this.roleArn,
    });
  }
}
