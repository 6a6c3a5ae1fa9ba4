import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateModelPackageCommand,
  DeleteEndpointCommand,
  DescribeEndpointCommand,
  DescribeModelPackageCommand,
  ListEndpointConfigsCommand,
  ListModelsCommand,
  SageMakerClient,
  UpdateModelPackageCommand,
} from '@aws-sdk/client-sagemaker';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { create } from 'tar';
import type { Baseline, ReleaseInput } from '../../../lambda/shared/contracts';
import { Ledger } from '../../../lambda/shared/ledger';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');
const BUCKET = 'release-test-artifacts';
const GROUP = 'mlops-local-rain';
const BASELINE: Baseline = {
  edgesId: 'e',
  rows: 3,
  features: { temp: { edges: [1, 2, 3], counts: [1, 1, 1, 0, 0] } },
  prediction: { edges: [0.5], counts: [1, 2, 0] },
  quality: { auc: 0.8, rows: 3 },
  schema: { features: [{ name: 'temp', type: 'double', nullable: false }], label: 'rain' },
};

let cloud: LocalCloud;
let folder: string;
let machineArn: string;
let ledger: Ledger;
let sagemaker: SageMakerClient;
let stepFunctions: SFNClient;
const known = new Set<string>();

async function cdk(...args: string[]): Promise<void> {
  const { PATH, HOME } = process.env;
  await promisify(execFile)(
    process.execPath,
    [
      join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'),
      ...args,
      '--app',
      `node --import tsx ${join(__dirname, 'app.ts')}`,
      '--output',
      join(folder, 'cdk.out'),
      '--no-notices',
    ],
    { cwd: ROOT, env: { PATH, HOME, CDK_VALIDATION: 'false', ...cloud.environment } },
  );
}

/** A model whose content does not matter to the stub. */
async function anArchive(): Promise<Buffer> {
  writeFileSync(join(folder, 'model.joblib'), 'a model');
  const file = join(folder, 'model.tar.gz');
  await create({ gzip: true, file, cwd: folder }, ['model.joblib']);
  return readFileSync(file);
}

/** Registers a version, pending. */
async function register(environment: Record<string, string> = {}): Promise<string> {
  const { ModelPackageArn: arn } = await sagemaker.send(
    new CreateModelPackageCommand({
      ModelPackageGroupName: GROUP,
      ModelApprovalStatus: 'PendingManualApproval',
      InferenceSpecification: {
        Containers: [
          {
            Image: '000000000000.dkr.ecr.us-east-1.amazonaws.com/stub:1',
            ModelDataUrl: `s3://${BUCKET}/rain/model.tar.gz`,
            Environment: environment,
          },
        ],
        SupportedContentTypes: ['application/json'],
        SupportedResponseMIMETypes: ['application/json'],
      },
      DriftCheckBaselines: {
        ModelDataQuality: {
          Statistics: { ContentType: 'application/json', S3Uri: `s3://${BUCKET}/rain/baseline.json` },
        },
      },
    }),
  );
  return arn ?? '';
}

/** Approves a version as a person would, and waits for the release that follows. */
async function approve(arn: string): Promise<DescribeExecutionCommandOutput> {
  await sagemaker.send(new UpdateModelPackageCommand({ ModelPackageArn: arn, ModelApprovalStatus: 'Approved' }));
  return nextExecution();
}

async function ask(input: Partial<ReleaseInput>): Promise<DescribeExecutionCommandOutput> {
  await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: machineArn,
      input: JSON.stringify({ action: 'release', model: 'rain', requestedBy: 'ann', reason: 'because', ...input }),
    }),
  );
  return nextExecution();
}

/** The end of the next execution that this test has not seen. */
async function nextExecution(): Promise<DescribeExecutionCommandOutput> {
  for (let tries = 0; tries < 300; tries++) {
    const { executions } = await stepFunctions.send(new ListExecutionsCommand({ stateMachineArn: machineArn }));
    const fresh = executions?.find(execution => !known.has(execution.executionArn ?? ''));
    if (fresh !== undefined && fresh.status !== 'RUNNING') {
      known.add(fresh.executionArn ?? '');
      return stepFunctions.send(new DescribeExecutionCommand({ executionArn: fresh.executionArn }));
    }
    await pause(200);
  }
  throw new Error('no execution ended');
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    if (await holds()) return;
    await pause(200);
  }
  throw new Error('it did not come about');
}

async function serving(): Promise<string> {
  const endpoint = await sagemaker.send(new DescribeEndpointCommand({ EndpointName: GROUP }));
  return `${endpoint.EndpointStatus ?? ''} ${endpoint.EndpointConfigName ?? ''}`.replace(/-[0-9a-f]{8}$/, '');
}

const outputOf = (execution: DescribeExecutionCommandOutput): unknown => JSON.parse(execution.output ?? 'null');

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlops-release-test-'));
  const images = join(folder, 'images.json');
  writeFileSync(images, JSON.stringify({ stub: { python: join(__dirname, 'stub'), module: 'stub_server' } }));
  process.env.MLOPS_LOCAL_IMAGES = images;
  cloud = await startLocalCloud();
  delete process.env.MLOPS_LOCAL_IMAGES;
  await cdk('bootstrap', 'aws://000000000000/us-east-1');
  await cdk('deploy', '--all', '--require-approval', 'never');

  const client = clientOf(cloud);
  sagemaker = new SageMakerClient(client);
  stepFunctions = new SFNClient(client);
  const { Stacks } = await new CloudFormationClient(client).send(new DescribeStacksCommand({ StackName: 'Platform' }));
  const output = (key: string): string =>
    Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
  machineArn = output('MachineArn');
  ledger = new Ledger(DynamoDBDocumentClient.from(new DynamoDBClient(client)), output('LedgerName'));
  const s3 = new S3Client({ ...client, forcePathStyle: true });
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'rain/model.tar.gz', Body: await anArchive() }));
  await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key: 'rain/baseline.json', Body: JSON.stringify(BASELINE) }));
}, 180_000);

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

