import { Annotations, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { resourcePrefix } from '../private/names';

/** Settings of the topic. */
export interface NotificationsProps {
  readonly environmentName: string;
  /** @default - none */
  readonly encryptionKey?: IKey;
  /** Whether anybody is going to listen. */
  readonly heard: boolean;
}

/** Where people are told what happens to the models of an environment. */
export class Notifications extends Topic {
  constructor(scope: Construct, id: string, props: NotificationsProps) {
    super(scope, id, {
      displayName: `${resourcePrefix(props.environmentName)}: models`,
      masterKey: props.encryptionKey,
      enforceSSL: true,
    });
    if (!props.heard) {
      Annotations.of(scope).addWarningV2(
        'mlops-blueprint:nobody-told',
        "nobody is told of a rollback or a failure: give 'emailAddresses', 'slackChannels' or 'teamsChannels', or a 'notificationTopic' that people listen to",
      );
    }
    // CloudWatch publishes as itself, so the key's own policy must let it
    props.encryptionKey?.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        resources: ['*'],
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
      true,
    );
  }
}
