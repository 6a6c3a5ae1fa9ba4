import { Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/**
 * Lets AWS Budgets tell on a topic, and use the topic's key for it. Of an imported topic or key the policy is somebody
 * else's.
 */
export function allowBudgets(topic: ITopic): void {
  const { account, partition } = Stack.of(topic);
  const principals = [new ServicePrincipal('budgets.amazonaws.com')];
  const conditions = {
    StringEquals: { 'aws:SourceAccount': account },
    ArnLike: { 'aws:SourceArn': `arn:${partition}:budgets::${account}:*` },
  };
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'BudgetsOfThisAccount',
      principals,
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions,
    }),
  );
  topic.masterKey?.addToResourcePolicy(
    new PolicyStatement({
      principals,
      actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      // in a key's policy: this key
      resources: ['*'],
      conditions,
    }),
    true,
  );
}
