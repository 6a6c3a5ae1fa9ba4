import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStacksCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import type { LocalCloud } from '../../../local-cloud/start';

/** What an SDK client needs to reach the cloud. */
export function clientOf(cloud: LocalCloud) {
  return {
    endpoint: cloud.endpoint,
    region: cloud.region,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  };
}

/** The same in another account: its 12 digits are the access key of its root. */
export function clientIn(cloud: LocalCloud, account: string) {
  return { ...clientOf(cloud), credentials: { accessKeyId: account, secretAccessKey: 'test' } };
}

/** Deploys resources as a stack and returns its outputs. */
export async function deploy(
  cloud: LocalCloud,
  name: string,
  resources: Record<string, unknown>,
  outputs: Record<string, unknown> = {},
  settings = clientOf(cloud),
): Promise<Record<string, string>> {
  const client = new CloudFormationClient(settings);
  const Outputs = Object.fromEntries(Object.entries(outputs).map(([key, Value]) => [key, { Value }]));
  await client.send(
    new CreateStackCommand({
      StackName: name,
      TemplateBody: JSON.stringify({ Resources: resources, Outputs }),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  await waitUntilStackCreateComplete({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { StackName: name });
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: name }));
  return Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(output => [output.OutputKey ?? '', output.OutputValue ?? '']),
  );
}

/** A role that a service may assume, with these statements. */
export function role(service: string, statements: object[]): Record<string, unknown> {
  const policy = (Statement: object[]): object => ({ Version: '2012-10-17', Statement });
  return {
    Type: 'AWS::IAM::Role',
    Properties: {
      AssumeRolePolicyDocument: policy([
        { Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' },
      ]),
      Policies: statements.length === 0 ? [] : [{ PolicyName: 'rights', PolicyDocument: policy(statements) }],
    },
  };
}

/** A Node function of this source; `roleId` is its role's logical id. */
export function nodeFunction(roleId: string, source: string): Record<string, unknown> {
  return {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Runtime: 'nodejs22.x',
      Handler: 'index.handler',
      Role: { 'Fn::GetAtt': [roleId, 'Arn'] },
      Code: { ZipFile: source },
      Timeout: 20,
    },
  };
}

/** Resolves with the first answer of `ask` that is not undefined; rejects after `seconds`. */
export async function eventually<T>(ask: () => Promise<T | undefined>, seconds = 20): Promise<T> {
  const deadline = performance.now() + seconds * 1000;
  for (;;) {
    const answer = await ask();
    if (answer !== undefined) {
      return answer;
    }
    if (performance.now() > deadline) {
      throw new Error(`still nothing after ${String(seconds)} s`);
    }
    await new Promise(resolve => setTimeout(resolve, 50));
  }
}
