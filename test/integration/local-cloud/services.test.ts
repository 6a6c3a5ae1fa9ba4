import { AthenaClient, GetQueryResultsCommand } from '@aws-sdk/client-athena';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually, nodeFunction, role } from './stack';

let cloud: LocalCloud;
let names: Record<string, string>;

const LAMBDA = `
class LockHeldError extends Error { constructor(m) { super(m); this.name = 'LockHeldError'; } }
exports.handler = async event => {
  if (event.fail) throw new LockHeldError('held by another run');
  if (event.now) return { now: Date.now(), iso: new Date().toISOString() };
  return event;
};`;

const task = (Resource: string, Arguments: unknown, more: object = {}): object => ({
  Type: 'Task',
  Resource,
  Arguments,
  End: true,
  ...more,
});
const machine = (name: string, States: object): object => ({
  Type: 'AWS::StepFunctions::StateMachine',
  Properties: {
    StateMachineName: name,
    RoleArn: { 'Fn::GetAtt': ['MachineRole', 'Arn'] },
    DefinitionString: JSON.stringify({ QueryLanguage: 'JSONata', StartAt: 'Do', States }),
  },
});
const passInput = '{% $states.input %}';

beforeAll(async () => {
  cloud = await startLocalCloud();
  const bucketArn = { 'Fn::GetAtt': ['Bucket', 'Arn'] };
  const columns = [
    { Name: 'request_id', Type: 'string' },
    { Name: 'event_time', Type: 'timestamp' },
    { Name: 'features', Type: 'struct<temperature:double,pressure:double>' },
    { Name: 'score', Type: 'double' },
  ];
  const table = (name: string, folder: string, library: string): object => ({
    Type: 'AWS::Glue::Table',
    DependsOn: 'Database',
    Properties: {
      CatalogId: cloud.accountId,
      DatabaseName: 'lake',
      TableInput: {
        Name: name,
        TableType: 'EXTERNAL_TABLE',
        StorageDescriptor: {
          Columns: columns,
          Location: `s3://lake-bucket/${folder}/`,
          SerdeInfo: { SerializationLibrary: library },
        },
        PartitionKeys: [
          { Name: 'day', Type: 'string' },
          { Name: 'hour', Type: 'string' },
        ],
        Parameters: { 'projection.enabled': 'true' },
      },
    },
  });
  const parquet = 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe';
  names = await deploy(
    cloud,
    'services',
    {
      Bucket: {
        Type: 'AWS::S3::Bucket',
        Properties: {
          BucketName: 'lake-bucket',
          NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } },
        },
      },
      Queue: { Type: 'AWS::SQS::Queue' },
      OnReady: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: {
            source: ['aws.s3'],
            'detail-type': ['Object Created'],
            detail: { bucket: { name: ['lake-bucket'] }, object: { key: [{ suffix: '/_READY' }] } },
          },
          Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
        },
      },
      OnModel: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: { source: ['aws.sagemaker'] },
          Targets: [{ Id: 'queue', Arn: { 'Fn::GetAtt': ['Queue', 'Arn'] } }],
        },
      },
      FunctionRole: role('lambda.amazonaws.com', []),
      MachineRole: role('states.amazonaws.com', [{ Effect: 'Allow', Action: '*', Resource: '*' }]),
      Function: nodeFunction('FunctionRole', LAMBDA),
      Call: machine('call', {
        Do: task(
          'arn:aws:states:::lambda:invoke',
          { FunctionName: '{% $states.input.function %}', Payload: passInput },
          {
            Output: '{% $states.result.Payload %}',
            Catch: [
              { ErrorEquals: ['LockHeldError'], Next: 'Held', Output: '{% $states.errorOutput %}' },
              { ErrorEquals: ['States.ALL'], Next: 'Other' },
            ],
          },
        ),
        Held: { Type: 'Pass', Output: { held: passInput }, End: true },
        Other: { Type: 'Pass', Output: 'other', End: true },
      }),
      Wait: machine('wait', { Do: { Type: 'Wait', Seconds: 100, End: true } }),
      Train: machine('train', { Do: task('arn:aws:states:::sagemaker:createTrainingJob.sync', passInput) }),
      Query: machine('query', { Do: task('arn:aws:states:::athena:startQueryExecution.sync', passInput) }),
      Database: {
        Type: 'AWS::Glue::Database',
        Properties: { CatalogId: cloud.accountId, DatabaseInput: { Name: 'lake' } },
      },
      Log: table('log', 'log', parquet),
      Empty: table('empty', 'nothing', parquet),
      Labels: table('labels', 'labels', 'org.openx.data.jsonserde.JsonSerDe'),
      StreamRole: role('firehose.amazonaws.com', [
        { Effect: 'Allow', Action: ['s3:PutObject', 'glue:GetTableVersions'], Resource: '*' },
      ]),
      Stream: {
        Type: 'AWS::KinesisFirehose::DeliveryStream',
        DependsOn: 'Log',
        Properties: {
          DeliveryStreamName: 'log',
          ExtendedS3DestinationConfiguration: {
            BucketARN: bucketArn,
            RoleARN: { 'Fn::GetAtt': ['StreamRole', 'Arn'] },
            Prefix: 'log/day=!{partitionKeyFromQuery:day}/hour=!{partitionKeyFromQuery:hour}/',
            ErrorOutputPrefix: 'errors/!{firehose:error-output-type}/',
            DynamicPartitioningConfiguration: { Enabled: true },
            ProcessingConfiguration: {
              Enabled: true,
              Processors: [
                {
                  Type: 'RecordDeAggregation',
                  Parameters: [{ ParameterName: 'SubRecordType', ParameterValue: 'JSON' }],
                },
                {
                  Type: 'MetadataExtraction',
                  Parameters: [
                    {
                      ParameterName: 'MetadataExtractionQuery',
                      ParameterValue: '{day:.event_time[0:10],hour:.event_time[11:13]}',
                    },
                    { ParameterName: 'JsonParsingEngine', ParameterValue: 'JQ-1.6' },
                  ],
                },
              ],
            },
            DataFormatConversionConfiguration: {
              Enabled: true,
              InputFormatConfiguration: { Deserializer: { OpenXJsonSerDe: {} } },
              OutputFormatConfiguration: { Serializer: { ParquetSerDe: {} } },
              SchemaConfiguration: {
                DatabaseName: 'lake',
                TableName: 'log',
                RoleARN: { 'Fn::GetAtt': ['StreamRole', 'Arn'] },
              },
            },
          },
        },
      },
      Budget: {
        Type: 'AWS::Budgets::Budget',
        Properties: { Budget: { BudgetType: 'COST', TimeUnit: 'MONTHLY' } },
      },
      Slack: {
        Type: 'AWS::Chatbot::SlackChannelConfiguration',
        Properties: {
          ConfigurationName: 'on-call',
          IamRoleArn: { 'Fn::GetAtt': ['StreamRole', 'Arn'] },
          SlackChannelId: 'C0123ABCD',
          SlackWorkspaceId: 'T0123ABCD',
        },
      },
    },
    { Function: { 'Fn::GetAtt': ['Function', 'Arn'] }, Queue: { Ref: 'Queue' } },
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

