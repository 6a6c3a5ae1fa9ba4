import {
  CreateEndpointCommand,
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  type DescribeTrainingJobCommandOutput,
  UpdateEndpointCommand,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand } from '@aws-sdk/client-sagemaker-runtime';
import { LocalTestCloud, ROLE, TRAINER } from './local-test-cloud';

jest.setTimeout(30_000);
const cloud = new LocalTestCloud();

beforeAll(async () => {
  await cloud.start();
  cloud.aws.put('data/train/train.csv', 'a,b\n1,2\n');
});
afterAll(() => cloud.stop());

async function train(name: string): Promise<DescribeTrainingJobCommandOutput> {
  await cloud.client.send(
    new CreateTrainingJobCommand({
      TrainingJobName: name,
      RoleArn: ROLE,
      AlgorithmSpecification: { TrainingImage: TRAINER, TrainingInputMode: 'File' },
      InputDataConfig: [
        {
          ChannelName: 'train',
          DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/train' } },
        },
      ],
      OutputDataConfig: { S3OutputPath: 's3://artifacts/runs/1/training' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    }),
  );
  return cloud.until(
    () => cloud.client.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    ({ TrainingJobStatus: status }) => status !== 'InProgress',
  );
}

async function answerOf(endpoint: string): Promise<Record<string, unknown>> {
  const { Body } = await cloud.runtime.send(
    new InvokeEndpointCommand({ EndpointName: endpoint, Body: '{}', ContentType: 'application/json' }),
  );
  return JSON.parse(Buffer.from(Body).toString()) as Record<string, unknown>;
}

test('no capacity fails a job before anything of it runs', async () => {
  // GIVEN
  cloud.aws.faults.push({ step: 'Starting', effect: 'capacity-error' });

  // WHEN
  const job = await train('no-capacity');

  // THEN
  expect(job.TrainingJobStatus).toBe('Failed');
  expect(job.FailureReason).toMatch(/^CapacityError: Unable to provision requested ML compute capacity/);
  expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual(['Starting', 'Failed']);
});

test('a job fails at the step that the fault names', async () => {
  cloud.aws.faults.push({ step: 'Uploading', effect: 'job-failure', message: 'no space left' });
  const job = await train('fails-late');
  expect(job.FailureReason).toBe('InternalServerError: no space left');
  expect(job.SecondaryStatusTransitions?.map(({ Status }) => Status)).toEqual([
    'Starting',
    'Downloading',
    'Training',
    'Uploading',
    'Failed',
  ]);
});

test('a training program that is killed fails its job', async () => {
  cloud.aws.faults.push({ step: 'Training', effect: 'process-killed' });
  const job = await train('killed');
  expect(job.TrainingJobStatus).toBe('Failed');
  expect(job.FailureReason).toMatch(/^AlgorithmError: .*ended by SIGKILL$/s);
});

test('an endpoint without capacity fails, and one that serves goes on with what it has', async () => {
  // GIVEN
  const EndpointConfigName = await cloud.createConfig('1');
  cloud.aws.faults.push({ step: 'Creating', effect: 'capacity-error' });

  // WHEN
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'no-room', EndpointConfigName }));

  // THEN
  const failed = await cloud.settled('no-room');
  expect(failed.EndpointStatus).toBe('Failed');
  expect(failed.FailureReason).toContain('InsufficientInstanceCapacity');

  // GIVEN one that serves
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'room', EndpointConfigName }));
  await cloud.settled('room');
  const next = await cloud.createConfig('2');
  cloud.aws.faults.push({ step: 'Creating', effect: 'capacity-error' });

  // WHEN
  await cloud.client.send(new UpdateEndpointCommand({ EndpointName: 'room', EndpointConfigName: next }));

  // THEN
  const kept = await cloud.settled('room');
  expect(kept).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName });
  expect(kept.FailureReason).toContain('InsufficientInstanceCapacity');
  expect((await answerOf('room')).version).toBe('1');
});

test('a model server that is killed while it bakes is started again', async () => {
  // GIVEN one that serves
  const EndpointConfigName = await cloud.createConfig('3');
  await cloud.client.send(new CreateEndpointCommand({ EndpointName: 'killed', EndpointConfigName }));
  await cloud.settled('killed');
  const next = await cloud.createConfig('4');
  cloud.aws.faults.push({ step: 'Baking', effect: 'process-killed' });

  // WHEN the next version's server dies after the traffic went to it
  await cloud.client.send(
    new UpdateEndpointCommand({
      EndpointName: 'killed',
      EndpointConfigName: next,
      DeploymentConfig: {
        BlueGreenUpdatePolicy: {
          TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
          TerminationWaitInSeconds: 600,
        },
      },
    }),
  );
  await cloud.until(
    () => cloud.aws.faults.length,
    left => left === 0,
  );

  // THEN another one answers in its place, and the deployment goes on
  const answers = await cloud.until(
    () => Promise.all([1, 2, 3].map(() => answerOf('killed').catch(() => undefined))),
    all => all.every(answer => answer?.version === '4'),
  );
  expect(new Set(answers.map(answer => answer?.pid)).size).toBe(1);
  cloud.advance(600);
  expect(await cloud.settled('killed')).toMatchObject({ EndpointStatus: 'InService', EndpointConfigName: next });
});
