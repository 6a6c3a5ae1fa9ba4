import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand, ListObjectsV2Command, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { ListTagsCommand } from '@aws-sdk/client-sagemaker';
import { DeleteCommand, DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import type { AuditEntry } from '../../../cli/commands/audit';
import type { RunRecord } from '../../../lambda/pipeline-control/records';
import { RunTable } from '../../../lambda/pipeline-control/run-table';
import { clientOf, eventually } from '../local-cloud/stack';
import { ReleaseCloud } from '../release/release-cloud';
import { Auditor, type Row } from './queries';

const ROOT = join(__dirname, '..', '..', '..');
const ADA = 'arn:aws:iam::000000000000:user/ada';
const SNAPSHOT = 'a'.repeat(64);

let releases: ReleaseCloud;
let auditor: Auditor;
let s3: S3Client;
let documents: DynamoDBDocumentClient;

/** The rows of a query once there are so many: records arrive by a stream. */
function rowsOf(query: string, many: number): Promise<Row[]> {
  return eventually(async () => {
    const rows = await auditor.ask(query);
    return rows.length >= many ? rows : undefined;
  }, 30);
}

/** The run that made a version, as the pipeline's last step records it. */
async function recordTraining(version: string): Promise<void> {
  const runId = version.repeat(64);
  const at = new Date().toISOString();
  const run: RunRecord = {
    runId,
    status: 'succeeded',
    attempt: 1,
    execution: `arn:aws:states:us-east-1:000000000000:execution:pipeline:start-${version}`,
    trigger: 'manual',
    inputs: {
      model: 'rain',
      codeDigest: 'c'.repeat(64),
      snapshotDigest: SNAPSHOT,
      image: 'trainer:1',
      hyperparameters: {},
      seed: 7,
      instanceType: 'ml.m5.large',
      instanceCount: 1,
    },
    startedAt: at,
    endedAt: at,
    reason: 'better',
    jobName: 'job',
    modelDataUri: 's3://artifacts/model.tar.gz',
    evaluationUri: 's3://artifacts/evaluation',
    schemaDigest: 'd'.repeat(64),
    seenThrough: 'batch',
    version,
  };
  const execution = {
    name: `start-${version}`,
    at,
    trigger: 'manual',
    requestedBy: ADA,
    startReason: 'new idea',
    outcome: 'registered',
    reason: 'better',
    runId,
  };
  const runs = new RunTable(documents, releases.output('RunsName'));
  const { generation: seen } = await runs.state('rain');
  const state = { generation: seen + 1, trainings: [], lostChallengers: 0 };
  if (!(await runs.commit('rain', { seen, state, run, execution }))) throw new Error('the run was not recorded');
}

/** A file of CloudTrail's, which does not run here, in its own form. */
async function logged(...events: object[]): Promise<void> {
  const now = new Date().toISOString();
  const day = now.slice(0, 10).replaceAll('-', '/');
  const Records = events.map(event => ({
    eventVersion: '1.11',
    userIdentity: { type: 'IAMUser', arn: ADA, accountId: '000000000000' },
    eventTime: now,
    awsRegion: 'us-east-1',
    recipientAccountId: '000000000000',
    tlsDetails: { tlsVersion: 'TLSv1.3' },
    ...event,
  }));
  await s3.send(
    new PutObjectCommand({
      Bucket: releases.output('AuditBucketName'),
      Key: `AWSLogs/000000000000/CloudTrail/us-east-1/${day}/000000000000_CloudTrail_us-east-1_x.json.gz`,
      Body: gzipSync(JSON.stringify({ Records })),
    }),
  );
}

/** A call of IAM, of which the tests have no client. */
async function iam(Action: string, parameters: Record<string, string>): Promise<string> {
  const answer = await fetch(releases.cloud.endpoint, {
    method: 'POST',
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${releases.cloud.region}/iam/aws4_request`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ Action, Version: '2010-05-08', ...parameters }),
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${Action}: ${text}`);
  return text;
}

/** Starts a training with the rights of the pipeline; gives the error that it ends in. */
async function errorOfTraining(): Promise<string> {
  const stepFunctions = new SFNClient(clientOf(releases.cloud));
  const roleName = releases.output('JobStarterRoleName');
  const { stateMachineArn } = await stepFunctions.send(
    new CreateStateMachineCommand({
      name: 'training-starter',
      roleArn: `arn:aws:iam::000000000000:role/${roleName}`,
      definition: JSON.stringify({
        StartAt: 'Train',
        States: {
          Train: {
            Type: 'Task',
            Resource: 'arn:aws:states:::sagemaker:createTrainingJob',
            // refused by SageMaker after the rights were checked: it has neither image nor output
            Parameters: {
              TrainingJobName: 'mlops-local-rain-1',
              RoleArn: 'arn:aws:iam::000000000000:role/mlops/local/rain',
            },
            End: true,
          },
        },
      }),
    }),
  );
  const { executionArn } = await stepFunctions.send(new StartExecutionCommand({ stateMachineArn }));
  return eventually(async () => {
    const { status, error, cause } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' ? undefined : `${error ?? ''}: ${cause ?? ''}`;
  });
}

beforeAll(async () => {
  releases = await ReleaseCloud.start(join(__dirname, 'app.ts'));
  auditor = await Auditor.signIn(releases.cloud, releases.output('AuditorArn'));
  s3 = new S3Client({ ...clientOf(releases.cloud), forcePathStyle: true });
  documents = DynamoDBDocumentClient.from(new DynamoDBClient(clientOf(releases.cloud)));
}, 240_000);

afterAll(async () => {
  await releases.stop();
});

test('an audit learns by SQL who released and rolled back what, why, and on which data it was trained', async () => {
  // GIVEN two versions that were trained, approved and released, and the second rolled back
  await recordTraining('1');
  await recordTraining('2');
  await releases.approve(await releases.register());
  await releases.approve(await releases.register());

  // WHEN
  await releases.ask({ action: 'rollback', version: '1', from: '2', requestedBy: ADA, reason: 'answers look wrong' });
  await releases.ask({ action: 'hold', requestedBy: ADA, reason: 'until we know more' });

  // THEN
  const [rollback, second, first] = await rowsOf('who-released', 3);
  expect(rollback).toMatchObject({
    action: 'rollback',
    from_version: '2',
    version: '1',
    outcome: 'succeeded',
    who: ADA,
    why: 'answers look wrong',
    run_id: '1'.repeat(64),
    snapshot_digest: SNAPSHOT,
  });
  expect([second, first]).toMatchObject([
    { action: 'release', version: '2', outcome: 'succeeded', run_id: '2'.repeat(64) },
    { action: 'release', version: '1', outcome: 'succeeded' },
  ]);
  expect(await rowsOf('what-was-decided', 1)).toMatchObject([
    { kind: 'hold', action: 'hold', who: ADA, why: 'until we know more' },
  ]);
  expect(await rowsOf('who-trained', 2)).toMatchObject(
    ['2', '1'].map(version => ({ who: ADA, why: 'new idea', version, snapshot_digest: SNAPSHOT })),
  );
}, 180_000);

test('an audit learns the same from the command line', async () => {
  // WHEN
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'cli', 'bin.cjs'), 'audit', 'rain', '--since', '1h', '--stack', 'Platform', '--json'],
    { cwd: ROOT, env: { ...process.env, MLOPS_ENVIRONMENT: 'local', ...releases.cloud.environment } },
  );

  // THEN
  const { entries, unknown } = JSON.parse(stdout) as { entries: AuditEntry[]; unknown: string[] };
  expect(unknown).toEqual([]);
  const of = (what: string): AuditEntry[] => entries.filter(entry => entry.what === what);
  expect(of('training')).toMatchObject(
    ['1', '2'].map(version => ({ version, who: ADA, why: 'new idea', snapshotDigest: SNAPSHOT, source: 'runs' })),
  );
  expect(of('registration').map(({ version }) => version)).toEqual(['1', '2']);
  // the rollback took the second one's approval away
  expect(of('word').map(({ version, outcome }) => [version, outcome])).toEqual([
    ['1', 'approved'],
    ['2', 'rejected'],
  ]);
  expect(of('rollback')).toMatchObject([{ from: '2', version: '1', who: ADA, why: 'answers look wrong' }]);
  expect(of('hold')).toMatchObject([{ who: ADA, why: 'until we know more' }]);
}, 60_000);

