import { CloudWatchClient, DescribeAlarmsCommand, PutMetricDataCommand } from '@aws-sdk/client-cloudwatch';
import { GetExecutionHistoryCommand, SFNClient } from '@aws-sdk/client-sfn';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clientOf, eventually } from '../local-cloud/stack';
import { Callers } from './callers';
import { ReleaseCloud } from './release-cloud';

const MODELS = ['rain', 'churn'] as const;
const WINDOW_SECONDS = 300;

let releases: ReleaseCloud;
let cloudWatch: CloudWatchClient;
let stepFunctions: SFNClient;
let folder: string;
/** While it is not there, no server of the first version of `rain` starts. */
let gate: string;
let callers: Callers[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'mlops-two-models-test-'));
  gate = join(folder, 'open');
  writeFileSync(gate, '');
  releases = await ReleaseCloud.start(join(__dirname, 'two-models-app.ts'));
  cloudWatch = new CloudWatchClient(clientOf(releases.cloud));
  stepFunctions = new SFNClient(clientOf(releases.cloud));
  for (const model of MODELS) {
    await releases.approve(await releases.register(model === 'rain' ? { WAIT_FOR: gate } : {}, model));
    await releases.approve(await releases.register({}, model));
  }
  callers = MODELS.map(model => new Callers(releases.cloud, model));
  for (const one of callers) one.start();
}, 240_000);

afterAll(async () => {
  for (const one of callers) await one.stop();
  await releases.stop();
  rmSync(folder, { recursive: true });
});

/** What the monitors of both models say of one window. */
async function putDrift(value: number): Promise<void> {
  const at = await releases.cloud.clock.now();
  await cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: 'MLOps/Model',
      MetricData: MODELS.map(model => ({
        MetricName: 'PredictionPsiExcess',
        Timestamp: at,
        Value: value,
        Dimensions: [
          { Name: 'Model', Value: model },
          { Name: 'Environment', Value: 'local' },
        ],
      })),
    }),
  );
}

/** When each drift alarm went red; nothing until both are. */
async function redSince(): Promise<Date[] | undefined> {
  const { MetricAlarms = [] } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: MODELS.map(model => releases.output(`${model}DriftAlarm`)) }),
  );
  const red = MetricAlarms.filter(({ StateValue }) => StateValue === 'ALARM');
  return red.length < MODELS.length ? undefined : red.map(one => one.StateUpdatedTimestamp ?? new Date(NaN));
}

async function endOfRollback(model: string): Promise<void> {
  await eventually(
    async () =>
      (await releases.ledger.state(model)).lockOwner === undefined &&
      (await releases.ledger.releases(model)).some(({ action }) => action === 'rollback')
        ? true
        : undefined,
    60,
  );
}

/** Names of the states that an execution went through. */
async function path(name: string): Promise<string[]> {
  const executions = releases.output('MachineArn').replace(':stateMachine:', ':execution:');
  const { events = [] } = await stepFunctions.send(
    new GetExecutionHistoryCommand({ executionArn: `${executions}:${name}`, maxResults: 1000 }),
  );
  return events.flatMap(({ stateEnteredEventDetails: entered }) => entered?.name ?? []);
}

test('two models whose new versions fail at once are both rolled back, and neither waits for the other', async () => {
  // GIVEN both serve a bad version, and the server of one good version does not come up yet
  const { clock } = releases.cloud;
  await clock.advance(2 * WINDOW_SECONDS);
  rmSync(gate);
  const before = await releases.executions();

  // WHEN both alarms go red in the same period
  await putDrift(1);
  const red = await eventually(async () => {
    await clock.advance(30);
    return redSince();
  });

  // THEN one is back while the other is under way
  await endOfRollback('churn');
  expect(await releases.serving('churn')).toBe('InService 1');
  expect((await releases.ledger.state('rain')).lockOwner).toBeDefined();
  expect(await releases.serving('rain')).toMatch(/^Updating/);

  // and the other comes back when it can
  writeFileSync(gate, '');
  await endOfRollback('rain');
  expect(await releases.serving('rain')).toBe('InService 1');

  // each once
  expect(Math.abs((red[0]?.getTime() ?? NaN) - (red[1]?.getTime() ?? NaN))).toBeLessThan(WINDOW_SECONDS * 1000);
  const started = (await releases.executions()).filter(name => !before.includes(name));
  expect(started).toHaveLength(2);
  for (const name of started) expect(await path(name)).not.toContain('WaitForLock');
}, 180_000);

test.each(MODELS)(
  'the records of %s tell its own rollback, and no other',
  async model => {
    const alarm = releases.output(`${model}DriftAlarm`);
    const rolled = (await releases.ledger.reactions(model)).filter(({ decision }) => decision === 'roll-back');
    expect(rolled).toMatchObject([{ alarm, evidence: { signal: 'predictionDrift' } }]);
    expect(await releases.ledger.releases(model)).toMatchObject([
      { action: 'release', version: '1', outcome: 'succeeded' },
      { action: 'release', version: '2', outcome: 'succeeded' },
      {
        id: rolled[0]?.id,
        action: 'rollback',
        version: '1',
        from: '2',
        requestedBy: `alarm:${alarm}`,
        outcome: 'succeeded',
      },
    ]);
    expect(await releases.ledger.state(model)).toMatchObject({ current: '1', healthy: ['1'] });
    expect((await releases.ledger.version(model, '2'))?.status).toBe('quarantined');
  },
  60_000,
);

test('a person is told of both, and no prediction failed', async () => {
  const subjects = (await releases.letters()).map(({ subject }) => subject);
  for (const model of MODELS) {
    expect(
      subjects.filter(subject => subject.includes(`${model}: rolled back from version 2 to version 1`)),
    ).toHaveLength(1);
  }
  for (const one of callers) {
    expect(one.failures).toEqual([]);
    expect([...one.versions].sort()).toEqual(['1', '2']);
  }
}, 60_000);
