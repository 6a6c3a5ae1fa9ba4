import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
} from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { FirehoseClient, PutRecordBatchCommand } from '@aws-sdk/client-firehose';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import {
  GetObjectCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sha256 } from '../../../lambda/shared/canonical-json';
import { clientOf, eventually } from '../local-cloud/stack';
import { ReleaseCloud } from '../release/release-cloud';

const ROOT = join(__dirname, '..', '..', '..');
const ADA = 'ada@example.com';
const BOB = 'bob@example.com';
/** Of a request about Ada whose id does not tell so. */
const UUID = '6b1f0c52-5a77-4a0e-9d0e-0f5f6c3b2a11';
const DAY = '2026-11-27';

let releases: ReleaseCloud;
let s3: S3Client;

interface StoredObject {
  readonly key: string;
  readonly isLatest: boolean;
  readonly bytes: Buffer;
}

/** Every version that is left in a bucket, of whatever lies below a prefix. */
async function versionsOf(output: string, prefix = ''): Promise<StoredObject[]> {
  const Bucket = releases.output(output);
  const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: prefix }));
  return Promise.all(
    Versions.map(async ({ Key: key = '', VersionId, IsLatest: isLatest = false }) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: key, VersionId }));
      return { key, isLatest, bytes: Buffer.from((await Body?.transformToByteArray()) ?? []) };
    }),
  );
}

const put = (output: string, key: string, body: string) =>
  s3.send(new PutObjectCommand({ Bucket: releases.output(output), Key: key, Body: body }));

async function land(batchId: string, text: string): Promise<void> {
  const rows = text.trimEnd().split('\n').length - 1;
  await put('RawBucketName', `churn/${batchId}/a.csv`, text);
  const declaration = { files: [{ key: 'a.csv', rows, sha256: sha256(text) }], rows };
  await put('RawBucketName', `churn/${batchId}/_READY`, JSON.stringify(declaration));
}

/** One step of the training pipeline, as its state machine calls it. */
async function step(request: object): Promise<{ outcome: string; validRows?: number; [name: string]: unknown }> {
  const { Payload, FunctionError } = await new LambdaClient(clientOf(releases.cloud)).send(
    new InvokeCommand({ FunctionName: releases.output('DataFunctionName'), Payload: JSON.stringify(request) }),
  );
  const text = Buffer.from(Payload ?? []).toString();
  if (FunctionError !== undefined) throw new Error(text);
  return JSON.parse(text) as { outcome: string };
}

/** What a training does with the data before its jobs: validates each batch and freezes a snapshot. */
async function trainedOn(): Promise<unknown> {
  const schema = { features: [{ name: 'age', type: 'double', min: 0 }], label: 'left' };
  const validation = await step({ op: 'validate', model: 'churn', schema, maxRows: 1000 });
  if (validation.outcome !== 'continue') throw new Error(JSON.stringify(validation));
  return step({ op: 'snapshot', model: 'churn', schema, holdoutShare: 0.5, validation });
}

/** Sends predictions through the stream, as the model server does. */
async function predicted(...ids: string[]): Promise<void> {
  const lines = ids.map((id, index) => ({
    request_id: id,
    event_time: `${DAY} 03:00:00.${100 + index}`,
    event_time_ms: Date.parse(`${DAY}T03:00:00Z`) + index,
    model: 'churn',
    version: '1',
    features: { age: 30.5 + index },
    prediction: index % 2,
    score: 0.1 * index,
    latency_ms: 1.25,
  }));
  const Data = Buffer.from(lines.map(line => `${JSON.stringify(line)}\n`).join(''));
  await new FirehoseClient(clientOf(releases.cloud)).send(
    new PutRecordBatchCommand({ DeliveryStreamName: releases.output('StreamName'), Records: [{ Data }] }),
  );
}

/** Rows of the inference log as a reader of Parquet sees them. */
async function predictions(): Promise<Record<string, unknown>[]> {
  const { parquetReadObjects } = await import('hyparquet');
  const latest = (await versionsOf('MonitoringBucketName', 'inference_log/')).filter(({ isLatest }) => isLatest);
  const rows = await Promise.all(latest.map(({ bytes }) => parquetReadObjects({ file: new Uint8Array(bytes).buffer })));
  return rows.flat();
}

