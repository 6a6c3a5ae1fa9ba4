import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DataLake, PipelineController, ReleaseController } from '../../../constructs';

test('CloudWatch may publish to the topic of a stack without reactions, and is let in once', () => {
  // GIVEN
  const stack = new Stack(new App(), 'Stack');
  const environmentName = 'dev';
  const dataLake = new DataLake(stack, 'Lake', { environmentName });
  const { artifactBucket } = dataLake;

  // WHEN
  const { ledgerTable, notificationTopic } = new ReleaseController(stack, 'Release', {
    environmentName,
    artifactBucket,
  });
  new PipelineController(stack, 'Pipeline', { environmentName, dataLake, ledgerTable, notificationTopic });

  // THEN
  const policies = Object.values(Template.fromStack(stack).findResources('AWS::SNS::TopicPolicy')) as {
    Properties: { PolicyDocument: { Statement: { Sid?: string; Principal: unknown }[] } };
  }[];
  expect(policies).toHaveLength(1);
  const statements = policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(statements.map(({ Sid, Principal }) => [Sid, Principal])).toEqual([
    ['AllowPublishThroughSSLOnly', '*'],
    ['AlarmsOfThisAccount', { Service: 'cloudwatch.amazonaws.com' }],
  ]);
});
