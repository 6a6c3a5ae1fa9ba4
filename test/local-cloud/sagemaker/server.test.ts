import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTrainingJobCommand, DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { AwsStandIn } from './aws-stand-in';
import { IMAGES, LocalTestCloud, ROLE, RUNTIME_SERVICE_MODEL, SERVICE_MODEL, TRAINER } from './local-test-cloud';
import { readyUrl, spawnSageMaker } from './sagemaker-process';

// processes of their own, which a busy machine starts slowly
jest.setTimeout(30_000);
const aws = new AwsStandIn();
const folder = mkdtempSync(join(tmpdir(), 'sagemaker-server-'));
const helper = new LocalTestCloud();

beforeAll(() => aws.start());
afterAll(async () => {
  await aws.stop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(helper.folder, { recursive: true, force: true });
});

function start(changed: NodeJS.ProcessEnv = {}): ChildProcess {
  return spawnSageMaker({
    AWS_ENDPOINT_URL: aws.url,
    MLOPS_LOCAL_SAGEMAKER_MODEL: SERVICE_MODEL,
    MLOPS_LOCAL_SAGEMAKER_RUNTIME_MODEL: RUNTIME_SERVICE_MODEL,
    MLOPS_LOCAL_WORK_DIR: join(folder, 'work'),
    MLOPS_LOCAL_IMAGES: IMAGES,
    ...changed,
  });
}

/** Starts a job that sleeps; gives back the process id of its container's group. */
async function sleeper(url: string, name: string): Promise<number> {
  const client = new SageMakerClient({
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(
    new CreateTrainingJobCommand({
      TrainingJobName: name,
      RoleArn: ROLE,
      AlgorithmSpecification: { TrainingImage: TRAINER, TrainingInputMode: 'File' },
      HyperParameters: { sleep: '600000' },
      OutputDataConfig: { S3OutputPath: 's3://artifacts/x' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
    }),
  );
  await helper.until(
    () => client.send(new DescribeTrainingJobCommand({ TrainingJobName: name })),
    ({ SecondaryStatus: status }) => status === 'Training',
  );
  client.destroy();
  const log = join(folder, 'work', 'logs', 'training-jobs', `${name}.log`);
  const text = await helper.until(
    () => readText(log),
    content => content.includes('sleeping'),
  );
  return Number(/pid=(\d+)/.exec(text)?.[1]);
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function gone(pid: number): Promise<void> {
  await helper.until(
    () => isRunning(pid),
    running => !running,
  );
}

test('tells when it is ready and answers its health check', async () => {
  // WHEN
  const child = start();
  const url = await readyUrl(child);

  // THEN
  const response = await fetch(`${url}/_local/health`);
  expect(await response.json()).toMatchObject({ status: 'ok' });
  child.kill('SIGTERM');
  const code = await new Promise(resolve => child.once('exit', resolve));
  expect(code).toBe(0);
});

test('ends with its containers when its standard input closes', async () => {
  const child = start();
  const pid = await sleeper(await readyUrl(child), 'closed');
  child.stdin?.end();
  await new Promise(resolve => child.once('exit', resolve));
  await gone(pid);
});

test('leaves no container when it is killed', async () => {
  const child = start();
  const pid = await sleeper(await readyUrl(child), 'killed');
  child.kill('SIGKILL');
  await gone(pid);
});

test('fails to start and names every variable that is missing', async () => {
  const child = start({ AWS_ENDPOINT_URL: '', MLOPS_LOCAL_SAGEMAKER_MODEL: undefined });
  let text = '';
  child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const code = await new Promise(resolve => child.once('close', resolve));
  expect(code).toBe(1);
  expect(text).toContain(
    "the local SageMaker cannot start: environment variable 'AWS_ENDPOINT_URL' is missing; environment variable " +
      "'MLOPS_LOCAL_SAGEMAKER_MODEL' is missing",
  );
});

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
