import { activeHold, type ReactionRecord } from '../shared/ledger';
import type { AlarmTransition } from './alarm-message';
import { decide, reactionsSince, RELEASES_LOOKED_AT, type Decision } from './decide';
import { letterOf } from './letter';
import type { ReactionPorts } from './ports';
import { judgedAlarms } from './judged-alarms';
import type { Alarms, Signal } from './signal';

/**
 * Reacts to one transition of one alarm.
 *
 * The decision is recorded before it is acted upon, and whoever finds it recorded acts upon the record: so a delivery
 * that comes twice, or again after a failure, can neither decide otherwise nor start anything else.
 */
export async function react(transition: AlarmTransition, ports: ReactionPorts): Promise<ReactionRecord | undefined> {
  // only going red asks for a reaction; the way back is CloudWatch's history
  if (transition.state !== 'ALARM') return undefined;
  const known = await ports.recorded(transition.model, transition.id);
  if (known !== undefined) {
    await act(transition.model, known, ports);
    return known;
  }
  const record = await decided(transition, ports);
  const appended = await ports.appendReaction(transition.model, record);
  const standing =
    appended === 'recorded' ? record : ((await ports.recorded(transition.model, transition.id)) ?? record);
  await act(transition.model, standing, ports);
  return standing;
}

async function decided(transition: AlarmTransition, ports: ReactionPorts): Promise<ReactionRecord> {
  const { id, alarmName, at, model } = transition;
  const now = ports.now();
  const base = { id, alarm: alarmName, alarmAt: at, decidedAt: now.toISOString() };
  const settings = await ports.settings(model);
  const trigger = settings === undefined ? undefined : signalOf(settings.alarms, alarmName);
  if (settings === undefined || trigger === undefined) {
    const reason =
      settings === undefined ? 'the model has no reaction, it was perhaps removed' : 'the alarm is none of the model';
    return { ...base, decision: 'nothing', reason, evidence: {} };
  }
  const state = await ports.state(model);
  const alarms = await judgedAlarms(settings.alarms, state.activatedAt, ports);
  const decision = decide({
    trigger,
    alarms,
    state,
    hold: activeHold(await ports.hold(model), now),
    releases: await ports.releases(model, RELEASES_LOOKED_AT),
    reactions: await ports.reactions(model, reactionsSince(settings, now)),
    settings,
    now,
  });
  return {
    ...base,
    decision: decision.decision,
    reason: decision.reason,
    evidence: evidenceOf(decision, trigger, alarms, state.current, state.activatedAt),
  };
}

function signalOf(alarms: Record<Signal, string>, alarmName: string): Signal | undefined {
  return (Object.keys(alarms) as Signal[]).find(signal => alarms[signal] === alarmName);
}

/** What was seen: the signal that won, the version it is about, and every alarm that is red beside it. */
function evidenceOf(
  decision: Decision,
  trigger: Signal,
  alarms: Alarms,
  current: string | undefined,
  activatedAt: string | undefined,
): Record<string, unknown> {
  return {
    trigger,
    signal: decision.signal,
    ...(current === undefined ? {} : { from: current }),
    ...(activatedAt === undefined ? {} : { activatedAt }),
    ...(decision.to === undefined ? {} : { to: decision.to }),
    red: Object.entries(alarms)
      .filter(([, alarm]) => alarm.red)
      .map(([signal, alarm]) => ({
        signal,
        alarm: alarm.name,
        since: alarm.changedAt,
        metric: alarm.metric.name,
        threshold: alarm.rule.threshold,
        windows: alarm.windows,
        reason: alarm.stateReason,
      })),
  };
}

/** Does what was decided; what it starts has the decision's name, so it may be done again. */
export async function act(model: string, record: ReactionRecord, ports: ReactionPorts): Promise<void> {
  const { id, alarm, decision, reason, evidence } = record;
  const requestedBy = `alarm:${alarm}`;
  switch (decision) {
    case 'roll-back':
      await ports.startRelease(id, {
        action: 'rollback',
        model,
        version: String(evidence['to']),
        from: String(evidence['from']),
        requestedBy,
        reason,
        evidence: { alarm, alarmAt: record.alarmAt, decidedAt: record.decidedAt, red: evidence['red'] },
      });
      return;
    case 'retrain':
      await ports.startPipeline(id, { model, trigger: { kind: 'retrain', id, requestedBy, reason } });
      await ports.tell(letterOf(model, record, ports.commands));
      return;
    case 'page':
      await ports.tell(letterOf(model, record, ports.commands));
      return;
    case 'nothing':
      return;
  }
}
