import { CloudWatchClient, PutMetricAlarmCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually, nodeFunction, role } from './stack';

const HOUR = 3600;
const DAY = 24 * HOUR;
const PERIOD = 300;

let cloud: LocalCloud;
let names: Record<string, string>;

// Tells what it is told of, and when by its own clock; fails where it is asked to.
const WITNESS = `
exports.handler = async event => {
  const at = new Date().toISOString();
  const seen = what => console.log('WITNESS ' + JSON.stringify({ at, what }));
  for (const record of event.Records ?? []) {
    if (record.eventSource === 'aws:dynamodb' && record.eventName !== 'INSERT')
      seen(record.eventName + ' by ' + record.userIdentity?.principalId);
    if (record.eventSource === 'aws:sqs') seen(record.body);
  }
  if (event.alarmData) seen('alarm ' + event.alarmData.alarmName + ' ' + event.alarmData.state.value);
  const key = event.detail?.object?.key;
  let told = event;
  if (event.Records?.[0].Sns) told = JSON.parse(event.Records[0].Sns.Message);
  else if (key) told = key === 'failing' ? { what: 'attempt of the rule', fail: true } : { what: 'delivered' };
  if (told.what) seen(told.what);
  if (told.fail) throw new Error('as it was asked to');
};`;

beforeAll(async () => {
  cloud = await startLocalCloud();
  const arnOf = (name: string): object => ({ 'Fn::GetAtt': [name, 'Arn'] });
  const allow = (...actions: string[]): object[] => [{ Effect: 'Allow', Action: actions, Resource: '*' }];
  const invokedBy = (service: string): object => ({
    Type: 'AWS::Lambda::Permission',
    Properties: { Action: 'lambda:InvokeFunction', FunctionName: { Ref: 'Witness' }, Principal: service },
  });
  names = await deploy(
    cloud,
    'clock',
    {
      WitnessRole: role(
        'lambda.amazonaws.com',
        allow('logs:*', 'sqs:*', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator', 'dynamodb:DescribeStream'),
      ),
      Witness: nodeFunction('WitnessRole', WITNESS),
      ByAlarms: invokedBy('lambda.alarms.cloudwatch.amazonaws.com'),
      ByRules: invokedBy('events.amazonaws.com'),
      ByTopics: invokedBy('sns.amazonaws.com'),
      Topic: { Type: 'AWS::SNS::Topic' },
      OfTopic: {
        Type: 'AWS::SNS::Subscription',
        Properties: { TopicArn: { Ref: 'Topic' }, Protocol: 'lambda', Endpoint: arnOf('Witness') },
      },
      SchedulerRole: role('scheduler.amazonaws.com', allow('lambda:InvokeFunction')),
      Schedule: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          FlexibleTimeWindow: { Mode: 'OFF' },
          ScheduleExpression: 'cron(30 * * * ? *)',
          Target: { Arn: arnOf('Witness'), RoleArn: arnOf('SchedulerRole'), Input: '{"what":"schedule"}' },
        },
      },
      Table: {
        Type: 'AWS::DynamoDB::Table',
        Properties: {
          AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
          KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
          BillingMode: 'PAY_PER_REQUEST',
          TimeToLiveSpecification: { AttributeName: 'expires', Enabled: true },
          StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
        },
      },
      OfTable: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Table', 'StreamArn'] },
          FunctionName: { Ref: 'Witness' },
          StartingPosition: 'TRIM_HORIZON',
        },
      },
      Queue: { Type: 'AWS::SQS::Queue', Properties: { VisibilityTimeout: 60 } },
      OfQueue: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: { EventSourceArn: arnOf('Queue'), FunctionName: { Ref: 'Witness' } },
      },
      MachineRole: role('states.amazonaws.com', allow('lambda:InvokeFunction', 'cloudwatch:PutMetricData')),
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          RoleArn: arnOf('MachineRole'),
          DefinitionString: {
            'Fn::Sub': JSON.stringify({
              QueryLanguage: 'JSONata',
              StartAt: 'Wait',
              States: {
                Wait: { Type: 'Wait', Seconds: 5 * HOUR, Next: 'Measure' },
                // What an alarm sees need not be there when the move begins.
                Measure: {
                  Type: 'Task',
                  Resource: 'arn:aws:states:::aws-sdk:cloudwatch:putMetricData',
                  Arguments: { Namespace: 'Day', MetricData: [{ MetricName: 'Late', Value: 1 }] },
                  Next: 'Tell',
                },
                Tell: {
                  Type: 'Task',
                  Resource: 'arn:aws:states:::lambda:invoke',
                  Arguments: { FunctionName: '${Witness}', Payload: { what: 'wait is over' } },
                  End: true,
                },
              },
            }),
          },
        },
      },
      Bucket: {
        Type: 'AWS::S3::Bucket',
        Properties: { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } },
      },
      OnDelivery: {
        Type: 'AWS::Events::Rule',
        Properties: {
          EventPattern: { source: ['aws.s3'], 'detail-type': ['Object Created'] },
          Targets: [{ Id: 'witness', Arn: arnOf('Witness') }],
        },
      },
      DeliveryRole: role('firehose.amazonaws.com', allow('s3:PutObject')),
      Delivery: {
        Type: 'AWS::KinesisFirehose::DeliveryStream',
        Properties: {
          ExtendedS3DestinationConfiguration: {
            BucketARN: arnOf('Bucket'),
            RoleARN: arnOf('DeliveryRole'),
            BufferingHints: { SizeInMBs: 5, IntervalInSeconds: 900 },
          },
        },
      },
    },
    {
      Witness: { Ref: 'Witness' },
      WitnessArn: arnOf('Witness'),
      Table: { Ref: 'Table' },
      Queue: { Ref: 'Queue' },
      Topic: { Ref: 'Topic' },
      Bucket: { Ref: 'Bucket' },
      Machine: { Ref: 'Machine' },
      Delivery: { Ref: 'Delivery' },
    },
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
});

