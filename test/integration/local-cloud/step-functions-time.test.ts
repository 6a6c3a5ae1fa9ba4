import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AthenaClient, GetQueryExecutionCommand, ListQueryExecutionsCommand } from '@aws-sdk/client-athena';
import { DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  CreateActivityCommand,
  GetActivityTaskCommand,
  type HistoryEvent,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  StopExecutionCommand,
} from '@aws-sdk/client-sfn';
import { DeleteMessageCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, eventually, nodeFunction, role } from './stack';
import { StateMachines, task } from './state-machines';

const IMAGE = '000000000000.dkr.ecr.us-east-1.amazonaws.com/sleeper:1';
const FUNCTION = `
class TooEarlyError extends Error { constructor() { super('not yet'); this.name = 'TooEarlyError'; } }
exports.handler = async event => {
  if (event.fail) throw new TooEarlyError();
  return Date.now();
};`;

let folder: string;
let cloud: LocalCloud;
let machines: StateMachines;
let names: Record<string, string>;
let sagemaker: SageMakerClient;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlops-step-functions-'));
  const images = join(folder, 'images.json');
  writeFileSync(images, JSON.stringify({ sleeper: { command: ['sh', '-c', 'sleep 600'] } }));
  process.env.MLOPS_LOCAL_IMAGES = images;
  cloud = await startLocalCloud();
  delete process.env.MLOPS_LOCAL_IMAGES;
  machines = new StateMachines(cloud);
  sagemaker = new SageMakerClient(clientOf(cloud));
  const allowAll = [{ Effect: 'Allow', Action: '*', Resource: '*' }];
  const attribute = (id: string): object => ({ 'Fn::GetAtt': [id, 'Arn'] });
  names = await deploy(
    cloud,
    'machines',
    {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'results' } },
      Queue: { Type: 'AWS::SQS::Queue' },
      Machine: role('states.amazonaws.com', allowAll),
      Job: role('sagemaker.amazonaws.com', allowAll),
      FunctionRole: role('lambda.amazonaws.com', []),
      Function: nodeFunction('FunctionRole', FUNCTION),
    },
    { Machine: attribute('Machine'), Job: attribute('Job'), Function: attribute('Function'), Queue: { Ref: 'Queue' } },
  );
}, 60_000);

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

