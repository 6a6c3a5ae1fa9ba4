import { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

/** What an alarm does to tell on a topic; lets CloudWatch publish there, or the alarm would be heard by nobody. */
export function tellOn(topic: ITopic): SnsAction {
  allowAlarms(topic);
  return new SnsAction(topic);
}

/**
 * A topic with a policy of its own, such as one that enforces TLS, lets nobody in by default any more, CloudWatch
 * neither. Of an imported topic the policy is somebody else's.
 */
export function allowAlarms(topic: ITopic): void {
  topic.addToResourcePolicy(
    new PolicyStatement({
      sid: 'AlarmsOfThisAccount',
      principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
      actions: ['sns:Publish'],
      resources: [topic.topicArn],
      conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(topic).account } },
    }),
  );
}