test('an endpoint that a release made bears the tags by which its cost is counted', async () => {
  const { EndpointArn: ResourceArn } = await releases.endpoint();
  const { Tags } = await releases.sagemaker.send(new ListTagsCommand({ ResourceArn }));
  expect(Tags).toEqual(
    expect.arrayContaining([
      { Key: 'mlops:environment', Value: 'local' },
      { Key: 'mlops:model', Value: 'rain' },
    ]),
  );
});

test('an audit learns by SQL what CloudTrail saw: approvals, changed rights, touched data, touched evidence', async () => {
  // GIVEN
  const evidence = releases.output('AuditBucketName');
  const deleted = (bucketName: string): object => ({
    eventSource: 's3.amazonaws.com',
    eventName: 'DeleteObject',
    eventCategory: 'Data',
    requestParameters: { bucketName, key: 'some' },
  });
  await logged(
    {
      eventSource: 'sagemaker.amazonaws.com',
      eventName: 'UpdateModelPackage',
      eventCategory: 'Management',
      requestParameters: {
        modelPackageArn: 'arn:aws:sagemaker:us-east-1:000000000000:model-package/mlops-local-rain/1',
        modelApprovalStatus: 'Approved',
        approvalDescription: 'better on every window',
      },
    },
    {
      eventSource: 's3.amazonaws.com',
      eventName: 'GetObject',
      eventCategory: 'Data',
      requestParameters: { bucketName: 'lake-raw', key: 'rain/1/part-0.csv' },
    },
    {
      eventSource: 'dynamodb.amazonaws.com',
      eventName: 'PutItem',
      eventCategory: 'Data',
      requestParameters: { tableName: 'ledger', key: { pk: 'rain', sk: 'STATE' } },
    },
    { eventSource: 'cloudtrail.amazonaws.com', eventName: 'StopLogging', errorCode: 'AccessDenied' },
    { eventSource: 'iam.amazonaws.com', eventName: 'PutRolePolicy', requestParameters: { roleName: 'auditor' } },
    deleted('lake-raw'),
    deleted(evidence),
  );

  // THEN
  expect(await auditor.ask('who-approved')).toMatchObject([
    { who: ADA, status: 'Approved', words: 'better on every window', outcome: 'done' },
  ]);
  const touched = await auditor.ask('who-touched-data');
  expect(touched.map(({ who, what, bucket, times }) => [who, what, bucket, times]).sort()).toEqual(
    [
      [ADA, 'DeleteObject', 'lake-raw', '1'],
      [ADA, 'DeleteObject', evidence, '1'],
      [ADA, 'GetObject', 'lake-raw', '1'],
    ].sort(),
  );
  expect(await auditor.ask('who-wrote-records')).toMatchObject([{ who: ADA, what: 'PutItem', table_name: 'ledger' }]);
  expect(await auditor.ask('who-changed-rights')).toMatchObject([{ who: ADA, what: 'PutRolePolicy', outcome: 'done' }]);
  // what is deleted in the lake is no evidence
  const evidenceRows = await auditor.ask('who-touched-evidence');
  expect(evidenceRows.map(({ who, what, outcome }) => [who, what, outcome]).sort()).toEqual([
    [ADA, 'DeleteObject', 'done'],
    [ADA, 'StopLogging', 'AccessDenied'],
  ]);
}, 60_000);