test('an approval makes the first version serve', async () => {
  const execution = await approve(await register());
  expect(outputOf(execution)).toMatchObject({
    outcome: 'succeeded',
    version: '1',
    detail: 'version 1 serves; version 1 answered a prediction with 1',
  });
  expect(await serving()).toBe(`InService ${GROUP}-v1`);
  expect(await ledger.state('rain')).toMatchObject({ current: '1', healthy: ['1'], generation: 1 });
}, 120_000);

test('an alarm rolls the next one back, which stays out when it is approved again', async () => {
  // GIVEN
  const second = await register();
  await approve(second);
  expect(await serving()).toBe(`InService ${GROUP}-v2`);

  // WHEN
  const back = await ask({
    action: 'rollback',
    version: '1',
    from: '2',
    requestedBy: 'alarm:drift',
    reason: 'drifted',
  });

  // THEN
  expect(outputOf(back)).toMatchObject({ outcome: 'succeeded', version: '1' });
  expect(await serving()).toBe(`InService ${GROUP}-v1`);
  expect(await sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: second }))).toMatchObject({
    ModelApprovalStatus: 'Rejected',
    ApprovalDescription: 'rolled back by alarm:drift: drifted',
  });
  expect(outputOf(await approve(second))).toMatchObject({ outcome: 'refused', version: '2' });
  expect(await serving()).toBe(`InService ${GROUP}-v1`);
}, 120_000);

test('a version that does not answer as itself is undone', async () => {
  const execution = await approve(await register({ LIE: '7' }));
  expect(execution).toMatchObject({
    status: 'FAILED',
    error: 'ReleaseUndone',
    cause: 'version 7 answered a prediction, not version 3; version 1 serves, as before',
  });
  expect(await serving()).toBe(`InService ${GROUP}-v1`);
}, 120_000);

test('while a person holds the model an approval releases nothing, and a person’s own word does', async () => {
  // GIVEN
  const held = await ask({ action: 'hold', model: 'rain', requestedBy: 'ann', reason: 'audit' });
  expect(outputOf(held)).toMatchObject({ outcome: 'succeeded', action: 'hold' });

  // WHEN / THEN
  expect(outputOf(await approve(await register()))).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining("'rain' is held until") as string,
  });
  expect(outputOf(await ask({ version: '4' }))).toMatchObject({ outcome: 'succeeded', version: '4' });
  expect(outputOf(await ask({ action: 'resume' }))).toMatchObject({ outcome: 'succeeded', action: 'resume' });
  expect((await ledger.holdings('rain')).map(({ action }) => action)).toEqual(['hold', 'resume']);
}, 120_000);

test('a rollback whose execution is killed is finished by the reconciler, once its lock has expired', async () => {
  // GIVEN
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: machineArn,
      name: 'killed',
      input: JSON.stringify({
        action: 'rollback',
        model: 'rain',
        version: '1',
        from: '4',
        requestedBy: 'ann',
        reason: 'drifted',
      }),
    }),
  );
  known.add(executionArn ?? '');
  await eventually(async () => (await ledger.state('rain')).lockOwner === executionArn);
  await stepFunctions.send(new StopExecutionCommand({ executionArn }));

  // WHEN time passes, and the schedule comes with it
  await cloud.clock.advance(2 * 3600);

  // THEN
  await eventually(async () => (await ledger.state('rain')).lockOwner === undefined);
  expect(await serving()).toBe(`InService ${GROUP}-v1`);
  expect(await ledger.state('rain')).toMatchObject({ current: '1', healthy: ['1'] });
  expect((await ledger.releases('rain')).slice(-2)).toMatchObject([
    { id: 'killed', outcome: 'failed' },
    { action: 'rollback', requestedBy: 'ann', outcome: 'succeeded', evidence: { finishes: 'killed' } },
  ]);
}, 120_000);

test('what serves although no release made it is told, and not moved', async () => {
  // GIVEN the endpoint is deleted by hand
  await sagemaker.send(new DeleteEndpointCommand({ EndpointName: GROUP }));

  // WHEN
  await cloud.clock.advance(600);

  // THEN
  const { generation } = await ledger.state('rain');
  await eventually(async () => (await ledger.drift('rain', generation, 'nothing')) !== undefined);
  await expect(serving()).rejects.toThrow('Could not find endpoint');
  expect(outputOf(await ask({ version: '1' }))).toMatchObject({ outcome: 'succeeded', version: '1' });
}, 120_000);

test('nothing that a release made is left when the model goes', async () => {
  // WHEN
  await cdk('destroy', '-f', 'Model');

  // THEN
  await expect(serving()).rejects.toThrow('Could not find endpoint');
  const { EndpointConfigs: configs } = await sagemaker.send(new ListEndpointConfigsCommand({ NameContains: GROUP }));
  const { Models: models } = await sagemaker.send(new ListModelsCommand({ NameContains: GROUP }));
  expect([configs, models]).toEqual([[], []]);
  expect((await ledger.releases('rain')).map(release => release.outcome)).toEqual([
    'succeeded',
    'succeeded',
    'succeeded',
    'refused',
    'undone',
    'refused',
    'succeeded',
    'failed',
    'succeeded',
    'succeeded',
  ]);
}, 120_000);
