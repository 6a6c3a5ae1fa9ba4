/** Every answer must be one that AWS's service model allows: no missing, no unknown and no malformed member. */
import { ServiceModel } from '../../../local-cloud/sagemaker/service-model/model';
import { SUPPORTED } from '../../../local-cloud/sagemaker/service-model/supported-fields';
import { LocalTestCloud, ROLE, SERVER, SERVICE_MODEL, TRAINER } from './local-test-cloud';
import { checkAnswer } from './service-model/answer-check';

// containers are processes, which a busy machine starts slowly
jest.setTimeout(30_000);
const model = ServiceModel.load(SERVICE_MODEL);
const cloud = new LocalTestCloud();
const called = new Set<string>();

beforeAll(async () => {
  await cloud.start();
  cloud.aws.put('data/train.csv', '1');
  cloud.aws.put('data/holdout.csv', '1');
  await cloud.putModel('artifacts/model.tar.gz', 'model');
});
afterAll(() => cloud.stop());

async function call(operation: string, input: object): Promise<Record<string, unknown>> {
  const response = await fetch(cloud.url, {
    method: 'POST',
    headers: { 'x-amz-target': `SageMaker.${operation}`, 'content-type': 'application/x-amz-json-1.1' },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  checkAnswer(model, operation, {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: text,
  });
  if (!response.ok) {
    throw new Error(`${operation}: ${text}`);
  }
  const output = JSON.parse(text) as Record<string, unknown>;
  called.add(operation);
  return output;
}

async function until(
  operation: string,
  input: object,
  fits: (output: Record<string, unknown>) => boolean,
): Promise<void> {
  await cloud.until(() => call(operation, input), fits);
}

const TAGS = [{ Key: 'team', Value: 'weather' }];
const CHANNEL = { S3DataSource: { S3DataType: 'S3Prefix', S3Uri: 's3://data/train.csv' } };

test('jobs', async () => {
  const training = { TrainingJobName: 'train' };
  await call('CreateTrainingJob', {
    ...training,
    RoleArn: ROLE,
    AlgorithmSpecification: {
      TrainingImage: TRAINER,
      TrainingInputMode: 'File',
      MetricDefinitions: [{ Name: 'auc', Regex: 'auc=([0-9.]+)' }],
    },
    InputDataConfig: [{ ChannelName: 'train', DataSource: CHANNEL }],
    OutputDataConfig: { S3OutputPath: 's3://artifacts/runs' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
    HyperParameters: { seed: '7' },
    Tags: TAGS,
  });
  await cloud.until(
    async () => await (await fetch(`${cloud.url}/_local/health`)).json(),
    () => cloud.aws.objects.has('artifacts/runs/train/output/model.tar.gz'),
  );
  await until('DescribeTrainingJob', training, ({ TrainingJobStatus: status }) => status === 'Completed');
  await call('ListTrainingJobs', { MaxResults: 1 });
  await call('CreateTrainingJob', {
    TrainingJobName: 'stop',
    RoleArn: ROLE,
    AlgorithmSpecification: { TrainingImage: TRAINER, TrainingInputMode: 'File' },
    OutputDataConfig: { S3OutputPath: 's3://artifacts/runs' },
    ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
    HyperParameters: { sleep: '60000' },
  });
  await call('StopTrainingJob', { TrainingJobName: 'stop' });

  const processing = { ProcessingJobName: 'evaluate' };
  const input = {
    S3Uri: 's3://data/holdout.csv',
    LocalPath: '/opt/ml/processing/input/holdout',
    S3DataType: 'S3Prefix',
    S3InputMode: 'File',
  };
  const output = {
    S3Uri: 's3://artifacts/evaluation',
    LocalPath: '/opt/ml/processing/output',
    S3UploadMode: 'EndOfJob',
  };
  const create = {
    RoleArn: ROLE,
    AppSpecification: { ImageUri: TRAINER, ContainerEntrypoint: ['evaluate'] },
    ProcessingInputs: [{ InputName: 'holdout', S3Input: input }],
    ProcessingOutputConfig: { Outputs: [{ OutputName: 'out', S3Output: output }] },
    ProcessingResources: { ClusterConfig: { InstanceCount: 1, InstanceType: 'ml.m5.large', VolumeSizeInGB: 5 } },
    Tags: TAGS,
  };
  await call('CreateProcessingJob', { ...processing, ...create });
  await until('DescribeProcessingJob', processing, ({ ProcessingJobStatus: status }) => status === 'Completed');
  await call('ListProcessingJobs', {});
  await call('CreateProcessingJob', { ProcessingJobName: 'stop', ...create });
  await call('StopProcessingJob', { ProcessingJobName: 'stop' });
});

test('hosting', async () => {
  const container = { Image: SERVER, ModelDataUrl: 's3://artifacts/model.tar.gz', Environment: { MODEL_VERSION: '1' } };
  await call('CreateModel', { ModelName: 'rain', ExecutionRoleArn: ROLE, PrimaryContainer: container, Tags: TAGS });
  await call('DescribeModel', { ModelName: 'rain' });
  await call('ListModels', {});
  const variant = {
    VariantName: 'main',
    ModelName: 'rain',
    InitialInstanceCount: 1,
    InstanceType: 'ml.m5.large',
    VolumeSizeInGB: 5,
  };
  await call('CreateEndpointConfig', { EndpointConfigName: 'rain', ProductionVariants: [variant], Tags: TAGS });
  await call('DescribeEndpointConfig', { EndpointConfigName: 'rain' });
  await call('ListEndpointConfigs', {});
  const endpoint = { EndpointName: 'rain', EndpointConfigName: 'rain' };
  await call('CreateEndpoint', { ...endpoint, Tags: TAGS });
  await until('DescribeEndpoint', { EndpointName: 'rain' }, ({ EndpointStatus: status }) => status === 'InService');
  const policy = {
    TrafficRoutingConfiguration: { Type: 'ALL_AT_ONCE', WaitIntervalInSeconds: 0 },
    TerminationWaitInSeconds: 60,
  };
  await call('UpdateEndpoint', { ...endpoint, DeploymentConfig: { BlueGreenUpdatePolicy: policy } });
  await until('DescribeEndpoint', { EndpointName: 'rain' }, ({ PendingDeploymentSummary: summary }) =>
    JSON.stringify(summary).includes('Baking'),
  );
  cloud.advance(61);
  await until('DescribeEndpoint', { EndpointName: 'rain' }, ({ EndpointStatus: status }) => status === 'InService');
  await call('UpdateEndpointWeightsAndCapacities', {
    EndpointName: 'rain',
    DesiredWeightsAndCapacities: [{ VariantName: 'main', DesiredInstanceCount: 2 }],
  });
  await until('DescribeEndpoint', { EndpointName: 'rain' }, ({ EndpointStatus: status }) => status === 'InService');
  await call('ListEndpoints', {});
  await call('DeleteEndpoint', { EndpointName: 'rain' });
  await call('DeleteEndpointConfig', { EndpointConfigName: 'rain' });
  await call('DeleteModel', { ModelName: 'rain' });
});

test('registry', async () => {
  const group = { ModelPackageGroupName: 'rain' };
  await call('CreateModelPackageGroup', { ...group, ModelPackageGroupDescription: 'rain', Tags: TAGS });
  const { ModelPackageGroupArn: arn } = await call('DescribeModelPackageGroup', group);
  await call('ListModelPackageGroups', {});
  const { ModelPackageArn: version } = await call('CreateModelPackage', {
    ...group,
    InferenceSpecification: {
      Containers: [{ Image: SERVER, ModelDataUrl: 's3://artifacts/model.tar.gz' }],
      SupportedContentTypes: ['application/json'],
      SupportedResponseMIMETypes: ['application/json'],
    },
    CustomerMetadataProperties: { runId: 'a' },
  });
  await call('DescribeModelPackage', { ModelPackageName: version });
  await call('UpdateModelPackage', {
    ModelPackageArn: version,
    ModelApprovalStatus: 'Approved',
    ApprovalDescription: 'ok',
  });
  await call('DescribeModelPackage', { ModelPackageName: version });
  await call('ListModelPackages', group);
  const statement = {
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::111111111111:root' },
    Action: 'sagemaker:DescribeModelPackage',
    Resource: version,
  };
  const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await call('PutModelPackageGroupPolicy', { ...group, ResourcePolicy: policy });
  await call('GetModelPackageGroupPolicy', group);
  await call('DeleteModelPackageGroupPolicy', group);
  await call('AddTags', { ResourceArn: arn, Tags: [{ Key: 'a', Value: 'b' }] });
  await call('ListTags', { ResourceArn: arn });
  await call('DeleteTags', { ResourceArn: arn, TagKeys: ['a'] });
  await call('DeleteModelPackage', { ModelPackageName: version });
  await call('DeleteModelPackageGroup', group);
});

test('every operation was called', () => {
  expect(Object.keys(SUPPORTED).filter(operation => !called.has(operation))).toEqual([]);
});
