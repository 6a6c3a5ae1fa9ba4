import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import { createPlatform } from '../../../lib/platform';
import { ENVIRONMENT, MODEL } from '../../lib/config/repository';

const ROOT = join(__dirname, '..', '..', '..');
const { context } = JSON.parse(readFileSync(join(ROOT, 'cdk.json'), 'utf8')) as { context: Record<string, unknown> };
const LONGEST_ENVIRONMENT = 'abcdefghijkl';
const LONGEST_MODEL = 'abcdefghijklm-abcdefghijklm';

// what CloudFormation's own validation knows: it is off in the other tests, since it takes ten times as long
beforeAll(() => {
  process.env.CDK_VALIDATION = 'true';
});
afterAll(() => {
  process.env.CDK_VALIDATION = 'false';
});

/** What the validation refuses in one resource. */
function failure(type: string, properties: Record<string, unknown>): string {
  const app = new App({ context });
  new CfnResource(new Stack(app, 'Stack'), 'It', { type, properties });
  return failureOf(app);
}

function failureOf(app: App): string {
  try {
    app.synth();
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

test('the longest names of an environment and a model fit in every name that is made of them', () => {
  // GIVEN
  const root = mkdtempSync(join(tmpdir(), 'longest-'));
  for (const folder of ['environments', 'models/rain']) mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(
    join(root, `environments/${LONGEST_ENVIRONMENT}.yaml`),
    ENVIRONMENT.replace('  rain:', `  ${LONGEST_MODEL}:`),
  );
  writeFileSync(join(root, 'models/rain/model.yaml'), MODEL.replace('name: rain', `name: ${LONGEST_MODEL}`));
  writeFileSync(join(root, 'models/rain/train.py'), '');
  const app = new App({ context });
  createPlatform(app, { root });

  // THEN
  expect(failureOf(app)).toBe('');
});

test('a role, a function, a machine or a package group with too long a name is refused', () => {
  const name = 'x'.repeat(81);
  const trust = { Version: '2012-10-17', Statement: [] };
  const role = 'arn:aws:iam::000000000000:role/r';

  expect(failure('AWS::IAM::Role', { RoleName: name, AssumeRolePolicyDocument: trust })).toContain('RoleName: ');
  expect(
    failure('AWS::Lambda::Function', {
      FunctionName: name,
      Role: role,
      Code: { ZipFile: 'x' },
      Handler: 'a.b',
      Runtime: 'nodejs24.x',
    }),
  ).toContain('FunctionName: ');
  expect(
    failure('AWS::StepFunctions::StateMachine', { StateMachineName: name, RoleArn: role, DefinitionString: '{}' }),
  ).toContain('StateMachineName: ');
  expect(failure('AWS::SageMaker::ModelPackageGroup', { ModelPackageGroupName: name })).toContain(
    'ModelPackageGroupName: length 81 exceeds maximum 63',
  );
});

test('a bucket or a key alias with a name of other characters is refused', () => {
  expect(failure('AWS::S3::Bucket', { BucketName: 'Lake_1' })).toContain('BucketName: ');
  expect(failure('AWS::KMS::Alias', { AliasName: 'lake', TargetKeyId: 'k' })).toContain('AliasName: ');
});

test('a Firehose stream that waits longer than 15 minutes is refused', () => {
  expect(
    failure('AWS::KinesisFirehose::DeliveryStream', {
      ExtendedS3DestinationConfiguration: {
        BucketARN: 'arn:aws:s3:::lake',
        RoleARN: 'arn:aws:iam::000000000000:role/r',
        BufferingHints: { IntervalInSeconds: 901 },
      },
    }),
  ).toContain('IntervalInSeconds: 901 is greater than the maximum of 900');
});

test('a stack of more than 500 resources is refused', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'Stack');
  for (let index = 0; index <= 500; index++) new CfnResource(stack, `T${index}`, { type: 'AWS::SNS::Topic' });

  expect(failureOf(app)).toContain('501 is greater than allowed maximum of 500');
});

test('a stack of more than 200 outputs is refused', () => {
  const app = new App({ context });
  const stack = new Stack(app, 'Stack');
  new CfnResource(stack, 'It', { type: 'AWS::SNS::Topic' });
  for (let index = 0; index <= 200; index++) new CfnOutput(stack, `O${index}`, { value: 'x' });

  expect(failureOf(app)).toContain('201 outputs, maximum is 200');
});
