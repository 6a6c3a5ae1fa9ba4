/** Scripts that were written for SageMaker, not for this platform, train and serve by its images as they are. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateEndpointCommand,
  CreateEndpointConfigCommand,
  CreateModelCommand,
  CreateTrainingJobCommand,
  DescribeTrainingJobCommand,
  SageMakerClient,
  waitUntilEndpointInService,
  waitUntilTrainingJobCompletedOrStopped,
} from '@aws-sdk/client-sagemaker';
import { InvokeEndpointCommand, SageMakerRuntimeClient } from '@aws-sdk/client-sagemaker-runtime';
import { extract } from 'tar';
import { packFolder } from '../../../local-cloud/sagemaker/aws/archive';
import { type LocalCloud, startLocalCloud } from '../../../local-cloud/start';
import { clientOf, deploy, role } from './stack';

jest.setTimeout(90_000);
const SCRIPTS = join(__dirname, 'others-scripts');
const REGISTRY = '000000000000.dkr.ecr.us-east-1.amazonaws.com';
const WAIT = { maxWaitTime: 60, minDelay: 1, maxDelay: 1 };
const folder = mkdtempSync(join(tmpdir(), 'others-scripts-'));
let cloud: LocalCloud;
let client: SageMakerClient;
let s3: S3Client;
let roleArn: string;

beforeAll(async () => {
  cloud = await startLocalCloud();
  client = new SageMakerClient(clientOf(cloud));
  s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
  const { Arn } = await deploy(
    cloud,
    'others',
    {
      Bucket: { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'others' } },
      Role: role('sagemaker.amazonaws.com', [{ Effect: 'Allow', Action: ['s3:*', 'logs:*'], Resource: '*' }]),
    },
    { Arn: { 'Fn::GetAtt': ['Role', 'Arn'] } },
  );
  roleArn = Arn;
});

afterAll(async () => {
  client.destroy();
  s3.destroy();
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function put(key: string, body: Buffer | string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: 'others', Key: key, Body: body }));
}

/** An archive of S3, unpacked. */
async function unpacked(key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'others', Key: key }));
  const archive = join(folder, 'downloaded.tar.gz');
  const target = mkdtempSync(join(folder, 'unpacked-'));
  writeFileSync(archive, (await Body?.transformToByteArray()) ?? Buffer.alloc(0));
  await extract({ file: archive, cwd: target });
  return target;
}

async function putArchive(key: string, content: string): Promise<void> {
  const archive = join(folder, 'packed.tar.gz');
  await packFolder(content, archive);
  await put(key, readFileSync(archive));
}

test('a script-mode training script and an inference.py of others run unchanged', async () => {
  // GIVEN code and data where SageMaker's SDK puts them
  const source = join(folder, 'source');
  mkdirSync(source);
  cpSync(join(SCRIPTS, 'train.py'), join(source, 'train.py'));
  await putArchive('job/source/sourcedir.tar.gz', source);
  await put('data/part-1.csv', '-2,0.1,0\n-1,0.3,0\n-1.5,0.2,0\n');
  await put('data/part-2.csv', '2,0.1,1\n1,0.2,1\n1.5,0.4,1\n');
  const channel = (ChannelName: string, prefix: string) => ({
    ChannelName,
    DataSource: { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: `s3://others/${prefix}` } } as const,
  });

  // WHEN it is trained
  await client.send(
    new CreateTrainingJobCommand({
      TrainingJobName: 'others',
      RoleArn: roleArn,
      AlgorithmSpecification: {
        TrainingImage: `${REGISTRY}/mlops/trainer:1`,
        TrainingInputMode: 'File',
        MetricDefinitions: [{ Name: 'accuracy', Regex: 'train-accuracy=(.*?);' }],
      },
      // the SDK writes each value as JSON
      HyperParameters: {
        epochs: '300',
        regularisation: '0.5',
        sagemaker_program: '"train.py"',
        sagemaker_submit_directory: '"/opt/ml/input/data/code/sourcedir.tar.gz"',
        sagemaker_container_log_level: '20',
        sagemaker_region: '"us-east-1"',
      },
      InputDataConfig: [channel('train', 'data'), channel('code', 'job/source')],
      OutputDataConfig: { S3OutputPath: 's3://others/runs' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
      StoppingCondition: { MaxRuntimeInSeconds: 600 },
    }),
  );
  await waitUntilTrainingJobCompletedOrStopped({ client, ...WAIT }, { TrainingJobName: 'others' });

  // THEN the script was told what it asks for
  const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: 'others' }));
  expect(job).toMatchObject({
    TrainingJobStatus: 'Completed',
    FinalMetricDataList: [{ MetricName: 'accuracy', Value: 1 }],
  });
  const output = await unpacked('runs/others/output/output.tar.gz');
  expect(JSON.parse(readFileSync(join(output, 'told.json'), 'utf8'))).toEqual({
    epochs: 300,
    hps: { epochs: 300, regularisation: 0.5 },
    gpus: 0,
    host: 'algo-1',
  });

  // WHEN the model is served by code that is packed beside it, as the SDK does
  const model = await unpacked('runs/others/output/model.tar.gz');
  mkdirSync(join(model, 'code'));
  cpSync(join(SCRIPTS, 'inference.py'), join(model, 'code', 'inference.py'));
  await putArchive('model/model.tar.gz', model);
  const names = { ModelName: 'others', EndpointConfigName: 'others', EndpointName: 'others' };
  await client.send(
    new CreateModelCommand({
      ...names,
      ExecutionRoleArn: roleArn,
      PrimaryContainer: {
        Image: `${REGISTRY}/mlops/model-server:1`,
        ModelDataUrl: 's3://others/model/model.tar.gz',
        Environment: { MODEL_NAME: 'others', MODEL_VERSION: '1' },
      },
    }),
  );
  await client.send(
    new CreateEndpointConfigCommand({
      ...names,
      ProductionVariants: [
        { VariantName: 'AllTraffic', ModelName: 'others', InitialInstanceCount: 1, InstanceType: 'ml.m5.large' },
      ],
    }),
  );
  await client.send(new CreateEndpointCommand(names));
  await waitUntilEndpointInService({ client, ...WAIT }, names);

  // THEN it predicts in its own words, and its errors are the model's
  const runtime = new SageMakerRuntimeClient({ ...clientOf(cloud), maxAttempts: 1 });
  const invoke = (ContentType: string) =>
    runtime.send(
      new InvokeEndpointCommand({
        ...names,
        ContentType,
        Accept: 'application/json',
        Body: JSON.stringify({
          inputs: [
            [-3, 0],
            [3, 0],
          ],
        }),
      }),
    );
  const answer = await invoke('application/json');
  expect(JSON.parse(answer.Body.transformToString())).toEqual({ labels: [0, 1] });
  expect(answer).toMatchObject({ ContentType: 'application/json', InvokedProductionVariant: 'AllTraffic' });
  await expect(invoke('text/csv')).rejects.toMatchObject({
    name: 'ModelError',
    OriginalStatusCode: 500,
    OriginalMessage: expect.stringContaining('unsupported content type: text/csv'),
  });
  runtime.destroy();
});
