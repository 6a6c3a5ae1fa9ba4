import {
  CreateProcessingJobCommand,
  type CreateProcessingJobCommandInput,
  DescribeProcessingJobCommand,
  type DescribeProcessingJobCommandOutput,
  ListProcessingJobsCommand,
  StopProcessingJobCommand,
} from '@aws-sdk/client-sagemaker';
import { LocalTestCloud, refusal, ROLE, TRAINER } from '../local-test-cloud';

// containers are processes, which a busy machine starts slowly
jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(async () => {
  await cloud.start();
  cloud.aws.put('data/snapshot/holdout.csv', 'a,b\n1,2\n');
});
afterAll(() => cloud.stop());

function request(name: string, args: string[] = []): CreateProcessingJobCommandInput {
  return {
    ProcessingJobName: name,
    RoleArn: ROLE,
    AppSpecification: {
      ImageUri: TRAINER,
      ContainerEntrypoint: ['evaluate'],
      ...(args.length > 0 && { ContainerArguments: args }),
    },
    ProcessingInputs: [
      {
        InputName: 'holdout',
        S3Input: {
          S3Uri: 's3://data/snapshot/holdout.csv',
          LocalPath: '/opt/ml/processing/input/holdout',
          S3DataType: 'S3Prefix',
          S3InputMode: 'File',
        },
      },
    ],
    ProcessingOutputConfig: {
      Outputs: [
        {
          OutputName: 'evaluation',
          S3Output: {
            S3Uri: 's3://artifacts/evaluation',
            LocalPath: '/opt/ml/processing/output',
            S3UploadMode: 'EndOfJob',
          },
        },
      ],
    },
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 5 } },
    StoppingCondition: { MaxRuntimeInSeconds: 600 },
  };
}

async function ended(name: string): Promise<DescribeProcessingJobCommandOutput> {
  return cloud.until(
    () => cloud.client.send(new DescribeProcessingJobCommand({ ProcessingJobName: name })),
    ({ ProcessingJobStatus: status }) => status !== 'InProgress' && status !== 'Stopping',
  );
}

test('a job reads its inputs and its outputs reach S3', async () => {
  // WHEN
  await cloud.client.send(new CreateProcessingJobCommand(request('evaluate', ['--name', 'rain'])));
  const job = await ended('evaluate');

  // THEN
  expect(job).toMatchObject({ ProcessingJobStatus: 'Completed', ExitMessage: 'evaluated' });
  expect(JSON.parse(String(cloud.aws.objects.get('artifacts/evaluation/evaluation.json')))).toEqual({
    command: 'evaluate',
    args: ['--name', 'rain'],
    rows: 3,
  });
  const told = await cloud.until(
    () => cloud.aws.told.events.map(({ detailType, detail }) => [detailType, detail.ProcessingJobStatus]),
    events => events.length === 2,
  );
  expect(told).toEqual([
    ['SageMaker Processing Job State Change', 'InProgress'],
    ['SageMaker Processing Job State Change', 'Completed'],
  ]);
});

test('fails with the last lines of the process', async () => {
  await cloud.client.send(new CreateProcessingJobCommand(request('failing', ['--fail'])));
  expect(await ended('failing')).toMatchObject({
    ProcessingJobStatus: 'Failed',
    FailureReason: 'AlgorithmError: cannot evaluate, exit code: 1',
    ExitMessage: 'evaluated',
  });
});

test('a job can be stopped', async () => {
  await cloud.client.send(new CreateProcessingJobCommand(request('stopped', ['--sleep'])));
  await cloud.until(
    () => cloud.client.send(new DescribeProcessingJobCommand({ ProcessingJobName: 'stopped' })),
    ({ ProcessingStartTime: time }) => time !== undefined,
  );
  await cloud.client.send(new StopProcessingJobCommand({ ProcessingJobName: 'stopped' }));
  expect((await ended('stopped')).ProcessingJobStatus).toBe('Stopped');
});

test('lists jobs by status', async () => {
  const { ProcessingJobSummaries: jobs } = await cloud.client.send(
    new ListProcessingJobsCommand({ StatusEquals: 'Completed' }),
  );
  expect(jobs?.map(({ ProcessingJobName }) => ProcessingJobName)).toEqual(['evaluate']);
});

test('fails for a missing job', async () => {
  const call = cloud.client.send(new DescribeProcessingJobCommand({ ProcessingJobName: 'none' }));
  expect(await refusal(call)).toMatchObject({
    name: 'ValidationException',
    message: 'Could not find requested job with name: none',
  });
});

test('fails to take a name twice', async () => {
  const call = cloud.client.send(new CreateProcessingJobCommand(request('evaluate')));
  expect(await refusal(call)).toMatchObject({ name: 'ResourceInUse' });
});

test.each(['/tmp/output', '/opt/ml/processing/../../../etc'])('fails for the local path %s', async LocalPath => {
  // GIVEN
  const base = request('outside');
  const S3Output = { S3Uri: 's3://artifacts/x', LocalPath, S3UploadMode: 'EndOfJob' as const };

  // WHEN
  const call = cloud.client.send(
    new CreateProcessingJobCommand({
      ...base,
      ProcessingOutputConfig: { Outputs: [{ OutputName: 'out', S3Output }] },
    }),
  );

  // THEN
  expect(await refusal(call)).toMatchObject({ name: 'NotImplemented' });
});
