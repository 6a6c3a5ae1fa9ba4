import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  CreateModelPackageCommand,
  CreateModelPackageGroupCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually, nodeFunction, role } from './stack';

let cloud: LocalCloud;
let names: Record<string, string>;

/** Writes an item, signed by hand: the function's source in a template may not be as long as an SDK. */
const WRITES = `
const { createHash, createHmac } = require('node:crypto');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
const sha = text => createHash('sha256').update(text).digest('hex');
exports.handler = async () => {
  const { AWS_ENDPOINT_URL: url, AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret, AWS_SESSION_TOKEN: token } = process.env;
  const body = JSON.stringify({ TableName: 'ledger', Item: { pk: { S: 'by-function' } } });
  const time = new Date().toISOString().replace(/[-:]|\\.\\d+/g, '');
  const scope = [time.slice(0, 8), 'us-east-1', 'dynamodb', 'aws4_request'];
  const headers = {
    'content-type': 'application/x-amz-json-1.0', host: new URL(url).host, 'x-amz-date': time,
    'x-amz-security-token': token, 'x-amz-target': 'DynamoDB_20120810.PutItem',
  };
  const names = Object.keys(headers).join(';');
  const lines = Object.entries(headers).map(([name, value]) => name + ':' + value + '\\n').join('');
  const canonical = ['POST', '/', '', lines, names, sha(body)].join('\\n');
  const key = scope.reduce(hmac, 'AWS4' + secret);
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope.join('/'), sha(canonical)].join('\\n')).toString('hex');
  const authorization = 'AWS4-HMAC-SHA256 Credential=' + [id, ...scope].join('/') + ', SignedHeaders=' + names + ', Signature=' + signature;
  const answer = await fetch(url, { method: 'POST', headers: { ...headers, authorization }, body });
  return answer.status + (answer.ok ? '' : await answer.text());
};`;

beforeAll(async () => {
  cloud = await startLocalCloud();
  names = await deploy(
    cloud,
    'faults',
    {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'ledger',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
        },
      },
      FunctionRole: role('lambda.amazonaws.com', [
        { Effect: 'Allow', Action: 'dynamodb:PutItem', Resource: { 'Fn::GetAtt': ['Table', 'Arn'] } },
      ]),
      Function: nodeFunction('FunctionRole', WRITES),
      Queue: { Type: 'AWS::SQS::Queue' },
      OnModel: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: { source: ['aws.sagemaker'] },
          Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
        },
      },
    },
    { Queue: { Ref: 'Queue' }, Function: { Ref: 'Function' } },
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});
afterEach(() => cloud.faults.clear());

const once = () => ({ ...clientOf(cloud), maxAttempts: 1 });

async function errorOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
  } catch (error) {
    return (error as Error).name;
  }
  return 'no error';
}

async function isThere(key: string): Promise<boolean> {
  const client = new DynamoDBClient(clientOf(cloud));
  const { Item } = await client.send(
    new GetItemCommand({ TableName: 'ledger', Key: { pk: { S: key } }, ConsistentRead: true }),
  );
  return Item !== undefined;
}

const put = (key: string) => new PutItemCommand({ TableName: 'ledger', Item: { pk: { S: key } } });

async function invoke(): Promise<{ failed: boolean; answer: unknown }> {
  const lambda = new LambdaClient(clientOf(cloud));
  const { FunctionError, Payload } = await lambda.send(new InvokeCommand({ FunctionName: names.Function }));
  return { failed: FunctionError !== undefined, answer: JSON.parse(Buffer.from(Payload ?? []).toString()) as unknown };
}

/** Every model package event that has come, in the order in which the queue gave them, until there are so many. */
async function packageEvents(wanted: number): Promise<{ id: string; status: string }[]> {
  const client = new SQSClient(clientOf(cloud));
  const seen: { id: string; status: string }[] = [];
  return eventually(async () => {
    const { Messages } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: names.Queue, MaxNumberOfMessages: 1, VisibilityTimeout: 600 }),
    );
    for (const { Body } of Messages ?? []) {
      const event = JSON.parse(Body ?? '{}') as { id: string; detail: { ModelApprovalStatus: string } };
      seen.push({ id: event.id, status: event.detail.ModelApprovalStatus });
    }
    return seen.length >= wanted ? seen : undefined;
  });
}

