/** `npx mlops-local` as its README tells it. */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { CreateTrainingJobCommand, DescribeTrainingJobCommand, SageMakerClient } from '@aws-sdk/client-sagemaker';
import { freePort } from '../../../local-cloud/process/ports';
import { commandOf, descendantsOf } from '../../support/processes';
import { eventually } from './stack';

jest.setTimeout(60_000);
const LOCAL_CLOUD = join(__dirname, '..', '..', '..', 'local-cloud');
const folder = mkdtempSync(join(tmpdir(), 'cli-test-'));
/** Where the cloud's own folders are made: what it leaves shows here. */
const temporary = join(folder, 'tmp');
mkdirSync(temporary);
const started: Cli[] = [];

afterAll(() => {
  started.forEach(cli => cli.child.kill('SIGKILL'));
  rmSync(folder, { recursive: true, force: true });
});

/** A `mlops-local` that runs, with what it has written so far. */
class Cli {
  public out = '';
  public err = '';
  public readonly ended: Promise<number | null>;
  public readonly child: ChildProcessByStdio<null, Readable, Readable>;

  constructor(args: readonly string[], environment: NodeJS.ProcessEnv = {}) {
    this.child = spawn(process.execPath, [join(LOCAL_CLOUD, 'bin.cjs'), ...args], {
      // a user's own folder, not the repository
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TMPDIR: temporary, ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child.stdout.on('data', (text: Buffer) => (this.out += text.toString()));
    this.child.stderr.on('data', (text: Buffer) => (this.err += text.toString()));
    this.ended = new Promise(resolve => this.child.once('close', resolve));
    started.push(this);
  }

  public get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Its exports by name, once it says that it is ready. */
  public async ready(): Promise<Record<string, string>> {
    // the two streams come by two pipes, in any order
    const isReady = (): boolean =>
      /^ready in \d+\.\d s/m.test(this.err) && this.out.includes('CDK_DISABLE_CLI_TELEMETRY');
    await eventually(() => Promise.resolve(isReady() ? true : undefined));
    return Object.fromEntries(
      [...this.out.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
  }
}

/** Folders of clouds; the loader of TypeScript keeps its own beside them. */
function foldersLeft(): string[] {
  return readdirSync(temporary).filter(name => name.startsWith('mlops-local-'));
}

async function allGone(pids: readonly number[]): Promise<void> {
  await eventually(() => Promise.resolve(pids.every(pid => commandOf(pid) === '') ? true : undefined));
}

/** The README's own example of faults. */
function readmeFaults(): { effect: string }[] {
  const readme = readFileSync(join(LOCAL_CLOUD, 'README.md'), 'utf8');
  const example = [...readme.matchAll(/```json\n(.*?)```/gs)]
    .map(([, json = '']) => json)
    .find(json => json.includes('"faults"'));
  return (JSON.parse(example ?? '{}') as { faults: { effect: string }[] }).faults;
}

test('it is ready on its port with its exports and faults, runs mapped images, and Ctrl-C leaves nothing', async () => {
  // GIVEN
  const port = await freePort();
  writeFileSync(join(folder, 'faults.json'), JSON.stringify({ faults: readmeFaults() }));
  writeFileSync(join(folder, 'train.js'), "console.log('training'); setTimeout(() => undefined, 60_000);");
  writeFileSync(
    join(folder, 'images.json'),
    JSON.stringify({ 'my-team/trainer': { command: ['node', './train.js'] } }),
  );

  // WHEN
  // without rights every role may be assumed, also one that nobody has made
  const cli = new Cli(['--port', String(port), '--faults', 'faults.json', '--no-auth'], {
    MLOPS_LOCAL_IMAGES: 'images.json',
  });
  const exports = await cli.ready();

  // THEN
  expect(exports).toMatchObject({
    AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    CDK_DEFAULT_ACCOUNT: '000000000000',
  });
  const inForce = (await (await fetch(`http://127.0.0.1:${port}/_mlops/faults`)).json()) as { faults: object[] };
  expect(inForce.faults).toMatchObject(readmeFaults());

  // WHEN
  const client = new SageMakerClient({
    endpoint: exports.AWS_ENDPOINT_URL,
    region: exports.AWS_REGION,
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
  });
  await client.send(
    new CreateTrainingJobCommand({
      TrainingJobName: 'mine',
      RoleArn: 'arn:aws:iam::000000000000:role/mine',
      AlgorithmSpecification: {
        TrainingImage: '000000000000.dkr.ecr.us-east-1.amazonaws.com/my-team/trainer:1',
        TrainingInputMode: 'File',
      },
      OutputDataConfig: { S3OutputPath: 's3://mine/out' },
      ResourceConfig: { InstanceType: 'ml.m5.large', InstanceCount: 1, VolumeSizeInGB: 5 },
      StoppingCondition: { MaxRuntimeInSeconds: 60 },
    }),
  );
  await eventually(async () => {
    const job = await client.send(new DescribeTrainingJobCommand({ TrainingJobName: 'mine' }));
    expect(job.FailureReason).toBeUndefined();
    return descendantsOf(cli.pid).some(pid => commandOf(pid).includes(join(folder, 'train.js'))) ? true : undefined;
  });
  const processes = descendantsOf(cli.pid);
  client.destroy();
  cli.child.kill('SIGINT');

  // THEN
  expect(await cli.ended).toBe(0);
  expect(cli.err).toMatch(/^Ctrl-C stops it\nstopping$/m);
  await allGone(processes);
  expect(foldersLeft()).toEqual([]);
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});

test('Ctrl-C before it is ready leaves nothing either', async () => {
  const cli = new Cli([]);
  const processes = await eventually(() => {
    const found = descendantsOf(cli.pid);
    return Promise.resolve(found.length >= 2 ? found : undefined);
  });
  cli.child.kill('SIGINT');

  // THEN
  // where it was ready just before, it has stopped in order
  expect([0, 130]).toContain(await cli.ended);
  await allGone(processes);
  expect(foldersLeft()).toEqual([]);
});

test('it ends and says why when a part of it dies', async () => {
  // GIVEN
  const cli = new Cli([]);
  await cli.ready();
  const processes = descendantsOf(cli.pid);
  const ministack = processes.find(pid => commandOf(pid).includes('-m mlops_local'));

  // WHEN
  process.kill(ministack ?? 0, 'SIGKILL');

  // THEN
  expect(await cli.ended).toBe(1);
  expect(cli.err).toMatch(/^MiniStack has ended: signal SIGKILL$/m);
  await allGone(processes);
  expect(foldersLeft()).toEqual([]);
});

test.each([
  ['an option that is none', ['--prot', '1'], {}, /^Unknown option '--prot'\nusage: npx mlops-local /],
  ['a word too many', ['4566'], {}, /^Unexpected argument '4566'/],
  ['a port that is no number', ['--port', 'x'], {}, /^'--port' must be a whole number from 1 to 65535, got 'x'$/m],
  ['a port that is none', ['--port', '65536'], {}, /^'port' must be a whole number from 1 to 65535, got 65536$/m],
  ['both kinds of rights', ['--auth', '--no-auth'], {}, /^give either '--auth' or '--no-auth', not both$/m],
  ['faults that are not there', ['--faults', 'none.json'], {}, /^'--faults' names 'none.json', which cannot be read: /],
  ['no fault', ['--faults', 'empty.json'], {}, /^'--faults' names 'empty.json', which must be .* at least one fault$/m],
  ['a fault that is none', ['--faults', 'wrong.json'], {}, /^'effect' must be one of throttle, .*; got 'trottle'$/m],
  [
    'images that are not there',
    [],
    { MLOPS_LOCAL_IMAGES: 'none.json' },
    /^'MLOPS_LOCAL_IMAGES' names '.*\/none.json', which/,
  ],
])('fails for %s, and leaves nothing', async (_what, args, environment, message) => {
  writeFileSync(join(folder, 'empty.json'), '{"faults": []}');
  writeFileSync(join(folder, 'wrong.json'), '{"faults": [{"effect": "trottle"}]}');
  const cli = new Cli(args, environment);
  expect(await cli.ended).toBe(1);
  expect(cli.err).toMatch(message);
  expect(cli.out).toBe('');
  expect(foldersLeft()).toEqual([]);
});

test('--help tells the options', async () => {
  const cli = new Cli(['--help']);
  expect(await cli.ended).toBe(0);
  ['--port N', '--auth, --no-auth', '--faults FILE', '--work-dir FOLDER'].forEach(option =>
    expect(cli.out).toContain(option),
  );
});