/** What all functions of the platform wrote into their logs. */
async function logLines(): Promise<string> {
  const logs = new CloudWatchLogsClient(clientOf(releases.cloud));
  const { logGroups = [] } = await logs.send(new DescribeLogGroupsCommand({}));
  const found = logGroups.map(({ logGroupName }) => logs.send(new FilterLogEventsCommand({ logGroupName })));
  return (await Promise.all(found)).flatMap(({ events = [] }) => events.map(({ message }) => message)).join('\n');
}

async function mlops(input: string, ...args: string[]): Promise<{ code: number; out: string; err: string }> {
  const { PATH, HOME } = process.env;
  const env = { PATH, HOME, MLOPS_ENVIRONMENT: 'local', ...releases.cloud.environment };
  const command = [join(ROOT, 'cli', 'bin.cjs'), ...args, '--stack', 'Platform'];
  return new Promise(resolve => {
    const child = execFile(process.execPath, command, { cwd: ROOT, env }, (error, out, err) =>
      resolve({ code: error === null ? 0 : Number(error.code), out, err }),
    );
    child.stdin?.end(input);
  });
}

const HEADER = 'customer,age,left\n';
const rowsOf = (who: string, from: number): string =>
  Array.from({ length: 12 }, (_, index) => `${who},${from + index},${index % 2}\n`).join('');

beforeAll(async () => {
  releases = await ReleaseCloud.start(join(__dirname, 'app.ts'));
  s3 = new S3Client({ ...clientOf(releases.cloud), forcePathStyle: true });

  // GIVEN two persons in landed batches, one row of each set aside, in the inference log and in the labels
  await land('b1', `${HEADER}${rowsOf(BOB, 20)}${rowsOf(ADA, 40)}${ADA},old,1\n${BOB},old,1\n`);
  await land('b2', `${HEADER}${rowsOf(BOB, 60)}`);
  await predicted(`${ADA}/1`, `${BOB}/1`, UUID, `${BOB}/2`);
  await predicted(`${BOB}/3`);
  const label = (id: string): string => `${JSON.stringify({ request_id: id, label: 1, label_time: DAY })}\n`;
  const labels = `labels/model=churn/day=${DAY}/a.json`;
  await put('MonitoringBucketName', labels, label(`${ADA}/1`));
  await put('MonitoringBucketName', labels, label(`${BOB}/1`) + label(`${ADA}/1`) + label(UUID));
  // the stream keeps records back
  await releases.cloud.clock.advance(400);
  await eventually(async () => ((await predictions()).length === 5 ? true : undefined));
  // and a snapshot that is locked
  expect(await trainedOn()).toMatchObject({ outcome: 'continue' });
}, 300_000);

afterAll(() => releases.stop());

const BUCKETS = [
  'RawBucketName',
  'CuratedBucketName',
  'MonitoringBucketName',
  'SnapshotBucketName',
  'ArtifactBucketName',
];

/** Buckets in which some version of some object has a text. */
async function holding(text: string): Promise<string[]> {
  const found = await Promise.all(
    BUCKETS.map(async bucket => ((await versionsOf(bucket)).some(({ bytes }) => bytes.includes(text)) ? [bucket] : [])),
  );
  return found.flat();
}