test('faults of the start are in force', async () => {
  const cloudWithFault = await startLocalCloud({ faults: [{ effect: 'event-lost', times: 'always' }] });
  try {
    expect(await cloudWithFault.faults.list()).toMatchObject([{ effect: 'event-lost', times: 'always', struck: 0 }]);
  } finally {
    await cloudWithFault.stop();
  }
}, 60_000);

test('what is no fault keeps the cloud from starting, by name', async () => {
  await expect(startLocalCloud({ faults: [{ effect: 'explode' } as never] })).rejects.toThrow(
    "'effect' must be one of throttle",
  );
}, 60_000);

test('a throttled call fails once, and an SDK that tries again does not notice', async () => {
  // GIVEN
  const ssm = new SSMClient(once());
  await ssm.send(new PutParameterCommand({ Name: '/a', Value: '1', Type: 'String' }));
  await cloud.faults.add({ effect: 'throttle', action: 'ssm:GetParameter', times: 2 });

  // THEN
  expect(await errorOf(ssm.send(new GetParameterCommand({ Name: '/a' })))).toBe('ThrottlingException');
  const patient = new SSMClient(clientOf(cloud));
  expect((await patient.send(new GetParameterCommand({ Name: '/a' }))).Parameter?.Value).toBe('1');
  expect(await cloud.faults.list()).toMatchObject([{ struck: 2 }]);
});

test('a call whose answer is lost was carried out', async () => {
  await cloud.faults.add({ effect: 'answer-lost', action: 'dynamodb:PutItem', resource: '*:table/ledger' });
  const client = new DynamoDBClient(once());
  expect(await errorOf(client.send(put('lost')))).not.toBe('no error');
  expect(await isThere('lost')).toBe(true);
});

test('a call that is refused was not carried out', async () => {
  await cloud.faults.add({ effect: 'error', action: 'dynamodb:PutItem', code: 'InternalServerError', status: 500 });
  const client = new DynamoDBClient(once());
  expect(await errorOf(client.send(put('refused')))).toBe('InternalServerError');
  expect(await isThere('refused')).toBe(false);
});

test('a function dies at the call that the fault names, before or after it is carried out', async () => {
  // GIVEN
  await cloud.faults.add({ effect: 'caller-killed', action: 'dynamodb:PutItem', when: 'before' });

  // WHEN
  const dead = await invoke();

  // THEN
  expect(dead.failed).toBe(true);
  expect(await isThere('by-function')).toBe(false);

  // GIVEN
  await cloud.faults.clear();
  await cloud.faults.add({ effect: 'caller-killed', action: 'dynamodb:PutItem', when: 'after' });

  // THEN
  expect((await invoke()).failed).toBe(true);
  expect(await isThere('by-function')).toBe(true);
  // and another worker takes its place
  expect(await invoke()).toEqual({ failed: false, answer: '200' });
}, 30_000);

test('events come twice and out of order, each with its own id', async () => {
  // GIVEN each event is delivered, and once more after those that follow it
  await cloud.faults.add({
    effect: 'event-duplicated',
    detailType: 'SageMaker Model Package State Change',
    seconds: 0.5,
    times: 'always',
  });
  const client = new SageMakerClient(clientOf(cloud));

  // WHEN
  await client.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: 'rain' }));
  const { ModelPackageArn } = await client.send(
    new CreateModelPackageCommand({ ModelPackageGroupName: 'rain', ModelApprovalStatus: 'PendingManualApproval' }),
  );
  await client.send(new UpdateModelPackageCommand({ ModelPackageArn, ModelApprovalStatus: 'Approved' }));

  // THEN
  const events = await packageEvents(4);
  expect(events.map(({ status }) => status)).toEqual([
    'PendingManualApproval',
    'Approved',
    'PendingManualApproval',
    'Approved',
  ]);
  expect(events[2]?.id).toBe(events[0]?.id);
  expect(new Set(events.map(({ id }) => id)).size).toBe(2);
});

test('an event that is lost never comes', async () => {
  // GIVEN
  await cloud.faults.add({ effect: 'event-lost', detailType: 'SageMaker Model Package State Change' });
  const client = new SageMakerClient(clientOf(cloud));
  const input = { ModelPackageGroupName: 'rain' } as const;

  // WHEN the first of two is lost
  await client.send(new CreateModelPackageCommand({ ...input, ModelApprovalStatus: 'Rejected' }));
  await client.send(new CreateModelPackageCommand({ ...input, ModelApprovalStatus: 'Approved' }));

  // THEN
  expect((await packageEvents(1)).map(({ status }) => status)).toEqual(['Approved']);
});
