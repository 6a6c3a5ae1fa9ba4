import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetBucketEncryptionCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateModelPackageCommand, ListModelPackagesCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { DynamoDBDocumentClient, GetCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { LocalCloud } from '../../../local-cloud/start';
import { EARLIER } from '../../upgrade/earlier';
import { mayGo } from '../../upgrade/may-go';
import { KEY_STAYS, rootWith, TIER } from '../../upgrade/migrated';
import { Callers, tally } from '../local-cloud/callers';
import { clientOf } from '../local-cloud/stack';
import { createTinyEndpoint, startTinyCloud } from '../local-cloud/tiny-endpoint';
import { deployEarlier, forLocalCloud, resourcesOf } from './earlier-stacks';

const ROOT = join(__dirname, '..', '..', '..');
const STACKS = ['mlops-dev-data', 'mlops-dev-platform', 'mlops-dev-model-rain'];
const ENDPOINT = 'mlops-dev-rain';
const LANDED = { Key: 'rain/2026-01-01/rows.csv' };
const STATE = { pk: 'rain', sk: 'STATE' };

jest.setTimeout(600_000);

let cloud: LocalCloud;
let root: string;
let s3: S3Client;
let ledger: DynamoDBDocumentClient;
let sagemaker: SageMakerClient;

/** The real CDK CLI of this repository, and the real app. */
async function cdk(...args: string[]): Promise<string> {
  const { PATH, HOME, TMPDIR } = process.env;
  const cli = join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const { stdout, stderr } = await promisify(execFile)(process.execPath, [cli, ...args, '--no-notices'], {
    cwd: ROOT,
    env: { PATH, HOME, TMPDIR, CDK_VALIDATION: 'false', ...cloud.environment },
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout + stderr;
}

/** Resources of the earlier version, by their stacks' names, that an upgrade may replace or delete. */
const MAY_GO = new Set(
  (EARLIER.stacks['dev'] ?? []).flatMap(({ id: stack, stackName, template }) =>
    Object.entries(template.Resources ?? {})
      .filter(([logicalId, { Type: type }]) => mayGo({ stack, logicalId, type }))
      .map(([logicalId]) => `${stackName}/${logicalId}`),
  ),
);

/** All resources of the environment's stacks, by stack. */
async function made(): Promise<Map<string, string>> {
  const maps = await Promise.all(STACKS.map(stack => resourcesOf(cloud, stack)));
  return new Map(
    maps.flatMap((map, index) => [...map].map(([id, name]): [string, string] => [`${STACKS[index]}/${id}`, name])),
  );
}

beforeAll(async () => {
  cloud = await startTinyCloud();
  s3 = new S3Client({ ...clientOf(cloud), forcePathStyle: true });
  ledger = DynamoDBDocumentClient.from(new DynamoDBClient(clientOf(cloud)));
  sagemaker = new SageMakerClient(clientOf(cloud));
  root = rootWith('dev', forLocalCloud(EARLIER.files['dev'] ?? '', cloud), [TIER, KEY_STAYS]);
  await cdk('bootstrap', `aws://${cloud.accountId}/${cloud.region}`, '-c', 'environment=dev', '-c', `root=${root}`);
});

afterAll(async () => {
  await cloud.stop();
  rmSync(root, { recursive: true, force: true });
});

test('what an environment of the earlier version holds is there after the upgrade, and its model serves on', async () => {
  // GIVEN an environment of the earlier version, with data, a ledger, a version and an endpoint
  await deployEarlier(cloud, 'dev');
  const before = await made();
  const nameOf = (id: string): string => before.get(id) ?? `no ${id}`;
  const Bucket = nameOf('mlops-dev-data/LakeRaw8A880B75');
  const TableName = nameOf('mlops-dev-platform/ReleaseLedger7181EC80');
  const encryption = async (): Promise<unknown> =>
    (await s3.send(new GetBucketEncryptionCommand({ Bucket }))).ServerSideEncryptionConfiguration;
  const encryptedBefore = await encryption();
  await s3.send(new PutObjectCommand({ Bucket, ...LANDED, Body: 'rows' }));
  await ledger.send(new PutCommand({ TableName, Item: { ...STATE, current: '7' } }));
  await sagemaker.send(
    new CreateModelPackageCommand({ ModelPackageGroupName: ENDPOINT, ModelApprovalStatus: 'Approved' }),
  );
  await createTinyEndpoint(sagemaker, ENDPOINT, {
    version: 'seven',
    roleArn: `arn:aws:iam::${cloud.accountId}:role/${nameOf('mlops-dev-model-rain/ServiceRole3C697B45')}`,
  });

  // WHEN the present version is deployed over it, with the file as the page on upgrading tells
  const callers = new Callers(clientOf(cloud), ENDPOINT, 1);
  await cdk('deploy', 'dev/*', '-c', 'environment=dev', '-c', `root=${root}`, '--require-approval', 'never');
  const calls = await callers.stop();

  // THEN
  const after = await made();
  const anew = [...before].filter(([id, name]) => after.get(id) !== name && !MAY_GO.has(id)).map(([id]) => id);
  expect(anew).toEqual([]);
  expect([...after.keys()].filter(id => !before.has(id))).not.toEqual([]);

  const landed = await s3.send(new GetObjectCommand({ Bucket, ...LANDED }));
  expect(await landed.Body?.transformToString()).toBe('rows');
  expect(await encryption()).toEqual(encryptedBefore);
  expect((await ledger.send(new GetCommand({ TableName, Key: STATE }))).Item).toEqual({ ...STATE, current: '7' });
  const { ModelPackageSummaryList } = await sagemaker.send(
    new ListModelPackagesCommand({ ModelPackageGroupName: ENDPOINT }),
  );
  expect(ModelPackageSummaryList).toHaveLength(1);

  expect(tally(calls.map(({ version, error, wrong }) => error ?? wrong ?? version))).toEqual({ seven: calls.length });
});
