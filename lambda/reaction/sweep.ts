import { forEachModel } from '../shared/each-model';
import { activationId } from './alarm-message';
import { RELEASES_LOOKED_AT, speaksOf } from './decide';
import { judgedAlarms } from './judged-alarms';
import type { ReactionPorts } from './ports';
import { act, react } from './react';
import { servingSpan } from './serving-span';
import { MODEL_SIGNALS, type JudgedAlarm, type Signal } from './signal';

/** What a sweep needs beside what a reaction needs. */
export interface SweepPorts extends ReactionPorts {
  /** Every model of the ledger. */
  models(): Promise<string[]>;
  /** Names of all alarms that are red, of whomever. */
  redAlarms(): Promise<ReadonlySet<string>>;
}

/** So long an alarm's own event may still be on its way, with all its retries. */
const EVENT_GRACE_MS = 10 * 60_000;

/**
 * Looks for red alarms about which nothing was decided since the serving version was activated, and decides.
 *
 * CloudWatch tells an alarm's transitions alone. One that stays red across a release makes none, so that a bad successor
 * of a red champion would stay; and an event may be lost. Each alarm is decided upon once for each activation, under one
 * id, whatever happens to the sweep.
 */
export async function sweep(ports: SweepPorts): Promise<void> {
  // asked once for all: CloudWatch describes alarms nine times a second, and a hundred models ask faster
  const red = await ports.redAlarms();
  await forEachModel(await ports.models(), model => sweepModel(model, red, ports));
}

async function sweepModel(model: string, red: ReadonlySet<string>, ports: SweepPorts): Promise<void> {
  const settings = await ports.settings(model);
  const state = await ports.state(model);
  const { activatedAt } = state;
  // while traffic moves it is not known which version will serve; the next sweep looks again
  const moves = state.lockOwner !== undefined && state.underway?.shadowing !== true;
  if (settings === undefined || activatedAt === undefined || moves) return;

  const reactions = await ports.reactions(model, activatedAt);
  const rollbacks = reactions.filter(
    ({ decision, evidence }) => decision === 'roll-back' && evidence['from'] === state.current,
  );
  const anyRed = Object.values(settings.alarms).some(name => red.has(name));
  if (rollbacks.length === 0 && !anyRed) return;

  const releases = await ports.releases(model, RELEASES_LOOKED_AT);
  const ended = new Set(releases.map(({ id }) => id));
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
    // that it spoke of the version before was no decision about this one
    if (reactions.some(({ alarm: name, decision }) => name === alarm.name && decision !== 'nothing')) continue;
    const id = activationId(alarm.arn, activatedAt);
    if ((await ports.recorded(model, id)) !== undefined) continue;
    await react({ id, alarmName: alarm.name, model, state: 'ALARM', at: alarm.changedAt }, ports);
  }
}

function isOverdue({ red, changedAt }: JudgedAlarm, now: Date): boolean {
  return red && now.getTime() - Date.parse(changedAt) > EVENT_GRACE_MS;
}
