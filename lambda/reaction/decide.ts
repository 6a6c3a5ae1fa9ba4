import type { ReactionSettings } from '../shared/contracts';
import { rollbackTarget, type Hold, type LedgerState, type ReactionRecord, type ReleaseRecord } from '../shared/ledger';
import { servingSpan, type ServingSpan } from './serving-span';
import { MODEL_SIGNALS, SIGNAL_WORDS, type Alarms, type JudgedAlarm, type Signal } from './signal';
import { badWindows, isWorse, type BadWindows } from './windows';

/** Everything that a decision is made from: read once, decided without looking again. */
export interface ReactionFacts {
  /** The alarm whose transition asks for a decision. */
  readonly trigger: Signal;
  /** All alarms of the model, read again now. */
  readonly alarms: Alarms;
  readonly state: LedgerState;
  /** The hold that holds now. */
  readonly hold?: Hold;
  /** The newest, as many as `RELEASES_LOOKED_AT`, the oldest first. */
  readonly releases: readonly ReleaseRecord[];
  /** Those since `reactionsSince`. */
  readonly reactions: readonly ReactionRecord[];
  readonly settings: Pick<ReactionSettings, 'rollbackWindowSeconds' | 'cooldownSeconds' | 'retrain'>;
  readonly now: Date;
}

/** What is to be done, and why. */
export type Decision =
  | {
      readonly decision: 'roll-back';
      readonly from: string;
      readonly to: string;
      readonly reason: string;
      readonly signal: Signal;
    }
  | {
      readonly decision: 'retrain' | 'page' | 'nothing';
      readonly reason: string;
      readonly signal: Signal;
      /** Where a person could roll back to, where that is what was not done. */
      readonly to?: string;
    };

/** How long a rollback that was asked for is waited for before another alarm may ask again. */
const ROLLBACK_PENDING_SECONDS = 3600;

/** Among so many is the one that made a young version serve, and every one that a pending rollback could be. */
export const RELEASES_LOOKED_AT = 100;

/** From when on reactions bear on a decision; history grows for years, and each delivery looks at it. */
export function reactionsSince({ cooldownSeconds }: Pick<ReactionSettings, 'cooldownSeconds'>, now: Date): string {
  return new Date(now.getTime() - Math.max(ROLLBACK_PENDING_SECONDS, cooldownSeconds) * 1000).toISOString();
}

/** Decides by the table of signals, versions and reactions; the highest row that applies wins. */
export function decide(facts: ReactionFacts): Decision {
  const { trigger, alarms, state } = facts;
  const alarm = alarms[trigger];
  const decided = (decision: 'retrain' | 'page' | 'nothing', reason: string, signal = trigger): Decision => ({
    decision,
    reason,
    signal,
  });

  if (alarm === undefined) return decided('nothing', 'the alarm does not exist any more');
  if (!alarm.red) return decided('nothing', `the alarm is not red any more, since ${alarm.changedAt}`);
  const { current, activatedAt } = state;
  if (current === undefined || activatedAt === undefined) return decided('nothing', 'no version serves');
  if (trigger === 'samples') {
    const why = whySilent(state, alarm, facts.now);
    if (why !== undefined) return decided('nothing', why);
  }
  if (trigger === 'samples' || trigger === 'heartbeat') {
    return decided('page', `${SIGNAL_WORDS[trigger]}: ${alarm.stateReason}`);
  }
  const span = servingSpan(state, facts.releases);
  if (!speaksOf(alarm, span)) {
    const { bad } = badWindows(alarm.rule, alarm.windows, span);
    return decided(
      'nothing',
      `of the ${alarm.rule.alarmingWindows} bad windows that the alarm asks for, ${bad} are of version ${current}, which serves since ${activatedAt}: it speaks of the version before`,
    );
  }

  const red = MODEL_SIGNALS.filter(signal => speaksOf(alarms[signal], span));
  const age = seconds(facts.now.getTime() - Date.parse(activatedAt));
  const young = age < facts.settings.rollbackWindowSeconds;
  const regression = red.find(signal => signal !== 'inputDrift');
  const serves = `version ${current} serves for ${hours(age)}, ${young ? 'less' : 'not less'} than the rollback window of ${hours(facts.settings.rollbackWindowSeconds)}`;
  if (regression === undefined) {
    return young
      ? decided(
          'page',
          `${SIGNAL_WORDS.inputDrift} alone while ${serves}: it was perhaps trained on other data than it meets`,
        )
      : retrain(facts, 'inputDrift', serves);
  }
  return young
    ? rollBack(facts, { current, activatedAt, signal: regression, serves, span })
    : retrain(facts, regression, serves);
}

/** Why nobody has to be told that there was little traffic: it sleeps, or did in windows that the alarm still looks at. */
export function whySilent({ asleep, wokenAt }: LedgerState, { rule }: JudgedAlarm, now: Date): string | undefined {
  if (asleep !== undefined) return `it sleeps since ${asleep.since}, by ${asleep.requestedBy}: ${asleep.reason}`;
  if (wokenAt === undefined) return undefined;
  // the window in which it woke is not a whole one
  const looksBack = (rule.evaluationWindows + 1) * rule.periodSeconds;
  if (seconds(now.getTime() - Date.parse(wokenAt)) > looksBack) return undefined;
  return `it slept until ${wokenAt}, and the alarm still looks at windows of that time`;
}