interface Seen {
  readonly what: string;
  readonly at: number;
}

/** What the witness has seen, in the order of time. */
async function testimony(): Promise<Seen[]> {
  const logs = new CloudWatchLogsClient(clientOf(cloud));
  const { events = [] } = await logs.send(
    new FilterLogEventsCommand({ logGroupName: `/aws/lambda/${names.Witness ?? ''}`, limit: 10_000 }),
  );
  return events.flatMap(({ message = '' }) =>
    [...message.matchAll(/WITNESS (\{.*?\})/g)].map(([, told = '']) => {
      const { what, at } = JSON.parse(told) as { what: string; at: string };
      return { what, at: Date.parse(at) };
    }),
  );
}

test('a day of life, in order, nothing skipped', async () => {
  // GIVEN everything that waits, begun well within a minute so that real seconds cross none of its ends
  const client = clientOf(cloud);
  await cloud.clock.advance(80 - (((await cloud.clock.now()).getTime() / 1000) % 60));
  const begin = (await cloud.clock.now()).getTime();
  const inSeconds = (seconds: number): number => begin + seconds * 1000;
  const failing = (what: string): string => JSON.stringify({ what, fail: true });
  const cloudwatch = new CloudWatchClient(client);
  const alarm = (MetricName: string): PutMetricAlarmCommand =>
    new PutMetricAlarmCommand({
      AlarmName: MetricName,
      Namespace: 'Day',
      MetricName,
      Statistic: 'Maximum',
      Period: PERIOD,
      EvaluationPeriods: 1,
      Threshold: 0,
      ComparisonOperator: 'GreaterThanThreshold',
      TreatMissingData: 'notBreaching',
      AlarmActions: [names.WitnessArn ?? ''],
      OKActions: [names.WitnessArn ?? ''],
    });
  await cloudwatch.send(alarm('Known'));
  await cloudwatch.send(alarm('Late'));
  await cloudwatch.send(
    new PutMetricDataCommand({
      Namespace: 'Day',
      MetricData: [{ MetricName: 'Known', Value: 1, Timestamp: new Date(inSeconds(HOUR)) }],
    }),
  );
  const dynamodb = new DynamoDBClient(client);
  const expires = Math.floor(begin / 1000) + 3 * HOUR;
  await dynamodb.send(
    new PutItemCommand({ TableName: names.Table, Item: { id: { S: 'gone' }, expires: { N: String(expires) } } }),
  );
  await dynamodb.send(
    new PutItemCommand({
      TableName: names.Table,
      Item: { id: { S: 'kept' }, expires: { N: String(expires + 2 * DAY) } },
    }),
  );
  await new SQSClient(client).send(
    new SendMessageCommand({ QueueUrl: names.Queue, MessageBody: 'delayed message', DelaySeconds: 600 }),
  );
  await new SFNClient(client).send(new StartExecutionCommand({ stateMachineArn: names.Machine }));
  await new FirehoseClient(client).send(
    new PutRecordCommand({ DeliveryStreamName: names.Delivery, Record: { Data: Buffer.from('a record\n') } }),
  );
  await new LambdaClient(client).send(
    new InvokeCommand({
      FunctionName: names.Witness,
      InvocationType: 'Event',
      Payload: failing('attempt'),
    }),
  );
  await new S3Client({ ...client, forcePathStyle: true }).send(
    new PutObjectCommand({ Bucket: names.Bucket, Key: 'failing', Body: 'x' }),
  );
  await new SNSClient(client).send(
    new PublishCommand({ TopicArn: names.Topic, Message: failing('attempt of the topic') }),
  );
  // the alarms are evaluated in the background: a quick machine could move the clock before their first evaluation
  const begun = (seen: Seen[]): boolean =>
    seen.filter(({ what }) => what.startsWith('attempt')).length === 3 &&
    ['alarm Known OK', 'alarm Late OK'].every(first => seen.some(({ what }) => what === first));
  await eventually(async () => (begun(await testimony()) ? true : undefined));

  // WHEN a day passes at once
  await cloud.clock.advance(DAY);

  // THEN each came at its own time, and so in the order of time
  const seen = await testimony();
  const times = (what: string): number[] => seen.filter(one => one.what === what).map(({ at }) => at);
  const near = (what: string, ...seconds: number[]): void => {
    const late = times(what).map((at, i) => (at - inSeconds(seconds[i] ?? NaN)) / 1000);
    // what this test does before the move takes real time, as does what is started on the way
    expect({ what, late, onTime: late.map(by => by > -1 && by < 10) }).toEqual({
      what,
      late,
      onTime: seconds.map(() => true),
    });
  };
  const nextMinute = (seconds: number): number => (Math.ceil(inSeconds(seconds) / 60_000) * 60_000 - begin) / 1000;
  for (const attempt of ['attempt', 'attempt of the rule', 'attempt of the topic']) {
    near(attempt, 0, 60, 60 + 120);
  }
  near('delayed message', 600);
  near('delivered', 900);
  near('REMOVE by dynamodb.amazonaws.com', 3 * HOUR);
  near('wait is over', 5 * HOUR);
  near('alarm Known ALARM', nextMinute(HOUR));
  near('alarm Late ALARM', nextMinute(5 * HOUR));
  // when the datum has left the three periods that are looked at
  near('alarm Known OK', 0, nextMinute(HOUR) + 3 * PERIOD);
  near('alarm Late OK', 0, nextMinute(5 * HOUR) + 3 * PERIOD);
  const scheduled = times('schedule');
  expect(scheduled).toHaveLength(24);
  // told in the seconds after each half hour
  expect(scheduled.map(at => Math.floor(((at / 1000 - HOUR / 2) % HOUR) / 10))).toEqual(scheduled.map(() => 0));
  // AND what is not due is there still
  const { Item } = await dynamodb.send(new GetItemCommand({ TableName: names.Table, Key: { id: { S: 'kept' } } }));
  expect(Item?.id).toEqual({ S: 'kept' });
}, 60_000);
