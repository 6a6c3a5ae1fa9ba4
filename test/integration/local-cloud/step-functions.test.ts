import { GetItemCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand } from '@aws-sdk/client-sfn';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually, nodeFunction, role } from './stack';
import { StateMachines, task } from './state-machines';

let cloud: LocalCloud;
let machines: StateMachines;
let names: Record<string, string>;

const ACCOUNT = '000000000000';
const arn = (service: string, resource: string): string => `arn:aws:${service}:us-east-1:${ACCOUNT}:${resource}`;
const allow = (Action: string | string[], Resource: unknown = '*', more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const ruleRights = (rule: string): object =>
  allow(['events:PutTargets', 'events:PutRule', 'events:DescribeRule'], arn('events', `rule/${rule}`));
const TRAINING_RULE = 'StepFunctionsGetEventsForSageMakerTrainingJobsRule';
const attribute = (id: string): object => ({ 'Fn::GetAtt': [id, 'Arn'] });
const trainingJob = (RoleArn: string | undefined): object => ({ TrainingJobName: 'Job-1', RoleArn });
const schedule = (roleId: string, target: string): object => ({
  Type: 'AWS::Scheduler::Schedule',
  Properties: {
    FlexibleTimeWindow: { Mode: 'OFF' },
    ScheduleExpression: 'rate(10 minutes)',
    Target: { Arn: { Ref: target }, RoleArn: attribute(roleId), Input: '{}' },
  },
});
const passing = (roleId: string): object => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    RoleArn: attribute(roleId),
    DefinitionString: JSON.stringify({ StartAt: 'Do', States: { Do: { Type: 'Pass', End: true } } }),
  },
});

beforeAll(async () => {
  cloud = await startLocalCloud();
  machines = new StateMachines(cloud);
  names = await deploy(
    cloud,
    'machines',
    {
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          TableName: 'table',
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
        },
      },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'queue' } },
      Topic: { Type: 'AWS::SNS::Topic', Properties: { TopicName: 'topic' } },
      // the policy that a topic has by itself lets the whole account publish
      TopicPolicy: {
        Type: 'AWS::SNS::TopicPolicy',
        Properties: {
          Topics: [{ Ref: 'Topic' }],
          PolicyDocument: {
            Version: '2012-10-17',
            Statement: [allow('sns:Publish', { Ref: 'Topic' }, { Principal: { Service: 'events.amazonaws.com' } })],
          },
        },
      },
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'items' } },
      FunctionRole: role('lambda.amazonaws.com', []),
      Function: nodeFunction('FunctionRole', 'exports.handler = async event => ({ seen: event });'),
      Nothing: role('states.amazonaws.com', []),
      Everything: role('states.amazonaws.com', [allow('*')]),
      Trainer: role('states.amazonaws.com', [
        ruleRights(TRAINING_RULE),
        allow(['sagemaker:CreateTrainingJob', 'sagemaker:AddTags'], arn('sagemaker', 'training-job/job-*')),
      ]),
      Untagging: role('states.amazonaws.com', [
        ruleRights(TRAINING_RULE),
        allow('sagemaker:CreateTrainingJob', arn('sagemaker', 'training-job/job-*')),
      ]),
      Writer: role('states.amazonaws.com', [
        allow('dynamodb:PutItem', attribute('Table')),
        allow('sqs:SendMessage', attribute('Queue')),
        allow('sns:Publish', { Ref: 'Topic' }),
        allow('events:PutEvents', arn('events', 'event-bus/default')),
        allow('lambda:InvokeFunction', attribute('Function')),
        allow('ssm:PutParameter', arn('ssm', 'parameter/allowed')),
      ]),
      Mapper: role('states.amazonaws.com', [allow('states:StartExecution')]),
      StartedByRight: passing('Nothing'),
      StartedByNone: passing('Nothing'),
      Starter: role('scheduler.amazonaws.com', [allow('states:StartExecution', { Ref: 'StartedByRight' })]),
      ByRight: schedule('Starter', 'StartedByRight'),
      ByNone: schedule('Starter', 'StartedByNone'),
    },
    {
      ...Object.fromEntries(
        ['FunctionRole', 'Function', 'Nothing', 'Everything', 'Trainer', 'Untagging', 'Writer', 'Mapper'].map(id => [
          id,
          attribute(id),
        ]),
      ),
      Queue: { Ref: 'Queue' },
      Topic: { Ref: 'Topic' },
      StartedByRight: { Ref: 'StartedByRight' },
      StartedByNone: { Ref: 'StartedByNone' },
    },
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

