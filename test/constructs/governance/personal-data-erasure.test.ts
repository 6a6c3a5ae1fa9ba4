import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { type CfnPolicy, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { PersonalDataErasure } from '../../../constructs';
import { LEASE_MS } from '../../../lambda/erasure/lock';
import { watchedPlatform } from './fixture';

function erasing() {
  const { governance, environmentName, dataLake, ledgerTable } = watchedPlatform();
  const erasure = new PersonalDataErasure(governance, 'Erasure', { environmentName, dataLake, ledgerTable });
  return { stack: governance, erasure };
}

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
}

/** What the function may do, action by action, with the resources as they stand in the template. */
function rights(template: Template): [string, string][] {
  const policies = Object.values(template.findResources('AWS::IAM::Policy'));
  return policies.flatMap(({ Properties }) =>
    (Properties as { PolicyDocument: { Statement: Statement[] } }).PolicyDocument.Statement.flatMap(
      ({ Action, Resource }) =>
        [Action]
          .flat()
          .flatMap(action => [Resource].flat().map((resource): [string, string] => [action, JSON.stringify(resource)])),
    ),
  );
}

test('deletes versions of landed and validated data and of logs and labels, and nothing of snapshots', () => {
  const found = rights(Template.fromStack(erasing().stack));

  const deleting = found.filter(([action]) => /Delete|Put|Bypass/.test(action) && action.startsWith('s3:'));
  expect(new Set(deleting.map(([action]) => action))).toEqual(
    new Set(['s3:DeleteObject', 's3:DeleteObjectVersion', 's3:PutObject']),
  );
  expect(deleting.filter(([, resource]) => /Snapshots|Artifacts/.test(resource))).toEqual([]);
  const monitoring = deleting.filter(([, resource]) => resource.includes('Monitoring')).map(([, resource]) => resource);
  expect(monitoring.every(resource => /\/(inference_log|labels)\/\*"/.test(resource))).toBe(true);
  expect(monitoring).toHaveLength(6);
  expect(found.filter(([, resource]) => resource.includes('Snapshots')).map(([action]) => action)).toEqual([
    's3:ListBucket',
    's3:GetObjectRetention',
  ]);
});

test('adds to the ledger, and neither reads it nor changes what is there by an update', () => {
  const found = rights(Template.fromStack(erasing().stack));

  expect(found.filter(([action]) => action.startsWith('dynamodb:')).map(([action]) => action)).toEqual([
    'dynamodb:PutItem',
  ]);
});

test('has stopped for certain when the lock of its model is taken over', () => {
  const functions = Object.values(Template.fromStack(erasing().stack).findResources('AWS::Lambda::Function'));
  const eraser = functions.find(({ Properties }) => JSON.stringify(Properties).includes('Erases persons'));
  const { Timeout: seconds } = eraser?.['Properties'] as { Timeout: number };

  expect(seconds * 1000).toBeLessThan(LEASE_MS);
});

test('keeps no event: whoever calls it asynchronously leaves the key of a person in no queue', () => {
  Template.fromStack(erasing().stack).hasResourceProperties('AWS::Lambda::EventInvokeConfig', {
    MaximumRetryAttempts: 0,
    MaximumEventAgeInSeconds: 60,
    DestinationConfig: Match.absent(),
  });
});

test('who is let may start it, and nobody else', () => {
  const { stack, erasure } = erasing();
  const officer = new Role(stack, 'Officer', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
  expect(Template.fromStack(stack).findResources('AWS::Lambda::Permission')).toEqual({});

  erasure.grantErase(officer);

  // a template that was made is not made again
  const [policy] = stack.node.findAll().filter(child => child.node.path.endsWith('Officer/DefaultPolicy/Resource'));
  expect(JSON.stringify(stack.resolve((policy as CfnPolicy).policyDocument))).toContain('lambda:InvokeFunction');
});

test('fails for an environment name that no parameter could have', () => {
  const { dataLake, ledgerTable } = watchedPlatform();
  const stack = new Stack(new App(), 'Other');

  expect(() => new PersonalDataErasure(stack, 'Erasure', { environmentName: 'Dev 1', dataLake, ledgerTable })).toThrow(
    "Other/Erasure: 'environmentName' is 'Dev 1', must be",
  );
});
