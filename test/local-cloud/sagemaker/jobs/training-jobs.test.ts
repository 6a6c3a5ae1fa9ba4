import { existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  CreateTrainingJobCommand,
  type CreateTrainingJobCommandInput,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
  ListTagsCommand,
  ListTrainingJobsCommand,
  StopTrainingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { unpackArchive } from '../../../../local-cloud/sagemaker/aws/archive';
import { LocalTestCloud, refusal, ROLE, TRAINER } from '../local-test-cloud';

// containers are processes, which a busy machine starts slowly
jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(async () => {
  await cloud.start();
  cloud.aws.put('data/train/train.csv', 'a,b\n1,2\n');
  cloud.aws.put('data/train/more/part.csv', '3,4\n');
  cloud.aws.put('data/checkpoints/epoch-1', '1');
});
afterAll(() => cloud.stop());

function request(name: string, changed: Partial<CreateTrainingJobCommandInput> = {}): CreateTrainingJobCommandInput {
  return {
    TrainingJobName: name,
    RoleArn: ROLE,
    AlgorithmSpecification: {
      TrainingImage: TRAINER,
      TrainingInputMode: 'File',
      MetricDefinitions: [
        { Name: 'auc', Regex: 'auc=([0-9.]+)' },
        { Name: 'loss', Regex: 'loss=([0-9.e+-]+)' },
      ],
    },
    HyperParameters: { seed: '7' },
    InputDataConfig: [
      {
        ChannelName: 'train',
        ContentType: 'text/csv',
        DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/train' } },
      },
    ],
    OutputDataConfig: { S3OutputPath: 's3://artifacts/runs/1/training' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
    ...changed,
  };
}

async function ended(name: string): Promise<DescribeTrainingJobCommandOutput> {
  return cloud.until(
    () => cloud.client.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    ({ TrainingJobStatus: status }) => status !== 'InProgress' && status !== 'Stopping',
  );
}

async function inTraining(name: string): Promise<void> {
  await cloud.until(
    () => cloud.client.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    ({ SecondaryStatus: status }) => status === 'Training',
  );
}

test('a job trains, and its model, metrics and transitions can be read', async () => {
  // GIVEN
  process.env.SECRET_OF_PARENT = 'not for containers';

  // WHEN
  await cloud.client.send(
    new CreateTrainingJobCommand(
      request('complete', {
        Environment: { GREETING: 'hello', TRAINING_JOB_NAME: 'mine' },
        CheckpointConfig: { S3Uri: 's3://data/checkpoints' },
        Tags: [{ Key: 'team', Value: 'weather' }],
      }),
    ),
  );
  const job = await ended('complete');

  // THEN
  expect(job.FailureReason).toBeUndefined();
  expect(job).toMatchObject({
    TrainingJobStatus: 'Completed',
    SecondaryStatus: 'Completed',
    ModelArtifacts: { S3ModelArtifacts: 's3://artifacts/runs/1/training/complete/output/model.tar.gz' },
    HyperParameters: { seed: '7' },
    EnableManagedSpotTraining: false,
  });
  expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
    'Starting',
    'Downloading',
    'Training',
    'Uploading',
    'Completed',
  ]);
  expect(job.FinalMetricDataList?.map(({ MetricName, Value }) => [MetricName, Value])).toEqual([
    ['auc', 0.83],
    ['loss', 0.015],
  ]);
  expect(job.BillableTimeInSeconds).toBeGreaterThanOrEqual(1);
  const model = await modelOf('artifacts/runs/1/training/complete/output/model.tar.gz');
  expect(model).toMatchObject({
    hyperparameters: { seed: '7' },
    channels: { train: ['more', 'more/part.csv', 'train.csv'] },
    inputdataconfig: { train: { ContentType: 'text/csv', TrainingInputMode: 'File' } },
    resourceconfig: { current_host: 'algo-1', hosts: ['algo-1'] },
    environment: {
      AWS_ACCESS_KEY_ID: 'KEY-runner',
      AWS_REGION: 'us-east-1',
      TRAINING_JOB_NAME: 'complete',
      GREETING: 'hello',
      MLOPS_LOCAL_CLOCK_FILE: cloud.clockFile,
    },
    resumed: true,
  });
  expect((model.environment as Record<string, unknown>).SECRET_OF_PARENT).toBeUndefined();
  expect(cloud.aws.objects.has('artifacts/runs/1/training/complete/output/output.tar.gz')).toBe(true);
  expect(cloud.aws.objects.get('data/checkpoints/epoch-2')?.toString()).toBe('2');
  const tags = await cloud.client.send(new ListTagsCommand({ ResourceArn: String(job.TrainingJobArn) }));
  expect(tags.Tags).toEqual([{ Key: 'team', Value: 'weather' }]);
});