const machineArn = (name: string): string => `arn:aws:states:${cloud.region}:${cloud.accountId}:stateMachine:${name}`;

async function run(name: string, input: object) {
  const client = new SFNClient(clientOf(cloud));
  const start = new StartExecutionCommand({ stateMachineArn: machineArn(name), input: JSON.stringify(input) });
  const { executionArn } = await client.send(start);
  return eventually(async () => {
    const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === 'RUNNING' ? undefined : execution;
  });
}

const output = (execution: { output?: string }): unknown => JSON.parse(execution.output ?? 'null');

async function received(matches: (body: Record<string, unknown>) => boolean): Promise<Record<string, unknown>> {
  const client = new SQSClient(clientOf(cloud));
  return eventually(async () => {
    const { Messages } = await client.send(
      new ReceiveMessageCommand({ QueueUrl: names.Queue, MaxNumberOfMessages: 10 }),
    );
    return (Messages ?? []).map(each => JSON.parse(each.Body ?? '{}') as Record<string, unknown>).find(matches);
  });
}

async function query(QueryString: string): Promise<(string | undefined)[][]> {
  const execution = await run('query', {
    QueryString,
    QueryExecutionContext: { Database: 'lake' },
    ResultConfiguration: { OutputLocation: 's3://lake-bucket/athena/' },
  });
  expect(execution.status).toBe('SUCCEEDED');
  const { QueryExecution } = output(execution) as { QueryExecution: { QueryExecutionId: string } };
  const client = new AthenaClient(clientOf(cloud));
  const answer = await client.send(new GetQueryResultsCommand({ QueryExecutionId: QueryExecution.QueryExecutionId }));
  return (answer.ResultSet?.Rows ?? []).slice(1).map(row => (row.Data ?? []).map(datum => datum.VarCharValue));
}

describe('Step Functions', () => {
  test('a function’s own error name is caught by it', async () => {
    const execution = await run('call', { function: names.Function, fail: true });
    const { held } = output(execution) as { held: { Error: string; Cause: string } };
    expect(held.Error).toBe('LockHeldError');
    expect(JSON.parse(held.Cause)).toMatchObject({ errorType: 'LockHeldError', errorMessage: 'held by another run' });
  });

  test('starting again with the name and input of a running execution answers with that one', async () => {
    const client = new SFNClient(clientOf(cloud));
    const start = (input: string) =>
      client.send(new StartExecutionCommand({ stateMachineArn: machineArn('wait'), name: 'same', input }));
    const first = await start('{"a":1}');
    const again = await start('{"a":1}');
    expect(again.executionArn).toBe(first.executionArn);
    await expect(start('{"a":2}')).rejects.toThrow('Execution already exists');
  });

  test('fails with AWS’s error name when SageMaker refuses a job', async () => {
    const execution = await run('train', { TrainingJobName: 'not a name' });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'SageMaker.AmazonSageMakerException' });
  });

  test('fails with the query’s state when a query fails', async () => {
    const execution = await run('query', {
      QueryString: 'SELECT nothing_of_this_name AS n FROM log',
      QueryExecutionContext: { Database: 'lake' },
      ResultConfiguration: { OutputLocation: 's3://lake-bucket/athena/' },
    });
    expect(execution).toMatchObject({ status: 'FAILED', error: 'States.TaskFailed' });
    expect(JSON.parse(execution.cause ?? '{}')).toMatchObject({ Status: { State: 'FAILED' } });
  });
});

