import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { CloudWatchClient, DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordCommand } from '@aws-sdk/client-firehose';
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateModelPackageCommand, CreateModelPackageGroupCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import {
  DescribeExecutionCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
  type DescribeExecutionCommandOutput,
} from '@aws-sdk/client-sfn';
import { DynamoDBDocumentClient, PutCommand } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { releaseInput, type Baseline } from '../../../lambda/shared/contracts';
import { Ledger } from '../../../lambda/shared/ledger';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf, eventually } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');
const PERIOD_MS = 300_000;
const ROWS = 400;
const BASELINE: Baseline = {
  edgesId: 'e1',
  rows: 2000,
  features: {
    temp: { edges: [0.25, 0.5, 0.75], counts: [500, 500, 500, 500, 0] },
    station: { categories: ["o'b", 'a'], counts: [1000, 1000, 0, 0] },
    visits: { edges: [5], counts: [1000, 1000, 0] },
  },
  prediction: { edges: [0.25, 0.5, 0.75], counts: [500, 500, 500, 500, 0] },
  quality: { auc: 0.9, rows: 1000 },
  schema: {
    features: [
      { name: 'temp', type: 'double', nullable: true },
      { name: 'station', type: 'string', nullable: false },
      { name: 'visits', type: 'bigint', nullable: false },
    ],
    label: 'rain',
  },
};

let cloud: LocalCloud;
let folder: string;
let outputs: Record<string, string>;
let ledger: Ledger;
let s3: S3Client;
let stepFunctions: SFNClient;

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

/** Registers version 1 and version 2 with the baseline, and has version 2 serve since now. */
async function serve(now: Date): Promise<void> {
  const client = clientOf(cloud);
  const sagemaker = new SageMakerClient(client);
  const body = JSON.stringify(BASELINE);
  const key = 'rain/runs/r1/evaluation/e1/baseline.json';
  await s3.send(new PutObjectCommand({ Bucket: outputs.ArtifactBucketName, Key: key, Body: body }));
  await sagemaker.send(new CreateModelPackageGroupCommand({ ModelPackageGroupName: 'mlops-local-rain' }));
  for (let version = 1; version <= 2; version++) {
    await sagemaker.send(
      new CreateModelPackageCommand({
        ModelPackageGroupName: 'mlops-local-rain',
        ModelApprovalStatus: 'Approved',
        InferenceSpecification: {
          Containers: [{ Image: 'image', ModelDataUrl: 's3://none/model.tar.gz' }],
          SupportedContentTypes: ['application/json'],
          SupportedResponseMIMETypes: ['application/json'],
        },
        DriftCheckBaselines: {
          ModelDataQuality: {
            Statistics: {
              ContentType: 'application/json',
              S3Uri: `s3://${outputs.ArtifactBucketName}/${key}`,
              ContentDigest: `sha256:${createHash('sha256').update(body).digest('hex')}`,
            },
          },
        },
      }),
    );
  }
  await DynamoDBDocumentClient.from(new DynamoDBClient(client)).send(
    new PutCommand({
      TableName: outputs.LedgerName,
      Item: {
        pk: 'rain',
        sk: 'STATE',
        model: 'rain',
        current: '2',
        activatedAt: now.toISOString(),
        healthy: ['2', '1'],
        generation: 2,
      },
    }),
  );
}

/** Moves to the next period, writes predictions into it, closes it and has it counted. */
async function live(score: (row: number) => number): Promise<DescribeExecutionCommandOutput> {
  const start = Math.ceil((await cloud.clock.now()).getTime() / PERIOD_MS) * PERIOD_MS;
  await moveTo(start + 1000);
  const rows = Array.from({ length: ROWS }, (_, row) => ({
    request_id: `${start}-${row}`,
    event_time: new Date(start + 1000 + row).toISOString().replace('T', ' ').replace('Z', ''),
    event_time_ms: start + 1000 + row,
    model: 'rain',
    version: '2',
    features: {
      temp: row % 20 === 0 ? null : (row % 100) / 100,
      station: row % 2 === 0 ? "o'b" : 'a',
      visits: row % 10,
    },
    prediction: 0,
    score: score(row),
    latency_ms: 1.5,
  }));
  // a line that the server sent again, and a release's own probe
  const strays = [rows[0], { ...rows[1], request_id: 'mlops-probe-rain-2' }];
  const firehose = new FirehoseClient(clientOf(cloud));
  await firehose.send(
    new PutRecordCommand({
      DeliveryStreamName: outputs.StreamName,
      Record: { Data: Buffer.from([...rows, ...strays].map(row => `${JSON.stringify(row)}\n`).join('')) },
    }),
  );
  const labels = rows.slice(0, 300).map((row, index) =>
    JSON.stringify({
      request_id: row.request_id,
      label: index % 100 < 60 ? 0 : 1,
      // whoever writes labels may leave out when they were known
      ...(index % 3 === 0 ? {} : { label_time: row.event_time }),
    }),
  );
  await s3.send(
    new PutObjectCommand({
      Bucket: outputs.MonitoringBucketName,
      Key: `labels/model=rain/day=${new Date(start).toISOString().slice(0, 10)}/${start}.json`,
      Body: `${labels.join('\n')}\n`,
    }),
  );
  await moveTo(start + PERIOD_MS + 2000);
  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({
      stateMachineArn: outputs.MonitorMachineName,
      input: JSON.stringify({ model: 'rain', periodStart: new Date(start).toISOString() }),
    }),
  );
  const execution = await ended(executionArn);
  // an alarm looks once a minute
  await cloud.clock.advance(60);
  return execution;
}