describe('the role of the machine', () => {
  test.each([
    [
      'lambda:invoke',
      () => ({ FunctionName: names.Function }),
      'Lambda.AWSLambdaException',
      'lambda:InvokeFunction',
      () => names.Function,
    ],
    [
      'dynamodb:putItem',
      () => ({ TableName: 'table', Item: {} }),
      'DynamoDB.AmazonDynamoDBException',
      'dynamodb:PutItem',
      () => arn('dynamodb', 'table/table'),
    ],
    [
      'sqs:sendMessage',
      () => ({ QueueUrl: names.Queue, MessageBody: 'm' }),
      'SQS.AmazonSQSException',
      'sqs:SendMessage',
      () => arn('sqs', 'queue'),
    ],
    [
      'sns:publish',
      () => ({ TopicArn: names.Topic, Message: 'm' }),
      'SNS.AuthorizationErrorException',
      'sns:Publish',
      () => names.Topic,
    ],
    [
      'events:putEvents',
      () => ({ Entries: [{ Source: 's', DetailType: 't', Detail: {} }] }),
      'EventBridge.AccessDeniedException',
      'events:PutEvents',
      () => arn('events', 'event-bus/default'),
    ],
    [
      'athena:startQueryExecution',
      () => ({ QueryString: 'SELECT 1', WorkGroup: 'primary' }),
      'Athena.AmazonAthenaException',
      'athena:StartQueryExecution',
      () => arn('athena', 'workgroup/primary'),
    ],
    [
      'sagemaker:createModel',
      () => ({ ModelName: 'M' }),
      'SageMaker.AmazonSageMakerException',
      'sagemaker:CreateModel',
      () => arn('sagemaker', 'model/m'),
    ],
    [
      'states:startExecution',
      () => ({ StateMachineArn: names.StartedByNone }),
      'StepFunctions.AWSStepFunctionsException',
      'states:StartExecution',
      () => names.StartedByNone,
    ],
    [
      'aws-sdk:dynamodb:query',
      () => ({ TableName: 'table' }),
      'DynamoDb.DynamoDbException',
      'dynamodb:Query',
      () => arn('dynamodb', 'table/table'),
    ],
    [
      'aws-sdk:sagemaker:describeEndpoint',
      () => ({ EndpointName: 'E' }),
      'SageMaker.SageMakerException',
      'sagemaker:DescribeEndpoint',
      () => arn('sagemaker', 'endpoint/e'),
    ],
    [
      'aws-sdk:sqs:purgeQueue',
      () => ({ QueueUrl: names.Queue }),
      'Sqs.SqsException',
      'sqs:PurgeQueue',
      () => arn('sqs', 'queue'),
    ],
  ])(
    'fails %s with AWS’s error, naming role, action and resource',
    async (integration, parameters, error, action, resource) => {
      // WHEN
      const execution = await machines.run(names.Nothing, task(integration, parameters()));
      // THEN
      expect(execution).toMatchObject({ status: 'FAILED', error });
      const roleName = (names.Nothing ?? '').split('/')[1] ?? '';
      expect(execution.cause).toMatch(
        new RegExp(`assumed-role/${roleName}/\\w+ is not authorized to perform: ${action} `),
      );
      expect(execution.cause).toContain(` on resource: ${resource() ?? ''} `);
    },
  );

  test('fails a task whose resource is the function itself', async () => {
    const execution = await machines.run(names.Nothing, task(names.Function ?? '', {}));
    expect(execution).toMatchObject({ status: 'FAILED', error: 'Lambda.AWSLambdaException' });
    expect(execution.cause).toContain(names.Function);
  });

  test('lets a role do what it may, and nothing else', async () => {
    // GIVEN a machine that does each thing the role may, and then one that it may not
    const result = { Assign: { payload: '{% $states.result.Payload %}' } };
    const machine = await machines.create(names.Writer, {
      Call: {
        ...task('lambda:invoke', { FunctionName: names.Function, Payload: { a: 1 } }, result),
        End: undefined,
        Next: 'Put',
      },
      Put: {
        ...task('dynamodb:putItem', { TableName: 'table', Item: { id: { S: 'x' } } }),
        End: undefined,
        Next: 'Send',
      },
      Send: {
        ...task('sqs:sendMessage', { QueueUrl: names.Queue, MessageBody: { a: 1 } }),
        End: undefined,
        Next: 'Publish',
      },
      Publish: { ...task('sns:publish', { TopicArn: names.Topic, Message: { a: 1 } }), End: undefined, Next: 'Event' },
      Event: {
        ...task('events:putEvents', { Entries: [{ Source: 'mine', DetailType: 't', Detail: { a: 1 } }] }),
        End: undefined,
        Next: 'Parameter',
      },
      Parameter: {
        ...task('aws-sdk:ssm:putParameter', { Name: 'allowed', Value: 'v', Type: 'String' }),
        End: undefined,
        Next: 'Get',
      },
      Get: task(
        'dynamodb:getItem',
        { TableName: 'table', Key: { id: { S: 'x' } } },
        {
          Catch: [
            {
              ErrorEquals: ['States.TaskFailed'],
              Next: 'Denied',
              Output: '{% {"error": $states.errorOutput, "payload": $payload} %}',
            },
          ],
        },
      ),
      Denied: { Type: 'Pass', End: true },
    });
    // WHEN
    const execution = await machines.ended(await machines.start(machine));
    // THEN
    expect(JSON.parse(execution.output ?? '')).toEqual({
      payload: { seen: { a: 1 } },
      error: {
        Error: 'DynamoDB.AmazonDynamoDBException',
        Cause: expect.stringContaining('dynamodb:GetItem') as string,
      },
    });
    const { Item } = await new DynamoDBClient(clientOf(cloud)).send(
      new GetItemCommand({ TableName: 'table', Key: { id: { S: 'x' } } }),
    );
    expect(Item).toEqual({ id: { S: 'x' } });
  });

  test.each([
    ['a role that may not be passed', 'Trainer', 'iam:PassRole', () => names.FunctionRole],
    ['tags that may not be added', 'Untagging', 'sagemaker:AddTags', () => arn('sagemaker', 'training-job/job-1')],
  ])('fails a job for %s', async (_, roleId, action, resource) => {
    const state = task('sagemaker:createTrainingJob.sync', trainingJob(names.FunctionRole));
    const execution = await machines.run(names[roleId], state);
    expect(execution).toMatchObject({ status: 'FAILED', error: 'SageMaker.AmazonSageMakerException' });
    expect(execution.cause).toContain(`not authorized to perform: ${action} on resource: ${resource() ?? ''}`);
  });

  test('fails a distributed map whose items may not be read', async () => {
    // GIVEN
    const s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
    await s3.send(new PutObjectCommand({ Bucket: 'items', Key: 'items.json', Body: '[1,2]' }));
    const map = (roleArn: string | undefined) =>
      machines.run(roleArn, {
        Type: 'Map',
        QueryLanguage: 'JSONPath',
        ItemReader: { Resource: 'arn:aws:states:::s3:getObject', Parameters: { Bucket: 'items', Key: 'items.json' } },
        ItemProcessor: {
          ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
          StartAt: 'Each',
          States: { Each: { Type: 'Pass', QueryLanguage: 'JSONPath', End: true } },
        },
        End: true,
      });
    // WHEN, THEN
    expect(await map(names.Everything)).toMatchObject({ status: 'SUCCEEDED', output: '[1, 2]' });
    const denied = await map(names.Mapper);
    expect(denied).toMatchObject({ status: 'FAILED', error: 'States.ItemReaderFailed' });
    expect(denied.cause).toContain(
      'not authorized to perform: s3:GetObject on resource: arn:aws:s3:::items/items.json',
    );
  });
});

