import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { DescribeExecutionCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { AssumeRoleWithWebIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { clientOf, eventually } from '../local-cloud/stack';
import { ReleaseCloud } from '../release/release-cloud';

const ROOT = join(__dirname, '..', '..', '..');
const MAIN = 'repo:acme/models:ref:refs/heads/main';
const COMMIT = '0123456789abcdef0123456789abcdef01234567';

interface Keys {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

let releases: ReleaseCloud;

/** Keys for a job of CI whose token says this of it. */
async function keysOf(claims: { sub: string; aud?: string }): Promise<Keys> {
  const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const payload = { iss: 'https://ci.example.com', aud: 'sts.amazonaws.com', ...claims };
  const { Credentials } = await new STSClient(clientOf(releases.cloud)).send(
    new AssumeRoleWithWebIdentityCommand({
      RoleArn: releases.output('MergeRoleArn'),
      RoleSessionName: 'merge',
      // the local cloud checks no signature, which is the business of AWS
      WebIdentityToken: `${part({ alg: 'none' })}.${part(payload)}.`,
    }),
  );
  return {
    accessKeyId: Credentials?.AccessKeyId ?? '',
    secretAccessKey: Credentials?.SecretAccessKey ?? '',
    sessionToken: Credentials?.SessionToken ?? '',
  };
}

/** What `npx mlops train` says to a job of CI. */
async function train({ accessKeyId, secretAccessKey, sessionToken }: Keys, model = 'rain'): Promise<string> {
  const { PATH, HOME } = process.env;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'cli', 'bin.cjs'), 'train', model, '--commit', COMMIT, '--stack', 'Platform'],
    {
      cwd: ROOT,
      env: {
        PATH,
        HOME,
        MLOPS_ENVIRONMENT: 'local',
        ...releases.cloud.environment,
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      },
    },
  );
  return stdout;
}

/** The input of the execution that a command line started, once it has ended. */
async function endOf(said: string): Promise<{ trigger: { kind: string; commit: string; requestedBy: string } }> {
  const executionArn = /arn:aws:states:\S+/.exec(said)?.[0];
  const stepFunctions = new SFNClient(clientOf(releases.cloud));
  return eventually(async () => {
    const { status, input = '' } = await stepFunctions.send(new DescribeExecutionCommand({ executionArn }));
    return status === 'RUNNING' ? undefined : (JSON.parse(input) as Awaited<ReturnType<typeof endOf>>);
  }, 60);
}

beforeAll(async () => {
  releases = await ReleaseCloud.start(join(__dirname, 'app.ts'));
}, 600_000);
afterAll(() => releases.stop());

test('a merge starts a training with its commit, and starts it again where the first was in vain', async () => {
  // GIVEN a model whose data has not landed, so that what is started trains nothing
  const keys = await keysOf({ sub: MAIN });

  // WHEN
  const first = await train(keys);
  const { trigger } = await endOf(first);
  const second = await train(keys);

  // THEN
  expect(trigger).toMatchObject({ kind: 'merge', commit: COMMIT });
  expect(trigger.requestedBy).toMatch(/:assumed-role\/.*Merge.*\/merge$/);
  expect(first).toMatch(/the training begins as 'merge-[0-9a-f]{32}'/);
  expect(second).toMatch(/the training begins as 'merge-[0-9a-f]{32}-2'/);
}, 120_000);

test('a merge that names no model hears so, although its role may not list which there are', async () => {
  await expect(train(await keysOf({ sub: MAIN }), 'rian')).rejects.toMatchObject({
    stderr: expect.stringContaining("there is no model 'rian' in environment 'local'; which there are"),
  });
}, 120_000);

test.each([
  ['another branch', { sub: 'repo:acme/models:ref:refs/heads/mine' }],
  ['a pull request', { sub: 'repo:acme/models:pull_request' }],
  ['a token for somebody else than AWS', { sub: MAIN, aud: 'https://example.com' }],
])('the role is not for %s', async (_who, claims) => {
  await expect(keysOf(claims)).rejects.toThrow('Not authorized to perform sts:AssumeRoleWithWebIdentity');
});

test('the role starts no release and reads no data', async () => {
  const settings = { ...clientOf(releases.cloud), credentials: await keysOf({ sub: MAIN }) };
  await expect(
    new SFNClient(settings).send(
      new StartExecutionCommand({ stateMachineArn: releases.output('ReleaseStateMachineArn'), input: '{}' }),
    ),
  ).rejects.toThrow(/not authorized/i);
  await expect(
    new S3Client({ ...settings, forcePathStyle: true }).send(
      new ListObjectsV2Command({ Bucket: releases.output('RawBucketName') }),
    ),
  ).rejects.toThrow(/denied|not authorized/i);
});
