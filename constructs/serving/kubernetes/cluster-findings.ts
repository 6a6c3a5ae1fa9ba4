import { Stack, Validations } from 'aws-cdk-lib';
import type { CfnCluster } from 'aws-cdk-lib/aws-eks-v2';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { explainWildcards, flatten } from '../../private/wildcards';

/** Policies of AWS that roles of a cluster are meant to have, each with what AWS keeps up to date in it; no other is. */
const MEANT: Readonly<Record<string, string | undefined>> = {
  AmazonEKSClusterPolicy: 'what the control plane of EKS needs of EC2 and of load balancers',
  AmazonEKSComputePolicy: 'what Auto Mode needs to start and end nodes',
  AmazonEKSBlockStoragePolicy: 'what Auto Mode needs to make the disks of pods',
  AmazonEKSLoadBalancingPolicy: 'what Auto Mode needs to make load balancers',
  AmazonEKSNetworkingPolicy: 'what Auto Mode needs to give nodes and pods their addresses',
  AmazonEKSWorkerNodeMinimalPolicy: 'what a node of Auto Mode needs to join its cluster',
  AmazonEKSWorkerNodePolicy: 'what a node of a managed group needs to join its cluster',
  AmazonEKS_CNI_Policy: 'what the network add-on on a node of a managed group needs to give pods their addresses',
  AmazonEC2ContainerRegistryPullOnly: 'what a node of Auto Mode needs to pull images',
  AmazonEC2ContainerRegistryReadOnly: 'what a node of a managed group needs to pull images, and kubectl charts',
  AmazonElasticContainerRegistryPublicReadOnly: 'what kubectl needs to pull public charts',
  AWSLambdaBasicExecutionRole: 'what a function needs to write its log',
  AWSLambdaVPCAccessExecutionRole: 'what a function in a network needs for its interfaces there',
};
const POLICY_OF_AWS = /:iam::aws:policy\/(?:service-role\/)?([\w+=,.@/-]+)/g;

/**
 * Says beside the roles of a cluster why they have those policies of AWS; any other stays a finding of cdk-nag. A finding is
 * named by the policy, which may be known only after every reference is resolved: hence the validation, which runs then.
 */
export function explainManagedPolicies(scope: IConstruct): void {
  scope.node.addValidation({
    validate: () => {
      for (const role of scope.node.findAll().filter(child => child instanceof CfnRole)) {
        const policies = Stack.of(role).resolve(role.managedPolicyArns) as unknown[] | undefined;
        for (const policy of (policies ?? []).map(flatten)) {
          const reasons = [...policy.matchAll(POLICY_OF_AWS)].map(([, name = '']) => MEANT[name]);
          if (reasons.length === 0 || reasons.includes(undefined)) continue;
          Validations.of(role).acknowledge({ id: `AwsSolutions-IAM4[Policy::${policy}]`, reason: reasons.join('; ') });
        }
      }
      return [];
    },
  });
}

/** Says beside a cluster what CloudFormation's schema in the CDK finds there, though it is meant. */
export function explainCluster(cluster: CfnCluster): void {
  Validations.of(cluster).acknowledge({
    id: 'CloudFormation-Validate::W9009',
    reason: 'the CDK names the resources that the key encrypts, as EKS still takes it',
  });
}

/** Likewise where EKS manages the kinds of the Gateway API. */
export function explainGatewayApi(cluster: CfnCluster): void {
  Validations.of(cluster).acknowledge({
    id: 'CloudFormation-Validate::F3002',
    reason: 'the switch of the Gateway API is younger than the schema that comes with the CDK',
  });
}

/** Says beside the function that applies manifests, which is the CDK's, why it is as it is. */
export function explainKubectl(provider: IConstruct): void {
  explainManagedPolicies(provider);
  Validations.of(provider).acknowledge({
    id: 'AwsSolutions-L1',
    reason: "the runtime of the CDK's function moves with the CDK",
  });
  explainWildcards(provider.node.findChild('Provider'), {
    wildcard: '.Arn>:*',
    actions: ['lambda:InvokeFunction'],
    reason: "the CDK's provider may call each version of its own function",
  });
}
