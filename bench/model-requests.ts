import {
  ListExecutionsCommand,
  paginateGetExecutionHistory,
  paginateListExecutions,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { join } from 'node:path';
import { clientOf } from '../test/integration/local-cloud/stack';
import { ReleaseCloud } from '../test/integration/release/release-cloud';
import { modelNames } from './model-names';
import { requestsOf } from './requests';

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 24 * HOUR_SECONDS;

/** Number of requests by who asks and what for: `Reconciler ssm:GetParameter`. */
export type Counts = Readonly<Record<string, number>>;

/** What a platform with so many serving models asks AWS for. */
export interface ModelRequests {
  readonly models: number;
  /** In a day without traffic or alarm, with a look at all models once an hour. */
  readonly idleDay: Counts;
  /** In one release of one of the models, all at once and without a bake. */
  readonly release: Counts;
  /** State transitions of the monitor in that day and of the release machine in that release. */
  readonly transitions: { readonly idleDay: number; readonly release: number };
}

/** Counts them in the local cloud. */
export async function requestsWith(models: number): Promise<ModelRequests> {
  const releases = await ReleaseCloud.start(`${join(__dirname, 'models-app.ts')} ${models}`);
  const { cloud } = releases;
  try {
    for (const name of modelNames(models)) {
      await release(releases, name);
    }
    // what a first release and its first hour do once is no day's work
    await cloud.clock.advance(2 * HOUR_SECONDS);

    const start = await counted(releases);
    for (const name of modelNames(1)) await release(releases, name);
    const released = await counted(releases);
    await cloud.clock.advance(DAY_SECONDS);
    const end = await counted(releases);
    const failed = await failures(releases);
    if (failed.length > 0) throw new Error(`the monitor failed: ${failed.join(', ')}`);
    return {
      models,
      idleDay: difference(released.requests, end.requests),
      release: difference(start.requests, released.requests),
      transitions: {
        idleDay: end.monitor - released.monitor,
        release: released.releases - start.releases,
      },
    };
  } finally {
    await releases.stop();
  }
}

async function release(releases: ReleaseCloud, name: string): Promise<void> {
  const { outcome, detail } = await releases.approve(await releases.register({}, name));
  if (outcome !== 'succeeded') throw new Error(`the release of '${name}' ended as ${outcome}: ${detail}`);
}

async function counted(releases: ReleaseCloud) {
  const requests: Record<string, number> = {};
  for (const { role, action, count } of await requestsOf(releases.cloud.endpoint)) {
    const key = `${asker(role)} ${action}`;
    requests[key] = (requests[key] ?? 0) + count;
  }
  return {
    requests,
    monitor: await transitions(releases, 'MonitorMachineArn'),
    releases: await transitions(releases, 'MachineArn'),
  };
}

/** `Platform-ReleasesReconcilerFunctionRole1A2B3C4D-XYZ` is `ReleasesReconcilerFunction`; a model's role is one of all. */
function asker(role: string): string {
  return role.replace(/^(Platform|Model)-(m\d+-)?/, '').replace(/Role[0-9A-F]{8}.*$/, '');
}

function difference(from: Counts, to: Counts): Counts {
  const keys = Object.keys(to).filter(key => (to[key] ?? 0) > (from[key] ?? 0));
  return Object.fromEntries(keys.map(key => [key, (to[key] ?? 0) - (from[key] ?? 0)]));
}

/** A monitor that fails asks less or more than one that works. */
async function failures(releases: ReleaseCloud): Promise<string[]> {
  const { executions = [] } = await new SFNClient(clientOf(releases.cloud)).send(
    new ListExecutionsCommand({ stateMachineArn: releases.output('MonitorMachineArn'), statusFilter: 'FAILED' }),
  );
  return executions.map(({ name }) => name ?? '');
}

/** As Step Functions bills them: each state that was entered, in all executions of a machine. */
async function transitions(releases: ReleaseCloud, machine: string): Promise<number> {
  const stepFunctions = new SFNClient(clientOf(releases.cloud));
  let entered = 0;
  for await (const page of paginateListExecutions(
    { client: stepFunctions },
    { stateMachineArn: releases.output(machine) },
  )) {
    for (const { executionArn } of page.executions ?? []) {
      for await (const { events = [] } of paginateGetExecutionHistory({ client: stepFunctions }, { executionArn })) {
        entered += events.filter(({ stateEnteredEventDetails: details }) => details !== undefined).length;
      }
    }
  }
  return entered;
}
