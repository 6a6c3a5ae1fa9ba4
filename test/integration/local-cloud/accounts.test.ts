import {
  BatchGetImageCommand,
  ECRClient,
  PutImageCommand,
  SetRepositoryPolicyCommand,
  CreateRepositoryCommand,
} from '@aws-sdk/client-ecr';
import { CopyObjectCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateModelPackageCommand,
  DescribeModelPackageCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientIn, clientOf, deploy, eventually, role } from './stack';

const GIVER = '000000000000';
const TAKER = '111111111111';
const READER = `arn:aws:iam::${TAKER}:role/reader`;
/** What a policy of the giver says: the account, and of it one role alone. */
const letReader = {
  Principal: { AWS: `arn:aws:iam::${TAKER}:root` },
  Condition: { ArnEquals: { 'aws:PrincipalArn': READER } },
};

let cloud: LocalCloud;
let outputs: Record<string, string>;

const named = (RoleName: string, statements: object[]) => {
  const base = role('lambda.amazonaws.com', statements) as { Type: string; Properties: object };
  return { ...base, Properties: { ...base.Properties, RoleName } };
};
const everything = [{ Effect: 'Allow', Action: ['s3:*', 'ecr:*', 'sagemaker:DescribeModelPackage'], Resource: '*' }];

