import {
  DescribeAlarmsCommand,
  PutMetricDataCommand,
  SetAlarmStateCommand,
  type CloudWatchClient,
} from '@aws-sdk/client-cloudwatch';
import { GetExecutionHistoryCommand, SFNClient, type HistoryEvent } from '@aws-sdk/client-sfn';
import { setTimeout as pause } from 'node:timers/promises';
import { clientOf } from '../test/integration/local-cloud/stack';
import type { ReleaseCloud } from '../test/integration/release/release-cloud';

const LOOK_MS = 20;
const WINDOW_SECONDS = 300;

/** Whether the version before keeps its instances. */
export type Before = 'cold' | 'warm';

/** Milliseconds of one rollback by step, in their order, and all of them together. */
export type Taken = Readonly<Record<string, number>>;

/** One rollback: a bad version serves, its alarm goes red, and the version before it serves again. */
export async function rollBack(releases: ReleaseCloud, cloudWatch: CloudWatchClient, before: Before): Promise<Taken> {
  const { clock } = releases.cloud;
  await releases.approve(await releases.register());
  // a window of its own, and a bad one
  await clock.advance(2 * WINDOW_SECONDS);
  await putDrift(cloudWatch, await clock.now(), 1);
  await clock.advance(1);
  const { offsetMs } = await clock.state();

  await cloudWatch.send(
    new SetAlarmStateCommand({
      AlarmName: releases.output('DriftAlarmName'),
      StateValue: 'ALARM',
      StateReason: 'Threshold Crossed',
    }),
  );
  // a change of weights starts no server
  const server = before === 'warm' ? 0 : await changeOf(releases);
  const { name, outcome, detail } = await releases.nextEnd({ hurry: false });
  if (outcome !== 'succeeded') throw new Error(`the rollback '${name}' ended as ${outcome}: ${detail}`);

  const events = await historyOf(releases, name);
  const at = (event: HistoryEvent | undefined): number => (event?.timestamp?.getTime() ?? NaN) - offsetMs;
  const exited = (state: string): number =>
    at(events.filter(({ stateExitedEventDetails: details }) => details?.name === state).at(-1));
  const red = (await redSince(releases, cloudWatch)) - offsetMs;
  const reaction = await releases.ledger.reaction('rain', name);
  const decided = Date.parse(reaction?.decidedAt ?? '') - offsetMs;
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

/** When the alarm went red: by our word, or just before it by its own look at the window. */
async function redSince(releases: ReleaseCloud, cloudWatch: CloudWatchClient): Promise<number> {
  const { MetricAlarms: alarms } = await cloudWatch.send(
    new DescribeAlarmsCommand({ AlarmNames: [releases.output('DriftAlarmName')] }),
  );
  return alarms?.[0]?.StateTransitionedTimestamp?.getTime() ?? NaN;
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

/** For how long the endpoint says that it is changing, in milliseconds. */
async function changeOf(releases: ReleaseCloud): Promise<number> {
  let from: number | undefined;
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const { EndpointStatus: status } = await releases.endpoint();
    if (status === 'Updating') from ??= Date.now();
    else if (from !== undefined) return Date.now() - from;
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