/** Whether an alarm is red, and would be by the windows of the version that serves alone. */
export function speaksOf(alarm: JudgedAlarm | undefined, span: ServingSpan): boolean {
  return (
    alarm !== undefined &&
    alarm.red &&
    badWindows(alarm.rule, alarm.windows, { since: span.since }).bad >= alarm.rule.alarmingWindows
  );
}

interface Regression {
  readonly current: string;
  readonly activatedAt: string;
  readonly signal: Signal;
  readonly serves: string;
  readonly span: ServingSpan;
}

function rollBack(facts: ReactionFacts, { current, activatedAt, signal, serves, span }: Regression): Decision {
  const { state, settings, now } = facts;
  const why = `${SIGNAL_WORDS[signal]} while ${serves}`;
  const to = rollbackTarget(state, current);
  const page = (reason: string): Decision => ({ decision: 'page', reason: `${why}; ${reason}`, signal, to });

  const pending = pendingRollback(facts, current, activatedAt);
  if (pending !== undefined) {
    return {
      decision: 'nothing',
      reason: `${why}; a rollback of it was asked for already, at ${pending.decidedAt} by alarm '${pending.alarm}'`,
      signal,
    };
  }
  const last = state.lastAutomaticRollbackAt;
  if (last !== undefined) {
    const since = seconds(now.getTime() - Date.parse(last));
    if (since < settings.cooldownSeconds) {
      return page(
        `the last automatic rollback was ${hours(since)} ago, less than the cooldown of ${hours(settings.cooldownSeconds)}: a second alarm so soon speaks of the data, not of the version`,
      );
    }
  }
  if (span.byRollback) {
    return page(
      'it came by a rollback, so an older version is no better a guess: the data is wrong or the world has changed',
    );
  }
  if (facts.hold !== undefined) {
    const { until, requestedBy, reason } = facts.hold;
    return page(`releases are held until ${until} by ${requestedBy}: ${reason}`);
  }
  if (to === undefined) return page('no other version was ever healthy in this environment');
  const world = sayWorld(facts.alarms[signal], span, to);
  if (world !== undefined) return page(world);
  return { decision: 'roll-back', from: current, to, reason: why, signal };
}

/** A rollback of this service that was asked for and of which nothing has been heard yet. */
function pendingRollback(facts: ReactionFacts, current: string, activatedAt: string): ReactionRecord | undefined {
  const ended = new Set(facts.releases.map(release => release.id));
  return facts.reactions.find(
    reaction =>
      reaction.decision === 'roll-back' &&
      reaction.evidence['from'] === current &&
      Date.parse(reaction.decidedAt) >= Date.parse(activatedAt) &&
      !ended.has(reaction.id) &&
      seconds(facts.now.getTime() - Date.parse(reaction.decidedAt)) < ROLLBACK_PENDING_SECONDS,
  );
}

/**
 * Whether the world has changed rather than the version, in words: the version to go back to was red by the same measure
 * when it left, and no better than this one. Its record is of the windows before, not of the same days: on the same days
 * only one version serves, unless another one shadows it, and neither that nor a replay of the log is looked at.
 */
function sayWorld(alarm: JudgedAlarm | undefined, { since, before }: ServingSpan, to: string): string | undefined {
  if (alarm === undefined || before?.version !== to) return undefined;
  const now: BadWindows = badWindows(alarm.rule, alarm.windows, { since });
  const then: BadWindows = badWindows(alarm.rule, alarm.windows, { since: before.since, until: since });
  if (then.bad < alarm.rule.alarmingWindows || then.mean === undefined || now.mean === undefined) return undefined;
  if (isWorse(alarm.rule, now.mean, then.mean)) return undefined;
  return `version ${to}, to which it would go back, was no better in its own last windows (${round(then.mean)} on average, now ${round(now.mean)}): the world has changed rather than the version`;
}

function retrain(facts: ReactionFacts, signal: Signal, serves: string): Decision {
  const why = `${SIGNAL_WORDS[signal]} while ${serves}, so another version is no better a guess`;
  if (!facts.settings.retrain) return { decision: 'page', reason: `${why}; automatic training is off`, signal };
  const asked = facts.reactions.find(
    reaction =>
      reaction.decision === 'retrain' &&
      reaction.evidence['from'] === facts.state.current &&
      seconds(facts.now.getTime() - Date.parse(reaction.decidedAt)) < facts.settings.cooldownSeconds,
  );
  if (asked !== undefined) {
    return {
      decision: 'nothing',
      reason: `${why}; a training run was asked for already, at ${asked.decidedAt} by alarm '${asked.alarm}'`,
      signal,
    };
  }
  return { decision: 'retrain', reason: why, signal };
}

function round(value: number): string {
  return String(Number(value.toPrecision(3)));
}

function seconds(milliseconds: number): number {
  return milliseconds / 1000;
}

function hours(duration: number): string {
  return duration < 7200 ? `${Math.round(duration / 60)} min` : `${Math.round(duration / 360) / 10} h`;
}
