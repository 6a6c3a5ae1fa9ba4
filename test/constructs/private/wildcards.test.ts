import { App, Stack } from 'aws-cdk-lib';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { explainWildcards } from '../../../constructs/private/wildcards';

function app(): { app: App; role: Role; bucket: Bucket } {
  const root = new App();
  const data = new Stack(root, 'Data');
  const model = new Stack(root, 'Model');
  return {
    app: root,
    role: new Role(model, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') }),
    bucket: new Bucket(data, 'Bucket'),
  };
}

/** What cdk-nag says of wildcards once every reference between stacks is resolved. */
function findings(root: App): string[] {
  root.synth();
  return new AwsSolutionsChecks(root)
    .validateScope(root)
    .violations.map(violation => violation.ruleName)
    .filter(rule => rule.startsWith('AwsSolutions-IAM5'));
}

test('a wildcard is a finding until it is explained', () => {
  const { app: root, role } = app();
  role.addToPolicy(new PolicyStatement({ actions: ['s3:Get*'], resources: ['*'] }));

  expect(findings(root)).toEqual(['AwsSolutions-IAM5[Action::s3:Get*]', 'AwsSolutions-IAM5[Resource::*]']);
});

test('an explained wildcard is none, also below a bucket of another stack', () => {
  // GIVEN
  const { app: root, role, bucket } = app();
  role.addToPolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects('rain/*')] }));

  // WHEN
  explainWildcards(role, { wildcard: '/rain/*', reason: 'names are made later' });

  // THEN
  expect(findings(root)).toEqual([]);
});

test('`*` means all resources, not everything with a star in it', () => {
  const { app: root, role } = app();
  role.addToPolicy(new PolicyStatement({ actions: ['s3:Get*'], resources: ['*'] }));

  explainWildcards(role, { wildcard: '*', reason: 'all' });

  expect(findings(root)).toEqual(['AwsSolutions-IAM5[Action::s3:Get*]']);
});

test('an explanation for some actions does not cover others on the same resources', () => {
  // GIVEN
  const { app: root, role } = app();
  role.addToPolicy(new PolicyStatement({ actions: ['xray:PutTraceSegments'], resources: ['*'] }));
  role.addToPolicy(new PolicyStatement({ actions: ['iam:PassRole'], resources: ['*'], conditions: { Bool: {} } }));

  // WHEN
  explainWildcards(role, { wildcard: '*', actions: ['xray:PutTraceSegments'], reason: 'has no resources' });

  // THEN
  expect(findings(root)).toEqual(['AwsSolutions-IAM5[Resource::*]']);
});

test('explanations add up, those further up included, when statements are merged', () => {
  // GIVEN
  const { app: root, role } = app();
  role.addToPolicy(
    new PolicyStatement({ actions: ['xray:PutTraceSegments', 'cloudwatch:PutMetricData'], resources: ['*'] }),
  );

  // WHEN
  explainWildcards(role, { wildcard: '*', actions: ['xray:PutTraceSegments'], reason: 'has no resources' });
  explainWildcards(Stack.of(role), { wildcard: '*', actions: ['cloudwatch:PutMetricData'], reason: 'neither has it' });

  // THEN
  expect(findings(root)).toEqual([]);
});
