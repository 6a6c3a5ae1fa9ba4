/**
 * `npx tsx bench/rollback.ts [--rounds 50] [--json]`: from a red alarm to verified traffic on the old version, by step.
 *
 * The model server's start is told apart: it is the time for which the endpoint says that it is changing.
 */
import { CloudWatchClient, PutMetricDataCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { GetExecutionHistoryCommand, SFNClient, type HistoryEvent } from '@aws-sdk/client-sfn';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { clientOf } from '../test/integration/local-cloud/stack';
import { ReleaseCloud } from '../test/integration/release/release-cloud';
import { median, percentile } from './benchmark';

const DEFAULT_ROUNDS = 50;
const LOOK_MS = 20;
const WINDOW_SECONDS = 300;

/** Milliseconds of one rollback by step, in their order, and all of them together. */
type Taken = Readonly<Record<string, number>>;

/** One rollback: a bad version serves, its alarm goes red, and the version before it serves again. */
async function rollBack(releases: ReleaseCloud, cloudWatch: CloudWatchClient): Promise<Taken> {
  const { clock } = releases.cloud;
  await releases.approve(await releases.register());
  // a window of its own, and a bad one
  await clock.advance(2 * WINDOW_SECONDS);
  await putDrift(cloudWatch, await clock.now(), 1);
  await clock.advance(1);
  const { offsetMs } = await clock.state();

  const red = Date.now();
  await cloudWatch.send(
    new SetAlarmStateCommand({
      AlarmName: releases.output('DriftAlarmName'),
      StateValue: 'ALARM',
      StateReason: 'Threshold Crossed',
    }),
  );
  const changed = await changeOf(releases);
  const { name, outcome, detail } = await releases.nextEnd({ hurry: false });
  if (outcome !== 'succeeded') throw new Error(`the rollback '${name}' ended as ${outcome}: ${detail}`);

  const events = await historyOf(releases, name);
  const at = (event: HistoryEvent | undefined): number => (event?.timestamp?.getTime() ?? NaN) - offsetMs;
  const exited = (state: string): number =>
    at(events.filter(({ stateExitedEventDetails: details }) => details?.name === state).at(-1));
  const reaction = await releases.ledger.reaction('rain', name);
  const decided = Date.parse(reaction?.decidedAt ?? '') - offsetMs;
  const server = changed.to - changed.from;
  await recover(releases, cloudWatch);
  return {
    'red alarm to decision': decided - red,
    'decision to lock': exited('Acquire') - decided,
    eligible: exited('Eligible') - exited('Acquire'),
    prepare: exited('Prepare') - exited('Eligible'),
    shift: exited('Shift') - exited('Prepare'),
    'model server starts': server,
    'the change is noticed': exited('Settle') - exited('Shift') - server,
    verify: exited('Verify') - exited('Settle'),
    'all of it': exited('Verify') - red,
    'our own part': exited('Verify') - red - server,
  };
}

/** A good window turns the alarm green again; the cooldown is over by then. */
async function recover({ cloud: { clock } }: ReleaseCloud, cloudWatch: CloudWatchClient): Promise<void> {
  await clock.advance(WINDOW_SECONDS);
  await putDrift(cloudWatch, await clock.now(), -1);
  await clock.advance(2 * WINDOW_SECONDS);
}

async function putDrift(cloudWatch: CloudWatchClient, at: Date, value: number): Promise<void> {
  await cloudWatch.send(
    new PutMetricDataCommand({
      Namespace: 'MLOps/Model',
      MetricData: [
        {
          MetricName: 'PredictionPsiExcess',
          Timestamp: at,
          Value: value,
          Dimensions: [
            { Name: 'Model', Value: 'rain' },
            { Name: 'Environment', Value: 'local' },
          ],
        },
      ],
    }),
  );
}

/** For how long the endpoint says that it is changing. */
async function changeOf(releases: ReleaseCloud): Promise<{ from: number; to: number }> {
  let from: number | undefined;
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const { EndpointStatus: status } = await releases.endpoint();
    if (status === 'Updating') from ??= Date.now();
    else if (from !== undefined) return { from, to: Date.now() };
    await pause(LOOK_MS);
  }
  throw new Error('the endpoint did not change within a minute of the alarm');
}

async function historyOf(releases: ReleaseCloud, name: string): Promise<HistoryEvent[]> {
  const machine = releases.output('MachineArn').replace(':stateMachine:', ':execution:');
  const { events = [] } = await new SFNClient(clientOf(releases.cloud)).send(
    new GetExecutionHistoryCommand({ executionArn: `${machine}:${name}`, maxResults: 1000 }),
  );
  return events;
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { rounds: { type: 'string' }, json: { type: 'boolean', default: false } } });
  const rounds = values.rounds === undefined ? DEFAULT_ROUNDS : Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) {
    throw new Error(`'--rounds' must be a whole number of at least 1, got '${values.rounds ?? ''}'`);
  }
  const releases = await ReleaseCloud.start(join(__dirname, 'rollback-app.ts'));
  const taken: Taken[] = [];
  try {
    const cloudWatch = new CloudWatchClient(clientOf(releases.cloud));
    await releases.approve(await releases.register());
    for (let round = 0; round <= rounds; round++) {
      const one = await rollBack(releases, cloudWatch);
      // the first round starts the functions
      if (round > 0) taken.push(one);
      process.stderr.write(`${round} of ${rounds}: ${Math.round(one['all of it'] ?? NaN)} ms\n`);
    }
  } finally {
    await releases.stop();
  }
  const steps = Object.keys(taken[0] ?? {}).map(step => {
    const all = taken.map(one => one[step] ?? NaN);
    return { step, medianMs: Math.round(median(all)), p99Ms: Math.round(percentile(all, 0.99)) };
  });
  if (values.json) process.stdout.write(`${JSON.stringify({ rounds, steps }, null, 2)}\n`);
  else {
    for (const { step, medianMs, p99Ms } of steps) {
      process.stdout.write(`${step.padEnd(24)} ${String(medianMs).padStart(6)} ms ${String(p99Ms).padStart(6)} ms\n`);
    }
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