test('a record that somebody deletes from the ledger is kept, and its deletion shows', async () => {
  // GIVEN a release that was recorded
  const [{ startedAt, id }] = await releases.ledger.releases('rain');
  const before = await auditor.ask('who-released');

  // WHEN
  const Key = { pk: 'rain', sk: `RELEASE#${startedAt}#${id}` };
  await documents.send(new DeleteCommand({ TableName: releases.output('LedgerName'), Key }));

  // THEN
  const rows = await rowsOf('who-touched-evidence', 3);
  expect(rows).toContainEqual(
    expect.objectContaining({ what: 'deleted record', of_what: `rain: ${Key.sk}`, outcome: 'deleted' }),
  );
  expect(await auditor.ask('who-released')).toEqual(before);
}, 60_000);

test('who audits neither reads, nor writes over, nor asks for what the platform was answered', async () => {
  // GIVEN what a monitor was answered, and what an audit was
  const lake = releases.output('MonitoringBucketName');
  await s3.send(new PutObjectCommand({ Bucket: lake, Key: 'athena/1.csv', Body: 'counts' }));
  await auditor.ask('who-released');
  const answers = await s3.send(new ListObjectsV2Command({ Bucket: lake, Prefix: 'audit_results/' }));
  const [{ Key: answer = '' } = {}] = answers.Contents ?? [];

  // THEN
  await expect(auditor.write(lake, 'athena/1.csv')).rejects.toThrow(/not authorized|Access ?Denied/i);
  await expect(auditor.read(lake, 'athena/1.csv')).rejects.toThrow(/not authorized|Access ?Denied/i);
  await expect(auditor.askIn('mlops-local')).rejects.toThrow(/not authorized|Access ?Denied/i);
  await auditor.read(lake, answer);
}, 60_000);

test('a copied record is locked', async () => {
  // GIVEN
  const Bucket = releases.output('AuditBucketName');
  const { Contents = [], ...listed } = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'records/' }));
  expect(listed.KeyCount).toBeGreaterThan(0);

  // WHEN its version is to be deleted
  const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'records/mine', Body: 'x' }));
  const removal = s3.send(new DeleteObjectCommand({ Bucket, Key: 'records/mine', VersionId }));

  // THEN
  await expect(removal).rejects.toThrow(/Access Denied|locked/i);
  expect(Contents.every(({ Key }) => /^records\/day=\d{4}-\d\d-\d\d\/[\w-]+\.json$/.test(Key ?? ''))).toBe(true);
}, 60_000);

test('the policy that the budget attaches stops new training, and lets it go on once it is detached', async () => {
  // GIVEN the policy of the stack, as AWS Budgets would attach it
  const policies = await iam('ListPolicies', { Scope: 'Local', MaxItems: '1000' });
  const [PolicyArn = ''] = /arn:aws:iam::\d+:policy\/Governance-BudgetTrainingStop[^<]*/.exec(policies) ?? [];
  const RoleName = releases.output('JobStarterRoleName');
  expect(await errorOfTraining()).toMatch(/ValidationException/);

  // WHEN
  await iam('AttachRolePolicy', { RoleName, PolicyArn });

  // THEN
  expect(await errorOfTraining()).toMatch(
    /not authorized to perform: sagemaker:CreateTrainingJob .* explicit deny .*AccessDenied/s,
  );

  // WHEN
  await iam('DetachRolePolicy', { RoleName, PolicyArn });

  // THEN
  expect(await errorOfTraining()).toMatch(/ValidationException/);
}, 60_000);