const wait = (Seconds: unknown, Next: string): object => ({ Type: 'Wait', Seconds, Next });
const seen = (more: object): object => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Arguments: { FunctionName: names.Function, Payload: {} },
  Output: '{% $append($states.input.seen, $states.result.Payload) %}',
  ...more,
});
const training = (name: string, more: object = {}): object =>
  task(
    'sagemaker:createTrainingJob.sync',
    {
      TrainingJobName: name,
      RoleArn: names.Job,
      AlgorithmSpecification: { TrainingImage: IMAGE, TrainingInputMode: 'File' },
      OutputDataConfig: { S3OutputPath: 's3://results/x' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
      StoppingCondition: { MaxRuntimeInSeconds: 86_400 },
    },
    more,
  );
const callback = (more: object): object =>
  task(
    'sqs:sendMessage.waitForTaskToken',
    { QueueUrl: names.Queue, MessageBody: { token: '{% $states.context.Task.Token %}' } },
    more,
  );

const start = async (States: Record<string, object>, more: object = {}): Promise<string> =>
  machines.start(await machines.create(names.Machine, States, more));
const secondsBetween = (earlier: HistoryEvent | undefined, later: HistoryEvent | undefined): number =>
  ((later?.timestamp?.getTime() ?? 0) - (earlier?.timestamp?.getTime() ?? 0)) / 1000;
const statusOf = async (TrainingJobName: string) =>
  (await sagemaker.send(new DescribeTrainingJobCommand({ TrainingJobName }))).TrainingJobStatus;
const stopped = (name: string) => eventually(async () => ((await statusOf(name)) === 'Stopped' ? true : undefined));

async function token(): Promise<string> {
  const client = new SQSClient(clientOf(cloud));
  return eventually(async () => {
    const { Messages } = await client.send(new ReceiveMessageCommand({ QueueUrl: names.Queue }));
    const [message] = Messages ?? [];
    if (message === undefined) {
      return undefined;
    }
    // the clock moves beyond the time for which a message stays hidden
    await client.send(new DeleteMessageCommand({ QueueUrl: names.Queue, ReceiptHandle: message.ReceiptHandle }));
    return (JSON.parse(message.Body ?? '{}') as { token: string }).token;
  });
}

describe('waiting', () => {
  test('takes its seconds when nobody moves the clock', async () => {
    const execution = await start({ Wait: { Type: 'Wait', Seconds: 1, End: true } });
    await machines.ended(execution);
    const events = await machines.history(execution);
    const at = (type: string) => events.find(event => event.type === type);
    expect(secondsBetween(at('WaitStateEntered'), at('WaitStateExited'))).toBeGreaterThanOrEqual(0.999);
  });

  test.each([
    ['seconds', { Seconds: 3600 }],
    ['an expression', { Seconds: '{% $states.input.seconds %}' }],
    ['a path', { QueryLanguage: 'JSONPath', SecondsPath: '$.seconds' }],
    ['a time', { Timestamp: '{% $fromMillis($toMillis($states.context.Execution.StartTime) + 3600000) %}' }],
  ])('ends by the clock: %s', async (_, time) => {
    // GIVEN
    const machine = await machines.create(names.Machine, { Wait: { Type: 'Wait', ...time, End: true } });
    const execution = await machines.start(machine, { seconds: 3600 });
    await machines.history(execution, 'WaitStateEntered');
    // WHEN, THEN
    await cloud.clock.advance(3500);
    expect((await machines.describe(execution)).status).toBe('RUNNING');
    await cloud.clock.advance(200);
    expect((await machines.ended(execution)).status).toBe('SUCCEEDED');
  });

  test('one move goes through every wait in its order, in branches too', async () => {
    // GIVEN a branch that looks at the time after 10 and 20 minutes, and one that does so after 15
    const branch = (States: Record<string, object>): object => ({ StartAt: Object.keys(States)[0], States });
    const begun = { Type: 'Pass', Output: { seen: [] }, Next: 'Both' };
    const execution = await start({
      Begin: begun,
      Both: {
        Type: 'Parallel',
        Branches: [
          branch({
            First: wait(600, 'Look'),
            Look: seen({ Output: '{% {"seen": [$states.result.Payload]} %}', Next: 'Second' }),
            Second: wait(600, 'Again'),
            Again: seen({ End: true }),
          }),
          branch({ Between: wait(900, 'Look2'), Look2: seen({ End: true }) }),
        ],
        End: true,
      },
    });
    await machines.history(execution, 'ParallelStateEntered');
    const [started] = await machines.history(execution);
    // WHEN
    await cloud.clock.advance(3600);
    // THEN
    const { output } = await machines.ended(execution);
    const minutes = (JSON.parse(output ?? '[]') as (number | number[])[])
      .flat()
      .map(time => Math.floor((time - (started?.timestamp?.getTime() ?? 0)) / 60_000));
    expect(minutes).toEqual([10, 20, 15]);
  });

  test('a retry waits longer each time, up to its limit', async () => {
    const retry = { ErrorEquals: ['TooEarlyError'], IntervalSeconds: 100, MaxDelaySeconds: 150, MaxAttempts: 3 };
    const execution = await start({
      Do: task('lambda:invoke', { FunctionName: names.Function, Payload: { fail: true } }, { Retry: [retry] }),
    });
    await machines.history(execution, 'TaskFailed');
    await cloud.clock.advance(3600);
    expect(await machines.ended(execution)).toMatchObject({ status: 'FAILED', error: 'TooEarlyError' });
    const failures = (await machines.history(execution)).filter(event => event.type === 'TaskFailed');
    const gaps = failures.slice(1).map((event, index) => Math.floor(secondsBetween(failures[index], event) / 10) * 10);
    expect(gaps).toEqual([100, 150, 150]);
    expect(failures[0]?.taskFailedEventDetails).toMatchObject({
      resourceType: 'lambda',
      resource: 'invoke',
      error: 'TooEarlyError',
      cause: expect.stringContaining('not yet') as string,
    });
  });
});

describe('what takes too long', () => {
  test('a job that outlasts its state is stopped, and the state can catch that', async () => {
    // GIVEN
    const execution = await start({
      Do: training('late', {
        TimeoutSeconds: 600,
        End: undefined,
        Next: 'Late',
        Catch: [{ ErrorEquals: ['States.Timeout'], Next: 'Caught', Output: '{% $states.errorOutput.Error %}' }],
      }),
      Late: { Type: 'Fail' },
      Caught: { Type: 'Pass', End: true },
    });
    await machines.history(execution, 'TaskSubmitted');
    // WHEN
    await cloud.clock.advance(700);
    // THEN
    expect(await machines.ended(execution)).toMatchObject({ status: 'SUCCEEDED', output: '"States.Timeout"' });
    await stopped('late');
    expect((await machines.course(execution)).slice(1, 6)).toEqual([
      'TaskStateEntered',
      'TaskScheduled',
      'TaskStarted',
      'TaskSubmitted',
      'TaskTimedOut',
    ]);
  });

  test('an execution that outlasts its machine’s time is timed out, and its job stopped', async () => {
    // GIVEN
    const execution = await start({ Do: training('endless') }, { TimeoutSeconds: 600 });
    await machines.history(execution, 'TaskSubmitted');
    // WHEN
    await cloud.clock.advance(700);
    // THEN
    expect(await machines.ended(execution)).toMatchObject({ status: 'TIMED_OUT', error: 'States.Timeout' });
    await stopped('endless');
    expect((await machines.course(execution)).slice(-2)).toEqual(['TaskStateAborted', 'ExecutionTimedOut']);
  });

  test('a callback must come in time, and heartbeats keep it', async () => {
    // GIVEN
    const execution = await start({ Do: callback({ HeartbeatSeconds: 300 }) });
    const taskToken = await token();
    // WHEN a heartbeat comes and then none
    await cloud.clock.advance(200);
    await machines.client.send(new SendTaskHeartbeatCommand({ taskToken }));
    await cloud.clock.advance(200);
    expect((await machines.describe(execution)).status).toBe('RUNNING');
    await cloud.clock.advance(200);
    // THEN
    expect(await machines.ended(execution)).toMatchObject({ status: 'FAILED', error: 'States.HeartbeatTimeout' });
    expect((await machines.course(execution)).slice(-2)).toEqual(['TaskTimedOut', 'ExecutionFailed']);
    const late = new SendTaskSuccessCommand({ taskToken, output: '1' });
    await expect(machines.client.send(late)).rejects.toThrow('Provided task does not exist anymore');
  });

  test('a callback that comes in time is the state’s result', async () => {
    const execution = await start({ Do: callback({ TimeoutSeconds: 300 }) });
    await machines.client.send(new SendTaskSuccessCommand({ taskToken: await token(), output: '{"a":1}' }));
    const { output } = await machines.ended(execution);
    expect(JSON.parse(output ?? '')).toEqual({ a: 1 });
  });

  test('the time of an activity begins when a worker takes it', async () => {
    // GIVEN
    const { activityArn = '' } = await machines.client.send(new CreateActivityCommand({ name: 'by-hand' }));
    const execution = await start({ Do: task(activityArn, { a: 1 }, { TimeoutSeconds: 300 }) });
    await machines.history(execution, 'ActivityScheduled');
    await cloud.clock.advance(1000);
    // WHEN
    const { input } = await machines.client.send(new GetActivityTaskCommand({ activityArn }));
    expect(JSON.parse(input ?? '')).toEqual({ a: 1 });
    await machines.history(execution, 'ActivityStarted');
    await cloud.clock.advance(400);
    // THEN
    expect(await machines.ended(execution)).toMatchObject({ status: 'FAILED', error: 'States.Timeout' });
    expect((await machines.course(execution)).slice(-4)).toEqual([
      'ActivityScheduled',
      'ActivityStarted',
      'ActivityTimedOut',
      'ExecutionFailed',
    ]);
  });
});

describe('what is stopped', () => {
  const stop = (executionArn: string) =>
    machines.client.send(new StopExecutionCommand({ executionArn, error: 'Enough', cause: 'by hand' }));

  test('takes its job with it, from a child execution too', async () => {
    // GIVEN
    const child = await machines.create(names.Machine, { Do: training('of-a-child') });
    const execution = await start({ Do: task('states:startExecution.sync:2', { StateMachineArn: child }) });
    await machines.history(execution, 'TaskSubmitted');
    await eventually(async () => statusOf('of-a-child').catch(() => undefined));
    // WHEN
    await stop(execution);
    // THEN
    expect(await machines.ended(execution)).toMatchObject({ status: 'ABORTED', error: 'Enough', cause: 'by hand' });
    await stopped('of-a-child');
    expect((await machines.course(execution)).slice(-2)).toEqual(['TaskStateAborted', 'ExecutionAborted']);
  });

  test('is what runs beside a branch that fails', async () => {
    // GIVEN
    const execution = await start({
      Both: {
        Type: 'Parallel',
        Branches: [
          { StartAt: 'Job', States: { Job: training('beside') } },
          {
            StartAt: 'Soon',
            States: { Soon: wait(600, 'Break'), Break: { Type: 'Fail', Error: 'Broken', Cause: 'by itself' } },
          },
        ],
        End: true,
      },
    });
    await machines.history(execution, 'TaskSubmitted');
    // WHEN
    await cloud.clock.advance(700);
    // THEN
    expect(await machines.ended(execution)).toMatchObject({ status: 'FAILED', error: 'Broken', cause: 'by itself' });
    await stopped('beside');
  });

  test('takes its query with it', async () => {
    // GIVEN a query that would run for long
    const athena = new AthenaClient(clientOf(cloud));
    const execution = await start({
      Do: task('athena:startQueryExecution.sync', {
        QueryString:
          'SELECT COUNT(*) AS n FROM range(100000) AS a CROSS JOIN range(60000) AS b WHERE a.range <> b.range',
        ResultConfiguration: { OutputLocation: 's3://results/athena/' },
      }),
    });
    await machines.history(execution, 'TaskSubmitted');
    const { QueryExecutionIds } = await athena.send(new ListQueryExecutionsCommand({}));
    // WHEN
    await stop(execution);
    // THEN
    await eventually(async () => {
      const query = new GetQueryExecutionCommand({ QueryExecutionId: QueryExecutionIds?.[0] });
      const { QueryExecution } = await athena.send(query);
      return QueryExecution?.Status?.State === 'CANCELLED' ? true : undefined;
    });
  });
});

describe('names', () => {
  test('a name is used up for 90 days after the end, and the same start of a running one is that one', async () => {
    // GIVEN
    const machine = await machines.create(names.Machine, { Wait: { Type: 'Wait', Seconds: 3600, End: true } });
    const first = await machines.start(machine, { a: 1 }, 'once');
    expect(await machines.start(machine, { a: 1 }, 'once')).toBe(first);
    await expect(machines.start(machine, { a: 2 }, 'once')).rejects.toThrow('Execution already exists');
    // WHEN it has ended
    await machines.history(first, 'WaitStateEntered');
    await cloud.clock.advance(3700);
    await machines.ended(first);
    // THEN
    await expect(machines.start(machine, { a: 1 }, 'once')).rejects.toThrow('Execution already exists');
    await cloud.clock.advance(90 * 86_400);
    expect(await machines.start(machine, { a: 1 }, 'once')).toBe(first);
    expect((await machines.describe(first)).status).toBe('RUNNING');
  });
});