test('the same job gives the same bytes', async () => {
  // WHEN
  await cloud.client.send(
    new CreateTrainingJobCommand(request('same', { OutputDataConfig: { S3OutputPath: 's3://artifacts/a/' } })),
  );
  await ended('same');
  const first = cloud.aws.objects.get('artifacts/a/same/output/output.tar.gz');
  await cloud.client.send(
    new CreateTrainingJobCommand(request('again', { OutputDataConfig: { S3OutputPath: 's3://artifacts/a/' } })),
  );
  await ended('again');

  // THEN
  expect(cloud.aws.objects.get('artifacts/a/again/output/output.tar.gz')).toEqual(first);
});

test('state changes and log lines are told', async () => {
  // WHEN
  await cloud.client.send(new CreateTrainingJobCommand(request('told')));
  await ended('told');

  // THEN
  const told = await cloud.until(
    () => cloud.aws.told.events.filter(({ detail }) => detail.TrainingJobName === 'told'),
    events => events.some(({ detail }) => detail.TrainingJobStatus === 'Completed'),
  );
  expect(told[0]).toMatchObject({
    detailType: 'SageMaker Training Job State Change',
    resources: ['arn:aws:sagemaker:us-east-1:000000000000:training-job/told'],
    detail: { TrainingJobStatus: 'InProgress', SecondaryStatus: 'Starting', Tags: {} },
  });
  expect(typeof told[0]?.detail.CreationTime).toBe('number');
  expect(told.map(({ detail }) => detail.SecondaryStatus)).toEqual([
    'Starting',
    'Downloading',
    'Training',
    'Uploading',
    'Completed',
  ]);
  const lines = cloud.aws.told.logs.filter(({ stream }) => stream.startsWith('told/algo-1-'));
  expect(lines[0]).toMatchObject({ group: '/aws/sagemaker/TrainingJobs', message: 'auc=0.71' });
});

test('an entry point takes the place of the command of the image', async () => {
  // WHEN
  await cloud.client.send(
    new CreateTrainingJobCommand(
      request('entry', {
        AlgorithmSpecification: {
          TrainingImage: TRAINER,
          TrainingInputMode: 'File',
          ContainerEntrypoint: ['train'],
          ContainerArguments: ['/opt/ml/input'],
        },
      }),
    ),
  );
  await ended('entry');

  // THEN
  const model = await modelOf('artifacts/runs/1/training/entry/output/model.tar.gz');
  expect(model.args).toEqual([expect.stringMatching(/\/training-jobs\/.*\/entry\/input$/)]);
});

test('fails with what the algorithm has told', async () => {
  await cloud.client.send(new CreateTrainingJobCommand(request('failed', { HyperParameters: { fail: 'told' } })));
  const job = await ended('failed');
  expect(job).toMatchObject({
    TrainingJobStatus: 'Failed',
    SecondaryStatus: 'Failed',
    FailureReason: 'AlgorithmError: the label column is missing, exit code: 3',
  });
  expect(cloud.aws.objects.has('artifacts/runs/1/training/failed/output/model.tar.gz')).toBe(false);
});

test('fails with the last lines of an algorithm that has told nothing', async () => {
  await cloud.client.send(new CreateTrainingJobCommand(request('silent', { HyperParameters: { fail: 'silently' } })));
  const { FailureReason: reason } = await ended('silent');
  expect(reason).toMatch(/^AlgorithmError: [^]*Traceback: last line of the log, exit code: 3$/);
});

test('fails when nothing lies under a channel', async () => {
  const channel = {
    ChannelName: 'train',
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix' as const, S3Uri: 's3://data/nothing' } },
  };
  await cloud.client.send(new CreateTrainingJobCommand(request('empty', { InputDataConfig: [channel] })));
  const { FailureReason: reason } = await ended('empty');
  expect(reason).toContain('No S3 objects found under S3 URL "s3://data/nothing"');
});

test('fails for an unknown image and tells how to map it', async () => {
  const AlgorithmSpecification = { TrainingImage: 'somebody/else:2', TrainingInputMode: 'File' as const };
  await cloud.client.send(new CreateTrainingJobCommand(request('unmapped', { AlgorithmSpecification })));
  const { FailureReason: reason } = await ended('unmapped');
  expect(reason).toMatch(/image 'somebody\/else:2' has no local command. Add it to .*images.json/);
});

test('a stop ends the process and keeps what it has made', async () => {
  // GIVEN
  await cloud.client.send(new CreateTrainingJobCommand(request('stopped', { HyperParameters: { sleep: '60000' } })));
  await inTraining('stopped');

  // WHEN
  await cloud.client.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' }));
  const job = await ended('stopped');

  // THEN
  expect(job).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'Stopped' });
  expect(cloud.aws.objects.has('artifacts/runs/1/training/stopped/output/model.tar.gz')).toBe(true);
  const again = await refusal(cloud.client.send(new StopTrainingJobCommand({ TrainingJobName: 'stopped' })));
  expect(again).toMatchObject({
    name: 'ValidationException',
    message: 'The request was rejected because the training job is in status Stopped.',
  });
});