describe('the lake', () => {
  test('many lines in one record are partitioned by their own time and read as typed columns', async () => {
    // GIVEN lines of two hours in one record
    const line = (hour: string, request_id: string, pressure: number | null): string =>
      `${JSON.stringify({ request_id, event_time: `2026-11-24 ${hour}:10:00.500`, features: { temperature: 1.5, pressure }, score: 0.5 })}\n`;
    const lines = [line('03', 'a', null), line('04', 'b', 2), line('03', 'c', 3)];
    // WHEN
    const firehose = new FirehoseClient(clientOf(cloud));
    await firehose.send(
      new PutRecordCommand({ DeliveryStreamName: 'log', Record: { Data: Buffer.from(lines.join('')) } }),
    );
    // the stream's buffering interval
    await cloud.clock.advance(300);
    const s3 = new S3Client(clientOf(cloud));
    await eventually(async () => {
      const { KeyCount } = await s3.send(
        new ListObjectsV2Command({ Bucket: 'lake-bucket', Prefix: 'log/day=2026-11-24/' }),
      );
      return KeyCount === 2 ? KeyCount : undefined;
    });
    // THEN
    const counted = await query(
      `SELECT hour, COUNT(*) AS n, SUM(CASE WHEN features.pressure IS NULL THEN 1 ELSE 0 END) AS missing FROM log
       WHERE day = '2026-11-24' AND event_time < TIMESTAMP '2026-11-24 05:00:00' GROUP BY hour ORDER BY hour`,
    );
    expect(counted).toEqual([
      ['03', '2', '1'],
      ['04', '1', '0'],
    ]);
  }, 30_000);

  test('an empty table has its columns, structs included', async () => {
    expect(await query('SELECT COUNT(features.temperature) AS n FROM empty')).toEqual([['0']]);
  });

  test('JSON lines have the table’s types, also where no line has the column', async () => {
    const s3 = new S3Client(clientOf(cloud));
    await s3.send(
      new PutObjectCommand({
        Bucket: 'lake-bucket',
        Key: 'labels/day=2026-11-24/hour=03/a.json',
        Body: '{"request_id":"a"}\n',
      }),
    );
    expect(await query('SELECT request_id, features.pressure AS p, typeof(score) AS t, day FROM labels')).toEqual([
      ['a', undefined, 'DOUBLE', '2026-11-24'],
    ]);
  });
});

describe('events', () => {
  test('a new object’s event reaches the rule that waits for it', async () => {
    const s3 = new S3Client(clientOf(cloud));
    await s3.send(new PutObjectCommand({ Bucket: 'lake-bucket', Key: 'rain/b1/_READY', Body: '{}' }));
    const event = await received(body => body.source === 'aws.s3');
    expect(event.detail).toMatchObject({ object: { key: 'rain/b1/_READY' } });
  });

  test('the local SageMaker’s events are delivered, and no others', async () => {
    const post = (Source: string): Promise<Response> =>
      fetch(`${cloud.endpoint}/_mlops/events`, {
        method: 'POST',
        body: JSON.stringify({ Entries: [{ Source, DetailType: 'State Change', Detail: '{"a":1}' }] }),
      });
    expect(await (await post('aws.sagemaker')).json()).toMatchObject({ FailedEntryCount: 0 });
    expect((await received(body => body.source === 'aws.sagemaker')).detail).toEqual({ a: 1 });
    const refused = await post('mine');
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("'Source' must begin with 'aws.'");
  });
});

describe('the clock', () => {
  test('a function sees the moved time', async () => {
    const { now: before } = await cloud.clock.state();
    await cloud.clock.advance(86_400);
    const seen = output(await run('call', { function: names.Function, now: true })) as { now: number; iso: string };
    expect(seen.now - before.getTime()).toBeGreaterThanOrEqual(86_400_000);
    expect(Date.parse(seen.iso) - seen.now).toBeLessThan(1000);
  });

  test.each([[-1], ['soon'], [1e12]])('fails to move by %p', async advanceSeconds => {
    const answer = await fetch(`${cloud.endpoint}/_mlops/clock`, {
      method: 'POST',
      body: JSON.stringify({ advanceSeconds }),
    });
    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("'advanceSeconds' must be a number");
  });
});

test('what is recorded only is listed', async () => {
  const answer = await (await fetch(`${cloud.endpoint}/_mlops/recorded`)).json();
  expect(answer).toEqual({
    resources: [
      expect.objectContaining({ stack: 'services', logicalId: 'Budget', type: 'AWS::Budgets::Budget' }),
      expect.objectContaining({ logicalId: 'Slack', reason: 'no chat is told' }),
    ],
  });
});