test('one person is erased from every version of every object, and the other stays as they were', async () => {
  const ids = join(mkdtempSync(join(tmpdir(), 'erasure-')), 'ids.txt');
  writeFileSync(ids, `${UUID}\n`);
  const erase = (...more: string[]) =>
    mlops(`${ADA}\n`, 'erase', 'churn', '--subject', '-', '--requests', ids, ...more);
  const others = (await predictions()).filter(({ request_id: id }) => String(id).startsWith(BOB));
  const snapshots = await versionsOf('SnapshotBucketName');
  const everywhere = await Promise.all(BUCKETS.map(bucket => versionsOf(bucket)));
  expect(await holding(ADA)).toEqual(['RawBucketName', 'CuratedBucketName', 'MonitoringBucketName']);

  // WHEN it is only counted
  const dry = await erase('--dry-run');

  // THEN nothing has changed
  expect(dry).toMatchObject({ code: 0, err: '' });
  expect(dry.out).toContain('would be erased: 13 landed rows, 2 predictions, 2 labels');
  expect(await Promise.all(BUCKETS.map(bucket => versionsOf(bucket)))).toEqual(everywhere);

  // WHEN the person is erased
  const erased = await erase('--reason', 'request 17');

  // THEN no version of any object holds the person
  expect(erased).toMatchObject({ code: 0, err: '' });
  expect(erased.out).toContain('erased: 13 landed rows, 2 predictions, 2 labels');
  expect(await holding(ADA)).toEqual([]);
  expect(await holding(UUID)).toEqual([]);

  // THEN the other's rows are what they were
  const landed = (await versionsOf('RawBucketName')).filter(({ key }) => !key.endsWith('_READY'));
  expect(landed.map(({ bytes }) => bytes.toString()).sort()).toEqual(
    [`${HEADER}${rowsOf(BOB, 20)}${BOB},old,1\n`, `${HEADER}${rowsOf(BOB, 60)}`].sort(),
  );
  expect(await predictions()).toEqual(others);
  expect((await versionsOf('MonitoringBucketName', 'labels/')).map(({ bytes }) => bytes.toString())).toEqual([
    `{"request_id":"${BOB}/1","label":1,"label_time":"${DAY}"}\n`,
  ]);

  // THEN the locked snapshot is as it was, without any key, and it is told until when
  expect(await versionsOf('SnapshotBucketName')).toEqual(snapshots);
  expect(snapshots.some(({ bytes }) => bytes.includes(BOB))).toBe(false);
  const { Retention } = await s3.send(
    new GetObjectRetentionCommand({
      Bucket: releases.output('SnapshotBucketName'),
      Key: snapshots.find(({ key }) => key.endsWith('manifest.json'))?.key,
    }),
  );
  const day = Retention?.RetainUntilDate?.toISOString().slice(0, 10) ?? 'no lock';
  expect(erased.out).toContain("rows without the key in locked snapshots, with the fields 'age', until: ");
  expect(erased.out).toContain(`until: ${day}T`);

  // THEN neither the ledger nor a log knows who it was, and the audit tells the rest
  const { Items } = await new DynamoDBClient(clientOf(releases.cloud)).send(
    new ScanCommand({ TableName: releases.output('LedgerName') }),
  );
  expect(JSON.stringify(Items)).not.toContain(ADA);
  const logged = await logLines();
  expect(logged).toContain('"outcome":"done"');
  expect(logged).not.toContain(ADA);
  const { out: audit } = await mlops('', 'audit', 'churn');
  expect(audit).toMatch(/erasure +- +begun .*request 17/);
  expect(audit).toMatch(/erasure +- +done .*13 landed rows, 2 predictions, 2 labels/);

  // THEN the batch that was declared anew starts no training
  await eventually(async () =>
    (await logLines()).includes("a person was erased from 'churn/b1/_READY', nothing has landed") ? true : undefined,
  );

  // WHEN it is done again
  const again = await erase();

  // THEN there is nothing more to erase
  expect(again).toMatchObject({ code: 0 });
  expect(again.out).toContain('erased: 0 landed rows, 0 predictions, 0 labels, 0 old versions');
}, 300_000);

test('a training afterwards validates what is left and makes another snapshot of it', async () => {
  expect(await trainedOn()).toMatchObject({ outcome: 'continue' });
  const reports = (await versionsOf('CuratedBucketName')).filter(({ key }) => key.endsWith('validation.json'));
  const counts = reports.map(({ key, bytes }) => [
    key,
    JSON.parse(bytes.toString()) as { rows: number; valid: number },
  ]);
  expect(Object.fromEntries(counts)).toMatchObject({
    'churn/b1/validation.json': { rows: 13, valid: 12 },
    'churn/b2/validation.json': { rows: 12, valid: 12 },
  });
  expect(await holding(ADA)).toEqual([]);
}, 120_000);

test('a batch that is still landing is told, and the command does not end well', async () => {
  await put('RawBucketName', 'churn/b3/a.csv', `${HEADER}${ADA},1,1\n`);

  const { code, out } = await mlops('', 'erase', 'churn', '--subject', ADA);

  expect(code).toBe(1);
  expect(out).toContain(
    "still to do, the person may be there:\n  - batch 'b3': it has no '_READY', it is still landing",
  );
}, 120_000);
