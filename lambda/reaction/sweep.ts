import type { ReactionSettings } from '../shared/contracts';
import { failuresOfEach } from '../shared/each-model';
import type { LedgerState, ReactionRecord, ReleaseRecord } from '../shared/ledger';
import { activationId } from './alarm-message';
import { RELEASES_LOOKED_AT, speaksOf, whySilent } from './decide';
import { judgedAlarms } from './judged-alarms';
import type { ReactionPorts } from './ports';
import { act, react } from './react';
import { servingSpan } from './serving-span';
import { MODEL_SIGNALS, type JudgedAlarm, type Signal } from './signal';

/** What a sweep needs beside what a reaction needs. */
export interface SweepPorts extends ReactionPorts {
  /** Every model of the ledger. */
  models(): Promise<string[]>;
  /** Which of these alarms are red. */
  redAlarms(names: readonly string[]): Promise<ReadonlySet<string>>;
  /** Tells that a sweep has looked at every model. */
  swept(): Promise<void>;
}

/** So long an alarm's own event may still be on its way, with all its retries. */
const EVENT_GRACE_MS = 10 * 60_000;

/**
 * Looks for red alarms about which nothing was decided since the serving version was activated, and decides.
 *
 * CloudWatch tells an alarm's transitions alone. One that stays red across a release makes none, so that a bad successor
 * of a red champion would stay; and an event may be lost. Each alarm is decided upon once for each activation, under one
 * id, whatever happens to the sweep; that there is little traffic once for each waking too, and what should have been rolled back
 * while the model slept, and could not be.
 *
 * Returns what failed, in words, and throws nothing: the next sweep sees the same, and an event that is tried again and
 * kept at last would stand among the alarms that could not be decided upon. A failure tells itself by its silence.
 */
export async function sweep(ports: SweepPorts): Promise<string[]> {
  try {
    const failures = await sweepAll(ports);
    if (failures.length === 0) await ports.swept();
    return failures;
  } catch (error) {
    return [String(error)];
  }
}

async function sweepAll(ports: SweepPorts): Promise<string[]> {
  const watched = new Map<string, ReactionSettings>();
  const unread = await failuresOfEach(await ports.models(), async model => {
    const settings = await ports.settings(model);
    if (settings !== undefined) watched.set(model, settings);
  });
  // asked of many at once: CloudWatch describes alarms nine times a second, and a hundred models ask faster
  const red = await ports.redAlarms([...watched.values()].flatMap(({ alarms }) => Object.values(alarms)));
  const undecided = await failuresOfEach([...watched.keys()], async model => {
    const settings = watched.get(model);
    if (settings !== undefined) await sweepModel(model, settings, red, ports);
  });
  return [...unread, ...undecided];
}

async function sweepModel(
  model: string,
  settings: ReactionSettings,
  red: ReadonlySet<string>,
  ports: SweepPorts,
): Promise<void> {
  const state = await ports.state(model);
  const { activatedAt } = state;
  // while traffic moves it is not known which version will serve; the next sweep looks again
  const moves = state.lockOwner !== undefined && state.underway?.shadowing !== true;
  if (activatedAt === undefined || moves) return;

  const reactions = await ports.reactions(model, activatedAt);
  const rollbacks = reactions.filter(
    ({ decision, evidence }) => decision === 'roll-back' && evidence['from'] === state.current,
  );
  const anyRed = Object.values(settings.alarms).some(name => red.has(name));
  if (rollbacks.length === 0 && !anyRed) return;

  const releases = await ports.releases(model, RELEASES_LOOKED_AT);
  const ended = new Map(releases.map(release => [release.id, release]));
  for (const reaction of rollbacks) {
    // whoever decided died before it acted, or its execution did before it could write a record
    if (!ended.has(reaction.id)) await act(model, reaction, ports);
  }

  if (!anyRed) return;
  const span = servingSpan(state, releases);
  const alarms = Object.entries(await judgedAlarms(settings.alarms, activatedAt, ports)) as [Signal, JudgedAlarm][];
  const overdue = alarms.filter(([, alarm]) => isOverdue(alarm, ports.now()));
  for (const [signal, alarm] of overdue) {
    // the others say that there is nothing to judge by, of which version ever
    if (MODEL_SIGNALS.includes(signal) && !speaksOf(alarm, span)) continue;
    // a record of it would be the last word on it, also when it is awake and should be told of
    if (signal === 'samples' && whySilent(state, alarm, ports.now()) !== undefined) continue;
    // that it spoke of the version before, or of the night, was no decision about this one and about now
    const decided = reactions.filter(({ alarm: name, decision }) => name === alarm.name && decision !== 'nothing');
    const inVain = ({ id }: ReactionRecord) => failedBeforeWaking(ended.get(id), state);
    const holds = decided.filter(reaction => !inVain(reaction));
    if (holds.some(({ decidedAt }) => signal !== 'samples' || Date.parse(decidedAt) >= Date.parse(alarm.changedAt)))
      continue;
    const byWaking = signal === 'samples' || decided.some(inVain);
    const id = activationId(alarm.arn, byWaking ? upSince(state, activatedAt) : activatedAt);
    if ((await ports.recorded(model, id)) !== undefined) continue;
    await react({ id, alarmName: alarm.name, model, state: 'ALARM', at: alarm.changedAt }, ports);
  }
}

/** A way back that found no node to run on, while the model slept: the version that was spoken against woke after it. */
function failedBeforeWaking(release: ReleaseRecord | undefined, { wokenAt }: LedgerState): boolean {
  if (release === undefined || wokenAt === undefined || Date.parse(wokenAt) <= Date.parse(release.endedAt))
    return false;
  return release.outcome === 'failed' || release.outcome === 'undone';
}

/** When the version was activated, or woke after that. */
function upSince({ wokenAt }: LedgerState, activatedAt: string): string {
  return wokenAt !== undefined && Date.parse(wokenAt) > Date.parse(activatedAt) ? wokenAt : activatedAt;
}

function isOverdue({ red, changedAt }: JudgedAlarm, now: Date): boolean {
  return red && now.getTime() - Date.parse(changedAt) > EVENT_GRACE_MS;
}