beforeAll(async () => {
  cloud = await startLocalCloud();
  await deploy(
    cloud,
    'taker',
    {
      Reader: named('reader', [
        {
          Effect: 'Allow',
          Action: 's3:GetObject',
          Resource: 'arn:aws:s3:::*/*',
          Condition: { StringEquals: { 's3:ResourceAccount': GIVER } },
        },
        { Effect: 'Allow', Action: 's3:PutObject', Resource: 'arn:aws:s3:::taker-files/*' },
        { Effect: 'Allow', Action: 'ecr:BatchGetImage', Resource: `arn:aws:ecr:us-east-1:${GIVER}:repository/*` },
        {
          Effect: 'Allow',
          Action: 'sagemaker:DescribeModelPackage',
          Resource: `arn:aws:sagemaker:us-east-1:${GIVER}:model-package/*`,
        },
      ]),
      // may do all of it by its own policy, which is not enough in another account
      Stranger: named('stranger', everything),
      Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'taker-files' } },
      Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'open' } },
      BusPolicy: {
        Type: 'AWS::Events::EventBusPolicy',
        Properties: {
          EventBusName: { Ref: 'Bus' },
          StatementId: 'Giver',
          Statement: {
            Effect: 'Allow',
            Principal: { AWS: `arn:aws:iam::${GIVER}:root` },
            Action: 'events:PutEvents',
            Resource: { 'Fn::GetAtt': ['Bus', 'Arn'] },
            Condition: { 'ForAllValues:StringEquals': { 'events:source': 'aws.sagemaker' } },
          },
        },
      },
      Shut: { Type: 'AWS::Events::EventBus', Properties: { Name: 'shut' } },
      ...Object.fromEntries(
        ['Bus', 'Shut'].flatMap(bus => [
          [`${bus}Queue`, { Type: 'AWS::SQS::Queue', Properties: { QueueName: `${bus}-queue` } }],
          [
            `${bus}Rule`,
            {
              Type: 'AWS::Events::Rule',
              Properties: {
                EventBusName: { Ref: bus },
                EventPattern: { account: [GIVER] },
                Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': [`${bus}Queue`, 'Arn'] } }],
              },
            },
          ],
          [
            `${bus}QueuePolicy`,
            {
              Type: 'AWS::SQS::QueuePolicy',
              Properties: {
                Queues: [{ Ref: `${bus}Queue` }],
                PolicyDocument: {
                  Statement: [
                    {
                      Effect: 'Allow',
                      Principal: { Service: 'events.amazonaws.com' },
                      Action: 'sqs:SendMessage',
                      Resource: '*',
                    },
                  ],
                },
              },
            },
          ],
        ]),
      ),
    },
    {},
    clientIn(cloud, TAKER),
  );
  const bus = (name: string): string => `arn:aws:events:us-east-1:${TAKER}:event-bus/${name}`;
  const rule = (busName: string, roleId: string) => ({
    Type: 'AWS::Events::Rule',
    Properties: {
      EventPattern: { source: ['aws.sagemaker'] },
      Targets: [{ Id: 'bus', Arn: bus(busName), RoleArn: { 'Fn::GetAtt': [roleId, 'Arn'] } }],
    },
  });
  outputs = await deploy(
    cloud,
    'giver',
    {
      Files: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'giver-files' } },
      FilesPolicy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: {
          Bucket: { Ref: 'Files' },
          PolicyDocument: {
            Statement: [
              { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::giver-files/given/*', ...letReader },
            ],
          },
        },
      },
      Group: {
        Type: 'AWS::SageMaker::ModelPackageGroup',
        Properties: {
          ModelPackageGroupName: 'given',
          ModelPackageGroupPolicy: {
            Version: '2012-10-17',
            Statement: [
              {
                Effect: 'Allow',
                Action: 'sagemaker:DescribeModelPackage',
                Resource: `arn:aws:sagemaker:us-east-1:${GIVER}:model-package/given/*`,
                ...letReader,
              },
            ],
          },
        },
      },
      Sender: role('events.amazonaws.com', [
        { Effect: 'Allow', Action: 'events:PutEvents', Resource: [bus('open'), bus('shut')] },
      ]),
      ToOpen: rule('open', 'Sender'),
      ToShut: rule('shut', 'Sender'),
    },
    { Group: { 'Fn::GetAtt': ['Group', 'ModelPackageGroupArn'] } },
  );
  const s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
  for (const Key of ['given/a b', 'kept'])
    await s3.send(new PutObjectCommand({ Bucket: 'giver-files', Key, Body: 'x' }));
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

async function as(name: string) {
  const sts = new STSClient(clientIn(cloud, TAKER));
  const { Credentials } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${TAKER}:role/${name}`, RoleSessionName: 'test' }),
  );
  return {
    ...clientOf(cloud),
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  };
}

/** Name of the error that a call ends in. */
async function errorOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'no error',
    (error: unknown) => (error as Error).name,
  );
}

test('an object of another account is read and copied by the one role that its bucket names, and no other object', async () => {
  const reader = new S3Client({ ...(await as('reader')), forcePathStyle: true });
  const get = (client: S3Client, Key: string) =>
    errorOf(client.send(new GetObjectCommand({ Bucket: 'giver-files', Key })));
  expect(await get(reader, 'given/a b')).toBe('no error');
  expect(await get(reader, 'kept')).toBe('AccessDenied');
  expect(await get(new S3Client({ ...(await as('stranger')), forcePathStyle: true }), 'given/a b')).toBe(
    'AccessDenied',
  );
  const copy = (key: string) =>
    errorOf(
      reader.send(new CopyObjectCommand({ Bucket: 'taker-files', Key: 'copy', CopySource: `giver-files/${key}` })),
    );
  expect(await copy('given/a%20b')).toBe('no error');
  expect(await copy('kept')).toBe('AccessDenied');
});

test('an image of another account is read by the one role that its repository names', async () => {
  const ecr = new ECRClient(clientOf(cloud));
  const repositoryName = 'given/images';
  await ecr.send(new CreateRepositoryCommand({ repositoryName }));
  await ecr.send(new PutImageCommand({ repositoryName, imageTag: '1', imageManifest: '{}' }));
  const read = async (name: string) =>
    errorOf(
      new ECRClient(await as(name)).send(
        new BatchGetImageCommand({ registryId: GIVER, repositoryName, imageIds: [{ imageTag: '1' }] }),
      ),
    );
  expect(await read('reader')).toBe('AccessDeniedException');
  // WHEN its owner lets the reader in
  const policyText = JSON.stringify({ Statement: [{ Effect: 'Allow', Action: 'ecr:BatchGetImage', ...letReader }] });
  await ecr.send(new SetRepositoryPolicyCommand({ repositoryName, policyText }));
  // THEN
  expect(await read('reader')).toBe('no error');
  expect(await read('stranger')).toBe('AccessDeniedException');
});

test('a version of another account is seen by the one role that its group names, and its approval heard on the bus that lets the account in', async () => {
  const sagemaker = new SageMakerClient(clientOf(cloud));
  const { ModelPackageArn: arn } = await sagemaker.send(
    new CreateModelPackageCommand({ ModelPackageGroupName: 'given', ModelApprovalStatus: 'PendingManualApproval' }),
  );
  const describe = async (settings: object) =>
    errorOf(new SageMakerClient(settings).send(new DescribeModelPackageCommand({ ModelPackageName: arn })));
  expect(await describe(await as('reader'))).toBe('no error');
  expect(await describe(await as('stranger'))).toBe('AccessDeniedException');
  expect(await describe(clientIn(cloud, TAKER))).toBe('AccessDeniedException');
  // WHEN
  await sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ModelApprovalStatus: 'Approved' }));
  // THEN
  const sqs = new SQSClient(clientIn(cloud, TAKER));
  const heard = async (queue: string): Promise<string[]> => {
    const QueueUrl = `${cloud.endpoint}/${TAKER}/${queue}`;
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, VisibilityTimeout: 0 }),
    );
    return Messages.map(({ Body }) => Body ?? '');
  };
  const approval = await eventually(async () =>
    (await heard('Bus-queue'))
      .map(body => JSON.parse(body))
      .find(({ detail }) => detail.ModelApprovalStatus === 'Approved'),
  );
  expect(approval).toMatchObject({ account: GIVER, source: 'aws.sagemaker', detail: { ModelPackageArn: arn } });
  expect(await heard('Shut-queue')).toEqual([]);
  expect(outputs.Group).toContain(GIVER);
});