describe('what is refused when a machine is made', () => {
  const creation = (roleArn: string | undefined, state: object): Promise<string> =>
    machines.create(roleArn, { Do: state });

  test('fails for a role that does not trust Step Functions', async () => {
    await expect(creation(names.FunctionRole, { Type: 'Pass', End: true })).rejects.toThrow(
      'Neither the global service principal states.amazonaws.com',
    );
  });

  test('fails for a role that may not keep the rule of a job’s events', async () => {
    const state = task('sagemaker:createTrainingJob.sync', trainingJob(names.FunctionRole));
    await expect(creation(names.Nothing, state)).rejects.toThrow('is not authorized to create managed-rule');
  });

  test('fails for an integration that does not run here, by name', async () => {
    await expect(creation(names.Everything, task('glue:startJobRun.sync', {}))).rejects.toThrow(
      "'Resource' at /States/Do is 'arn:aws:states:::glue:startJobRun.sync', which the local cloud does not run",
    );
  });
});

test('a schedule starts a machine only if its role may', async () => {
  // GIVEN two schedules of a role that may start one machine
  const executions = async (stateMachineArn: string | undefined) =>
    (await machines.client.send(new ListExecutionsCommand({ stateMachineArn }))).executions?.length ?? 0;
  // WHEN
  await cloud.clock.advance(600);
  // THEN
  await eventually(async () => ((await executions(names.StartedByRight)) === 1 ? true : undefined));
  expect(await executions(names.StartedByNone)).toBe(0);
});
