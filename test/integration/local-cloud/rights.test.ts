import { CreateTrainingJobCommand, ListTrainingJobsCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, role } from './stack';

let cloud: LocalCloud;
let outputs: Record<string, string>;

const arn = (name: string): string => `arn:aws:sagemaker:us-east-1:000000000000:${name}`;

beforeAll(async () => {
  cloud = await startLocalCloud();
  outputs = await deploy(
    cloud,
    'rights',
    {
      Caller: role('lambda.amazonaws.com', [
        { Effect: 'Allow', Action: 'sagemaker:CreateTrainingJob', Resource: arn('training-job/allowed-*') },
        { Effect: 'Allow', Action: 'sagemaker:InvokeEndpoint', Resource: arn('endpoint/allowed') },
        {
          Effect: 'Allow',
          Action: 'iam:PassRole',
          Resource: { 'Fn::GetAtt': ['Job', 'Arn'] },
          Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
        },
      ]),
      Job: role('sagemaker.amazonaws.com', []),
      Other: role('sagemaker.amazonaws.com', []),
    },
    {
      Caller: { 'Fn::GetAtt': ['Caller', 'Arn'] },
      Job: { 'Fn::GetAtt': ['Job', 'Arn'] },
      Other: { 'Fn::GetAtt': ['Other', 'Arn'] },
    },
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

/** The settings of a client that acts as the caller's role. */
async function asCaller() {
  const sts = new STSClient(clientOf(cloud));
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: outputs.Caller, RoleSessionName: 'test' }));
  return {
    ...clientOf(cloud),
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  };
}

/** Refused by SageMaker after the rights were checked: it has neither image nor output. */
const job = (TrainingJobName: string, RoleArn: string | undefined) =>
  new CreateTrainingJobCommand({ TrainingJobName, RoleArn } as never);

/** Name and message of the error that a call ends in. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
  return 'no error';
}
const denied = (action: string): RegExp => new RegExp(`^AccessDeniedException: .* to perform: ${action} `);

test('a role does what it may, and nothing on another resource', async () => {
  const client = new SageMakerClient(await asCaller());
  expect(await errorOf(client.send(job('allowed-1', outputs.Job)))).toMatch(/^ValidationException: /);
  expect(await errorOf(client.send(job('other-1', outputs.Job)))).toMatch(denied('sagemaker:CreateTrainingJob'));
  expect(await errorOf(client.send(new ListTrainingJobsCommand({})))).toMatch(denied('sagemaker:ListTrainingJobs'));
});

test('a role that may not be passed is refused', async () => {
  const client = new SageMakerClient(await asCaller());
  expect(await errorOf(client.send(job('allowed-1', outputs.Other)))).toMatch(denied('iam:PassRole'));
});

test('invocations are checked by endpoint', async () => {
  const client = new SageMakerRuntimeClient(await asCaller());
  const invoke = (EndpointName: string) => client.send(new InvokeEndpointCommand({ EndpointName, Body: '{}' }));
  // there is no such endpoint, which only the allowed caller learns
  expect(await errorOf(invoke('allowed'))).toMatch(/^ValidationError: /);
  expect(await errorOf(invoke('other'))).toMatch(denied('sagemaker:InvokeEndpoint'));
});

test('credentials and signatures hold when the clock has moved past their time', async () => {
  // GIVEN credentials for an hour
  const settings = await asCaller();
  // WHEN
  await cloud.clock.advance(3 * 86_400);
  // THEN they are still good, as the services would have renewed them
  const client = new SageMakerClient(settings);
  expect(await errorOf(client.send(job('allowed-1', outputs.Job)))).toMatch(/^ValidationException: /);
});