test("a registry's events are of its own account", async () => {
  // GIVEN a rule on each account's own bus
  const rule = {
    Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'own-events' } },
    Policy: {
      Type: 'AWS::SQS::QueuePolicy',
      Properties: {
        Queues: [{ Ref: 'Queue' }],
        PolicyDocument: {
          Statement: [
            {
              Effect: 'Allow',
              Principal: { Service: 'events.amazonaws.com' },
              Action: 'sqs:SendMessage',
              Resource: { 'Fn::GetAtt': ['Queue', 'Arn'] },
            },
          ],
        },
      },
    },
    Group: { Type: 'AWS::SageMaker::ModelPackageGroup', Properties: { ModelPackageGroupName: 'own' } },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventPattern: { source: ['aws.sagemaker'], detail: { ModelPackageGroupName: ['own'] } },
        Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
      },
    },
  };
  for (const account of [GIVER, TAKER]) await deploy(cloud, 'own', rule, {}, clientIn(cloud, account));
  // WHEN one of them registers a version
  await new SageMakerClient(clientIn(cloud, TAKER)).send(
    new CreateModelPackageCommand({ ModelPackageGroupName: 'own', ModelApprovalStatus: 'PendingManualApproval' }),
  );
  // THEN only it hears of that
  const heard = async (account: string): Promise<object[]> => {
    const QueueUrl = `${cloud.endpoint}/${account}/own-events`;
    const { Messages = [] } = await new SQSClient(clientIn(cloud, account)).send(
      new ReceiveMessageCommand({ QueueUrl, VisibilityTimeout: 0 }),
    );
    return Messages.map(({ Body }) => JSON.parse(Body ?? ''));
  };
  const event = await eventually(async () => (await heard(TAKER)).at(0));
  expect(event).toMatchObject({ account: TAKER });
  expect(await heard(GIVER)).toEqual([]);
});