async function moveTo(time: number): Promise<void> {
  await cloud.clock.advance(Math.max(0, Math.ceil((time - (await cloud.clock.now()).getTime()) / 1000)));
}

async function ended(executionArn: string | undefined): Promise<DescribeExecutionCommandOutput> {
  for (let tries = 0; tries < 300; tries++) {
    const execution = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await pause(200);
  }
  throw new Error(`execution '${executionArn ?? ''}' did not end`);
}

async function driftAlarmState(): Promise<string | undefined> {
  const { MetricAlarms } = await new CloudWatchClient(clientOf(cloud)).send(
    new DescribeAlarmsCommand({ AlarmNames: [outputs.DriftAlarmName] }),
  );
  return MetricAlarms?.[0]?.StateValue;
}

async function reportOf(execution: DescribeExecutionCommandOutput): Promise<Record<string, unknown>> {
  const { report } = JSON.parse(execution.output ?? '{}') as { report?: string };
  const answer = await s3.send(new GetObjectCommand({ Bucket: outputs.MonitoringBucketName, Key: report }));
  return JSON.parse((await answer.Body?.transformToString()) ?? '{}') as Record<string, unknown>;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlops-monitoring-test-'));
  cloud = await startLocalCloud();
  await cdk('bootstrap', 'aws://000000000000/us-east-1');
  await cdk('deploy', '--all', '--require-approval', 'never');
  const client = clientOf(cloud);
  s3 = new S3Client({ ...client, forcePathStyle: true });
  stepFunctions = new SFNClient(client);
  const { Stacks } = await new CloudFormationClient(client).send(
    new DescribeStacksCommand({ StackName: 'Monitoring' }),
  );
  outputs = Object.fromEntries(
    (Stacks?.[0]?.Outputs ?? []).map(output => [output.OutputKey ?? '', output.OutputValue ?? '']),
  );
  ledger = new Ledger(DynamoDBDocumentClient.from(new DynamoDBClient(client)), outputs.LedgerName);
  await serve(await cloud.clock.now());
}, 240_000);

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

test('a period like the baseline is counted and judged, and predictions raise no alarm', async () => {
  const execution = await live(row => (row % 100) / 100);

  // THEN
  expect([execution.status, execution.error, execution.cause]).toEqual(['SUCCEEDED', undefined, undefined]);
  expect(await reportOf(execution)).toMatchObject({
    version: '2',
    // the line that came twice counts twice for drift, but once for quality
    samples: ROWS + 1,
    predictionPsiExcess: 0,
    auc: 1,
    // one in twenty is missing, and none was in the reference
    driftedFeatures: ['temp'],
    labels: 300,
    labelledShare: 0.75,
    features: {
      temp: { drifted: true, missing: { currentShare: expect.closeTo(0.05, 2) as number, referenceShare: 0 } },
      station: { drifted: false },
      visits: { drifted: false },
    },
  });
  expect(await driftAlarmState()).toBe('OK');
}, 120_000);

test('predictions that drift in two windows roll back, by one release that says why', async () => {
  // WHEN
  await live(() => 0.01);
  const execution = await live(() => 0.01);

  // THEN
  expect(await reportOf(execution)).toMatchObject({ samples: ROWS + 1, auc: 0.5, qualityDelta: 0.4 });
  const reaction = await eventually(async () => {
    return (await ledger.reactions('rain')).find(record => record.decision === 'roll-back');
  });
  expect(reaction.evidence).toMatchObject({ from: '2', to: '1' });
  const { executions } = await stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn: outputs.ReleaseMachineName }),
  );
  expect(executions?.map(each => each.name)).toEqual([reaction.id]);
  const release = await ended(executions?.[0]?.executionArn);
  expect(releaseInput.parse(JSON.parse(release.input ?? '{}'))).toMatchObject({
    action: 'rollback',
    version: '1',
    from: '2',
    requestedBy: `alarm:${reaction.alarm}`,
  });
  await eventually(async () => (await driftAlarmState()) === 'ALARM' || undefined);
}, 120_000);

test('the same period counted again says the same', async () => {
  const { executions } = await stepFunctions.send(
    new ListExecutionsCommand({ stateMachineArn: outputs.MonitorMachineName, maxResults: 1 }),
  );
  const before = await ended(executions?.[0]?.executionArn);

  const { executionArn } = await stepFunctions.send(
    new StartExecutionCommand({ stateMachineArn: outputs.MonitorMachineName, input: before.input }),
  );

  expect(JSON.parse((await ended(executionArn)).output ?? '')).toEqual(JSON.parse(before.output ?? ''));
}, 120_000);
