import {
  CloudFormationClient,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
} from '@aws-sdk/client-cloudformation';
import { ListBucketsCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { clientOf } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');

let cloud: LocalCloud;
let folder: string;
let s3: S3Client;

async function cdk(mayGo: boolean, ...args: string[]): Promise<void> {
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
    { cwd: ROOT, env: { PATH, HOME, CDK_VALIDATION: 'false', LAKE_MAY_GO: String(mayGo), ...cloud.environment } },
  );
}

async function output(key: string): Promise<string> {
  const { Stacks } = await new CloudFormationClient(clientOf(cloud)).send(
    new DescribeStacksCommand({ StackName: 'Lake' }),
  );
  return Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue ?? '';
}

async function land(bucket: string, key: string): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: 'rows', ChecksumAlgorithm: 'SHA256' }));
}

async function versionsIn(bucket: string): Promise<number> {
  return (await s3.send(new ListObjectVersionsCommand({ Bucket: bucket }))).Versions?.length ?? 0;
}

/** Calls the cleanup as CloudFormation would when the lake goes; gives what it answers. */
async function cleanUp(buckets: string[]): Promise<unknown> {
  const { StackResources } = await new CloudFormationClient(clientOf(cloud)).send(
    new DescribeStackResourcesCommand({ StackName: 'Lake' }),
  );
  const cleanup = StackResources?.find(({ ResourceType }) => ResourceType === 'AWS::Lambda::Function');
  const server = createServer();
  const answer = new Promise<string>(resolve => {
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        response.end();
        resolve(Buffer.concat(chunks).toString());
      });
    });
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await fetch(`${cloud.endpoint}/2015-03-31/functions/${cleanup?.PhysicalResourceId ?? ''}/invocations`, {
    method: 'POST',
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${cloud.region}/lambda/aws4_request` },
    body: JSON.stringify({
      RequestType: 'Delete',
      ResponseURL: `http://127.0.0.1:${port}/`,
      LogicalResourceId: 'Cleanup',
      PhysicalResourceId: 'Cleanup',
      StackId: 'stack',
      RequestId: 'request',
      ResourceProperties: { BucketNames: buckets },
    }),
  });
  try {
    return JSON.parse(await answer) as unknown;
  } finally {
    server.close();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'lake-test-'));
  cloud = await startLocalCloud();
  s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
  await cdk(true, 'bootstrap');
}, 120_000);

afterAll(async () => {
  await cloud.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('data goes when told twice, locked snapshots included, and stays once that is taken back', async () => {
  // GIVEN a lake whose data may go
  await cdk(true, 'deploy', 'Lake', '--require-approval', 'never');
  const [raw, snapshots] = [await output('RawBucket'), await output('SnapshotBucket')];
  await land(raw, 'rain/1/part-0.csv');
  await land(raw, 'rain/1/part-0.csv');
  await land(snapshots, 'rain/digest/train.csv');

  // WHEN that is taken back
  await cdk(false, 'deploy', 'Lake', '--require-approval', 'never');

  // THEN the cleanup has gone without touching anything
  expect([await versionsIn(raw), await versionsIn(snapshots)]).toEqual([2, 1]);

  // WHEN it is said again, and the cleanup runs
  await cdk(true, 'deploy', 'Lake', '--require-approval', 'never');
  const answer = await cleanUp([raw, snapshots]);

  // THEN every version has gone by it: the local cloud, unlike AWS, deletes a bucket that is not empty
  expect(answer).toMatchObject({ Status: 'SUCCESS' });
  expect([await versionsIn(raw), await versionsIn(snapshots)]).toEqual([0, 0]);

  // WHEN the stack goes
  await cdk(true, 'destroy', 'Lake', '--force');

  // THEN no bucket of it is left
  const { Buckets } = await s3.send(new ListBucketsCommand({}));
  expect(Buckets?.map(({ Name }) => Name).filter(name => name === raw || name === snapshots)).toEqual([]);
}, 180_000);
