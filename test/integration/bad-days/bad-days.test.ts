import { ListTrainingJobsCommand } from '@aws-sdk/client-sagemaker';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ensurePythonEnvironment, startLocalCloud, type LocalCloud } from '../../../local-cloud/start';
import { Worlds } from '../../../rehearsal/dataset';
import { batchFiles } from '../../../rehearsal/stage/batch';
import { Clock } from '../../../rehearsal/stage/clock';
import type { EndedExecution } from '../../../rehearsal/stage/platform';
import { pushImages } from '../../../rehearsal/stage/images';
import { Scene } from '../../../rehearsal/stage/scene';
import { targetNamed } from '../../../rehearsal/stage/target';
import { uploadTrainingCode } from '../../../rehearsal/stage/training-code';
import { weatherFile } from '../../../rehearsal/stage/weather-file';
import { eventually } from '../local-cloud/stack';

const ROOT = join(__dirname, '..', '..', '..');
const ROWS = 3200;

interface Declaration {
  readonly files: { key: string; rows: number; sha256: string }[];
  rows: number;
}

let cloud: LocalCloud;
let folder: string;
let scene: Scene;
let rows: ReturnType<Worlds['take']>;

async function cdk(...args: string[]): Promise<void> {
  const { PATH, HOME } = process.env;
  await promisify(execFile)(
    process.execPath,
    [join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), ...args, '--output', join(folder, 'cdk.out'), '--no-notices'],
    { cwd: ROOT, env: { PATH, HOME, CDK_VALIDATION: 'false', MLOPS_ENVIRONMENT: 'local', ...cloud.environment } },
  );
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlops-bad-days-test-'));
  const { python } = await ensurePythonEnvironment();
  cloud = await startLocalCloud();
  await cdk('bootstrap', 'aws://000000000000/us-east-1');
  await cdk('deploy', 'local/*', '--require-approval', 'never');
  const worlds = Worlds.read(weatherFile(python), 1);
  rows = worlds.take('W1', ROWS);
  const target = targetNamed('sagemaker');
  if (target === undefined) throw new Error('there is no such target');
  const { signal } = new AbortController();
  scene = new Scene(ROOT, folder, target, cloud, await Clock.of(cloud), worlds, signal, () => undefined);
  await scene.open();
  await pushImages(scene);
}, 240_000);

afterAll(async () => {
  scene.aws.destroy();
  await cloud.stop();
  rmSync(folder, { recursive: true });
});

/** Lands a batch whose first file is `spoilt`, declared as it lies there and then as `declare` has it. */
async function land(
  batch: string,
  spoilt: (text: string) => string,
  declare: (ready: Declaration) => string = ready => JSON.stringify(ready),
): Promise<EndedExecution> {
  const { platform } = scene;
  const before = await platform.executions('PipelineStateMachineArn');
  const [first, ...others] = batchFiles(rows, { withShortRow: false });
  const declaration = others.pop();
  if (first === undefined || declaration === undefined) throw new Error('a batch has files and a declaration');
  const text = spoilt(first[1]);
  const ready = JSON.parse(declaration[1]) as Declaration;
  const declared = ready.files.find(({ key }) => key === first[0]);
  if (declared !== undefined) declared.sha256 = createHash('sha256').update(text).digest('hex');
  for (const [name, body] of [[first[0], text], ...others, ['_READY', declare(ready)]]) {
    await platform.putObject(platform.output('RawBucketName'), `rain/${batch}/${name}`, body);
  }
  const started = await eventually(async () =>
    (await platform.executions('PipelineStateMachineArn')).find(arn => !before.includes(arn)),
  );
  return platform.ended(started, 120);
}

const asItIs = (text: string): string => text;
const changed = (change: (ready: Declaration) => void) => (ready: Declaration) => {
  change(ready);
  return JSON.stringify(ready);
};
const spoilFirst = changed(ready => {
  const file = ready.files.at(0);
  if (file !== undefined) file.sha256 = '0'.repeat(64);
});
const addARow = changed(ready => {
  const file = ready.files.at(0);
  if (file !== undefined) file.rows++;
  ready.rows++;
});

test.each([
  ['no-header', (text: string) => text.replace(/^.*/, '%PDF-1.7'), undefined, "lacks the column 'temperature'"],
  ['open-quote', (text: string) => text.replace('\n', '\n"'), undefined, 'is no CSV: CSV_QUOTE_NOT_CLOSED'],
  ['digest', asItIs, spoilFirst, 'it was changed or cut short'],
  ['row-count', asItIs, addARow, 'has 1600 rows, declared are 1601'],
  ['declaration', asItIs, () => '{"files": [', "'_READY' must be JSON"],
])(
  'a broken batch (%s) fails the pipeline in clear words, and a person is told',
  async (batch, spoil, declare, words) => {
    // GIVEN
    const told = (await scene.inbox.read()).length;

    // WHEN
    const execution = await land(batch, spoil, declare);

    // THEN
    const { Cause: cause } = execution.output as { Cause?: string };
    expect(execution.status).toBe('FAILED');
    expect(cause).toContain(`batch '${batch}': `);
    expect(cause).toContain(words);
    expect(cause).toContain("send it again, '_READY' last, until then it is passed over");
    const letter = await scene.inbox.letter(/the training pipeline failed/, told);
    expect(letter.text).toContain(words);
    expect(letter.text).toContain('Nothing was registered');
    expect(await scene.platform.versionNumbers()).toEqual([]);
    expect(await scene.platform.keys(scene.platform.output('RawBucketName'), `rain/${batch}/`)).toHaveLength(3);
  },
  120_000,
);

test('a whole batch trains after broken ones', async () => {
  const execution = await land('whole', asItIs);
  expect(execution.output).toMatchObject({ version: '1' });
}, 180_000);

test('a training script that crashes registers nothing, and the same inputs train under the next attempt', async () => {
  // GIVEN
  const script = join(folder, 'crashing');
  mkdirSync(script);
  writeFileSync(
    join(script, 'train.py'),
    'print("read 3200 rows", flush=True)\nraise ValueError("cheese in column 7")\n',
  );
  const code = await uploadTrainingCode(scene, script);
  const told = (await scene.inbox.read()).length;
  const start = async (id: string): Promise<EndedExecution> =>
    scene.platform.ended(
      await scene.platform.start('PipelineStateMachineArn', id, {
        model: 'rain',
        trigger: { kind: 'manual', id, requestedBy: 'ann', reason: 'a merge' },
        code,
      }),
      120,
    );

  // WHEN
  const ends = [await start('crash-1'), await start('crash-2')];

  // THEN
  for (const { status, output } of ends) {
    const { Cause: cause } = output as { Cause?: string };
    expect(status).toBe('FAILED');
    expect(cause).toContain('train.py ended with exit code 1; its last lines:\nread 3200 rows\nTraceback');
    expect(cause).toContain('ValueError: cheese in column 7');
  }
  const letter = await scene.inbox.letter(/cheese in column 7/, told);
  expect(letter.subject).toBe('[local] rain: the training pipeline failed');
  expect(await scene.platform.versionNumbers()).toEqual(['1']);
  const jobs = (await scene.aws.sageMaker.send(new ListTrainingJobsCommand({ StatusEquals: 'Failed' })))
    .TrainingJobSummaries;
  const names = (jobs ?? []).map(job => job.TrainingJobName ?? '').sort();
  expect(names.map(name => name.slice(-2))).toEqual(['-1', '-2']);
  expect(new Set(names.map(name => name.slice(0, -2))).size).toBe(1);
}, 180_000);
