import { App, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { DataLake, MergeRole, type MergeRoleProps, PipelineController, ReleaseController } from '../../../constructs';

const issuer = 'token.actions.githubusercontent.com';
const MAIN = 'repo:acme/models:ref:refs/heads/main';

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: unknown;
}

/** A merge role in a stack of its own, beside the platform that it starts. */
function mergeStack(props: Partial<MergeRoleProps> = {}): Stack {
  const app = new App();
  const env = { account: '111122223333', region: 'eu-west-1' };
  const environmentName = 'dev';
  const platform = new Stack(app, 'Platform', { env });
  const dataLake = new DataLake(platform, 'Lake', { environmentName });
  const { artifactBucket, encryptionKey } = dataLake;
  const { ledgerTable, notificationTopic } = new ReleaseController(platform, 'Release', {
    environmentName,
    artifactBucket,
    encryptionKey,
  });
  const pipeline = new PipelineController(platform, 'Pipeline', {
    environmentName,
    dataLake,
    ledgerTable,
    notificationTopic,
  });
  const stack = new Stack(app, 'Merges', { env });
  new MergeRole(stack, 'Merge', { environmentName, pipeline, issuer, subjects: [MAIN], ...props });
  return stack;
}

function statementsOf(stack: Stack): Statement[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(
    policy => policy['Properties'].PolicyDocument.Statement as Statement[],
  );
}

test('may do what `mlops train MODEL --commit SHA` does, and no more', () => {
  const actions = statementsOf(mergeStack()).flatMap(({ Action }) => Action);
  expect(actions.sort()).toEqual([
    'cloudformation:DescribeStacks',
    'dynamodb:Query',
    'kms:Decrypt',
    'ssm:GetParameter',
    'states:StartExecution',
  ]);
});

test('may do nothing to everything, and reads the settings of its own environment alone', () => {
  const statements = statementsOf(mergeStack());
  expect(statements.filter(({ Resource }) => JSON.stringify(Resource).includes('"*"'))).toEqual([]);
  const settings = statements.find(({ Action }) => Action === 'ssm:GetParameter');
  expect(JSON.stringify(settings?.Resource)).toMatch(
    /:ssm:eu-west-1:111122223333:parameter\/mlops\/dev\/\*\/training"/,
  );
});

test('decrypts records of trainings, not the data under the same key', () => {
  const key = statementsOf(mergeStack()).find(({ Action }) => Action === 'kms:Decrypt');
  expect(JSON.stringify(key?.Condition)).toMatch(/StringEquals.*kms:ViaService.*dynamodb\.eu-west-1\./);
});

test('finds the platform by the outputs of the stack that has them', () => {
  const described = (stack: Stack): string =>
    JSON.stringify(statementsOf(stack).find(({ Action }) => Action === 'cloudformation:DescribeStacks')?.Resource);
  expect(described(mergeStack())).toContain(':stack/Merges/*');
  expect(described(mergeStack({ stackName: 'Platform' }))).toContain(':stack/Platform/*');
});

test('trusts exactly the given subjects', () => {
  Template.fromStack(mergeStack({ audience: 'https://gitlab.com' })).hasResourceProperties('AWS::IAM::Role', {
    AssumeRolePolicyDocument: Match.objectLike({
      Statement: [
        Match.objectLike({
          Condition: { StringEquals: { [`${issuer}:aud`]: 'https://gitlab.com', [`${issuer}:sub`]: [MAIN] } },
        }),
      ],
    }),
  });
});

test.each([
  [{ subjects: ['repo:acme/models:pull_request'] }, "'subjects' has 'repo:acme/models:pull_request', which any pull"],
  [{ subjects: ['repo:acme/*'] }, "'subjects' is 'repo:acme/*', must be the whole subject"],
  [{ environmentName: 'Dev' }, "'environmentName' is 'Dev'"],
])('fails on %j', (props, message) => {
  expect(() => mergeStack(props)).toThrow(message);
});
