import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { Policy, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { InlineRole } from '../../../constructs/private/inline-role';
import { explainWildcards } from '../../../constructs/private/wildcards';
import { inlineRights } from '../../support/inline-rights';

const READ = { actions: ['s3:GetObject'], resources: ['arn:aws:s3:::data/rain/*'] };

function stackWith(): { app: App; stack: Stack; role: InlineRole } {
  const app = new App({ context: { '@aws-cdk/aws-iam:minimizePolicies': true } });
  const stack = new Stack(app, 'Stack');
  return {
    app,
    stack,
    role: new InlineRole(stack, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
  };
}

function findings({ app }: { app: App }): string[] {
  app.synth();
  return new AwsSolutionsChecks(app)
    .validateScope(app)
    .violations.map(({ ruleName }) => ruleName)
    .filter(rule => rule.startsWith('AwsSolutions-IAM5'));
}

test('has what it is granted in itself, and nothing beside it', () => {
  // GIVEN
  const { stack, role } = stackWith();

  // WHEN
  role.addToPolicy(new PolicyStatement(READ));
  Bucket.fromBucketName(stack, 'Bucket', 'other').grantPut(role);

  // THEN
  const template = Template.fromStack(stack);
  expect(inlineRights(template).map(({ Action }) => Action)).toEqual([
    's3:GetObject',
    expect.arrayContaining(['s3:PutObject']),
  ]);
  template.resourceCountIs('AWS::IAM::Policy', 0);
});

test('has a right once, however often it is granted', () => {
  const { stack, role } = stackWith();

  for (let models = 0; models < 3; models++) role.addToPolicy(new PolicyStatement(READ));

  expect(inlineRights(Template.fromStack(stack))).toHaveLength(1);
});

test('is what waits for a grant wait for', () => {
  // GIVEN
  const { stack, role } = stackWith();
  const bucket = new Bucket(stack, 'Bucket');

  // WHEN
  bucket.node.addDependency(role.addToPrincipalPolicy(new PolicyStatement(READ)).policyDependable ?? stack);

  // THEN
  Template.fromStack(stack).hasResource('AWS::S3::Bucket', {
    DependsOn: [stack.getLogicalId(role.node.defaultChild as never)],
  });
});

test('takes a policy of its own, too', () => {
  const { stack, role } = stackWith();
  role.addToPolicy(new PolicyStatement(READ));

  role.attachInlinePolicy(
    new Policy(stack, 'Policy', { statements: [new PolicyStatement({ ...READ, actions: ['s3:PutObject'] })] }),
  );

  Template.fromStack(stack).resourceCountIs('AWS::IAM::Policy', 1);
});

test('its wildcards are findings until they are explained', () => {
  // GIVEN
  const unexplained = stackWith();
  unexplained.role.addToPolicy(new PolicyStatement(READ));
  const explained = stackWith();
  explained.role.addToPolicy(new PolicyStatement(READ));

  // WHEN
  explainWildcards(explained.role, { wildcard: '/rain/*', reason: 'names are made later' });

  // THEN
  expect(findings(unexplained)).toEqual(['AwsSolutions-IAM5[Resource::arn:aws:s3:::data/rain/*]']);
  expect(findings(explained)).toEqual([]);
});
