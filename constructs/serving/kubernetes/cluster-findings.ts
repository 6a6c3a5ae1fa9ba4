import { Stack, Validations } from 'aws-cdk-lib';
import type { CfnCluster } from 'aws-cdk-lib/aws-eks-v2';
import { CfnRole } from 'aws-cdk-lib/aws-iam';
import type { IConstruct } from 'constructs';
import { explainWildcards, flatten } from '../../private/wildcards';

/**
 * Says beside the roles of a cluster why they have policies of AWS. A finding is named by the policy, which may be known
 * only after every reference is resolved: hence the validation, which runs then.
 */
export function explainManagedPolicies(scope: IConstruct): void {
  scope.node.addValidation({
    validate: () => {
      for (const role of scope.node.findAll().filter(child => child instanceof CfnRole)) {
        const policies = Stack.of(role).resolve(role.managedPolicyArns) as unknown[] | undefined;
        for (const policy of policies ?? []) {
          Validations.of(role).acknowledge({
            id: `AwsSolutions-IAM4[Policy::${flatten(policy)}]`,
            reason: 'what AWS keeps for EKS, its nodes and functions in a VPC, so that it follows what they do',
          });
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