test('a process that ignores the stop is killed', async () => {
  await cloud.client.send(
    new CreateTrainingJobCommand(request('stubborn', { HyperParameters: { sleep: '60000', ignoreStop: '1' } })),
  );
  // its first line after the handler is set
  const log = join(cloud.folder, 'work', 'logs', 'training-jobs', 'stubborn.log');
  await cloud.until(
    () => (existsSync(log) ? readFileSync(log, 'utf8') : ''),
    text => text.includes('sleeping'),
  );
  await cloud.client.send(new StopTrainingJobCommand({ TrainingJobName: 'stubborn' }));
  expect((await ended('stubborn')).TrainingJobStatus).toBe('Stopped');
  expect(readFileSync(log, 'utf8')).toContain('not now');
});

test('a job is stopped when its time by the shifted clock is up', async () => {
  // GIVEN
  await cloud.client.send(new CreateTrainingJobCommand(request('slow', { HyperParameters: { sleep: '60000' } })));
  await inTraining('slow');

  // WHEN
  cloud.advance(601);

  // THEN
  expect(await ended('slow')).toMatchObject({ TrainingJobStatus: 'Stopped', SecondaryStatus: 'MaxRuntimeExceeded' });
});

test('fails to take a name twice', async () => {
  await cloud.client.send(new CreateTrainingJobCommand(request('twice')));
  expect(await refusal(cloud.client.send(new CreateTrainingJobCommand(request('twice'))))).toMatchObject({
    name: 'ResourceInUse',
    status: 400,
    message: expect.stringContaining('a training job with this name already exists (arn:aws:sagemaker') as string,
  });
  await ended('twice');
});

test('fails for a role that may not be assumed', async () => {
  const RoleArn = 'arn:aws:iam::000000000000:role/nobody';
  cloud.aws.unknownRoles.add(RoleArn);
  expect(await refusal(cloud.client.send(new CreateTrainingJobCommand(request('role', { RoleArn }))))).toMatchObject({
    name: 'ValidationException',
    message: expect.stringMatching(/^Could not assume role arn:aws:iam::000000000000:role\/nobody/) as string,
  });
});

test.each([
  [
    'a missing job',
    new DescribeTrainingJobCommand({ TrainingJobName: 'none' }),
    'ValidationException',
    'Requested resource not found.',
  ],
  [
    'a field that is not implemented',
    new CreateTrainingJobCommand(request('spot', { RetryStrategy: { MaximumRetryAttempts: 2 } })),
    'NotImplemented',
    "not implemented by the local SageMaker: field 'RetryStrategy' of 'CreateTrainingJob'; leave it out",
  ],
  [
    'a value that is not implemented',
    new CreateTrainingJobCommand(request('spot', { EnableManagedSpotTraining: true })),
    'NotImplemented',
    "not implemented by the local SageMaker: value 'true' of field 'EnableManagedSpotTraining' of 'CreateTrainingJob'; allowed: 'false'",
  ],
])('fails for %s', async (_what, command, name, message) => {
  expect(await refusal(cloud.client.send(command as DescribeTrainingJobCommand))).toMatchObject({ name, message });
});

test('lists by pages, filters and order', async () => {
  // GIVEN
  for (const name of ['list-a', 'list-b', 'list-c']) {
    await cloud.client.send(new CreateTrainingJobCommand(request(name)));
    await ended(name);
  }
  const page = (NextToken?: string): Promise<{ names: unknown[]; next?: string }> =>
    cloud.client
      .send(
        new ListTrainingJobsCommand({
          NameContains: 'list-',
          SortBy: 'Name',
          SortOrder: 'Descending',
          MaxResults: 2,
          StatusEquals: 'Completed',
          ...(NextToken !== undefined && { NextToken }),
        }),
      )
      .then(({ TrainingJobSummaries: jobs, NextToken: next }) => ({
        names: (jobs ?? []).map(({ TrainingJobName }) => TrainingJobName),
        ...(next !== undefined && { next }),
      }));

  // WHEN
  const first = await page();
  const second = await page(first.next);

  // THEN
  expect(first.names).toEqual(['list-c', 'list-b']);
  expect(second).toEqual({ names: ['list-a'] });
});

async function modelOf(key: string): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(cloud.folder, 'unpacked-'));
  const archive = join(folder, 'model.tar.gz');
  writeFileSync(archive, cloud.aws.objects.get(key) ?? '');
  await unpackArchive(archive, folder);
  return JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8')) as Record<string, unknown>;
}
