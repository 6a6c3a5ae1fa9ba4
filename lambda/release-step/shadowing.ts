import { activeHold, activeWaiting, type LedgerState, type Waiting } from '../shared/ledger';
import type { AnyServingSettings, ShadowSettings } from '../shared/contracts';
import { Commands } from '../shared/release-commands';
import { TargetBusyError } from './errors';
import type { Journal, ShadowJournal, StepResult } from './journal';
import type { ShadowedTime } from './ports';
import { isByEvent, skipsShadow, type ReleaseRequest } from './request';
import type { Deployment, Serving } from './serving-target';
import { judgeShadow, type ShadowComparison } from './shadow-verdict';
import { failure, overdue, renew, result, SETTLING_SECONDS, wait, type StepContext } from './step-context';

/** A shadow may last a day, and an execution's history holds 25,000 events, of which a look makes nine; all else needs most of them. */
const MAX_LOOKS = 750;
const MAX_POLL_SECONDS = 120;

/** What a model's settings ask a shadow for; a model on EKS cannot ask for one yet. */
function shadowPolicy(settings: AnyServingSettings): ShadowSettings | undefined {
  return settings.target === 'sagemaker' ? settings.shadow : undefined;
}

/** Whether a prepared version is to shadow first; where the settings ask for it and it is not, why not. */
export function shadowBefore({ request, settings, journal }: StepContext): ShadowJournal | undefined {
  const { before } = journal;
  // the way back is never delayed, and a version that is compared with itself agrees
  if (request.action !== 'release' || shadowPolicy(settings) === undefined || before?.version === request.version) {
    return undefined;
  }
  if (skipsShadow(request)) return { skipped: `'${request.requestedBy}' asked for a release without it` };
  if (journal.takenOver !== undefined) return { skipped: 'traffic moved already when the execution before died' };
  if (before === undefined) return { skipped: 'nothing served that it could have shadowed' };
  return {};
}

/**
 * Has the version shadow what serves, one look at a time: asked for → in service → its time is over → the log of that
 * time has arrived → the answers are paired → judged. It holds the lock for all of that and moves nothing, so it ends at
 * once when somebody waits who cannot.
 */
export async function shadow(context: StepContext): Promise<StepResult> {
  const { ports, request, settings, journal, now } = context;
  const state = await renew(context, { shadowing: true });
  const waiting = activeWaiting(await ports.ledger.waiting(request.model), now);
  if (waiting !== undefined) return yielded(context, state, waiting);
  const objection = await withdrawnApproval(context);
  if (objection !== undefined) return failure(context, objection);
  const policy = shadowPolicy(settings);
  if (policy === undefined) {
    return result('shadowed', journal, {
      shadow: { ...journal.shadow, skipped: "the model's settings ask for none any more" },
    });
  }

  const serving = await context.target.current();
  const known = journal.shadow ?? {};
  if (known.inServiceAt === undefined) return begin(context, policy, known, serving);
  const gone = whatIsGone(context, serving);
  if (gone !== undefined) return failure(context, `version ${request.version} did not shadow to its end: ${gone}`);

  const since = new Date(known.inServiceAt);
  const until = new Date(since.getTime() + policy.durationSeconds * 1000);
  const logged = until.getTime() + policy.logDelaySeconds * 1000;
  if (now.getTime() < logged) return look(context, policy, known, logged - now.getTime());
  return compare(context, policy, known, {
    id: `${context.execution}:${known.inServiceAt}`,
    champion: given(journal.before).version,
    challenger: request.version,
    since,
    until,
  });
}

/** Asks for the shadow, and waits until it gets copies. */
async function begin(
  context: StepContext,
  policy: ShadowSettings,
  known: ShadowJournal,
  serving: Serving,
): Promise<StepResult> {
  const { journal, target, request, now } = context;
  const wanted = given(journal.deployment);
  const rests = serving.state === 'serving' && serving.busy !== true;
  if (rests && serving.shadow?.id === wanted.id) {
    return look(context, policy, {
      ...known,
      startedAt: known.startedAt ?? now.toISOString(),
      inServiceAt: now.toISOString(),
    });
  }
  const since = known.startedAt ?? known.busySince ?? now.toISOString();
  const failed = (why: string): StepResult => failure(context, `version ${request.version} could not shadow: ${why}`);
  // whoever cannot wait could not move it meanwhile either
  const changing = (shadow: ShadowJournal): StepResult => wait(context, 'shadowing', since, { shadow });
  if (overdue(context, since)) return failed(`the serving target was ${serving.state} all the time`);
  if (serving.state === 'absent' || serving.state === 'broken') return failed(`the serving target is ${serving.state}`);
  if (!rests) return changing({ ...known, busySince: since });
  if (serving.deployment?.id !== journal.before?.id) return failed('something else serves than did before');
  if (known.startedAt !== undefined) {
    // the target may still show what it was before it was asked
    const settling = now.getTime() - Date.parse(known.startedAt) < SETTLING_SECONDS * 1000;
    return settling ? changing(known) : failed(serving.reason ?? 'the target went back by itself');
  }
  try {
    await target.shadow(wanted);
  } catch (error) {
    if (!(error instanceof TargetBusyError)) throw error;
    return changing({ ...known, busySince: since });
  }
  return changing({ ...known, startedAt: now.toISOString() });
}

/** Pairs the answers and judges them. */
async function compare(
  context: StepContext,
  policy: ShadowSettings,
  known: ShadowJournal,
  time: ShadowedTime,
): Promise<StepResult> {
  const { ports, request, settings, now } = context;
  const pairing = known.pairing ?? (await ports.comparisons.startPairing(time, settings));
  const pairs = await ports.comparisons.pairedAnswers(pairing);
  if (pairs === undefined) return look(context, policy, { ...known, pairing });
  const comparison: ShadowComparison = { ...pairs, ...(await ports.comparisons.loads(time, settings)) };
  const { good, reason, tooFew } = judgeShadow(policy, comparison);
  const verdict = `version ${time.challenger} shadowed version ${time.champion} for ${minutes(policy.durationSeconds)}: ${reason}`;
  const judged = { ...context, journal: { ...context.journal, shadow: { ...known, pairing, comparison, verdict } } };
  const commands = Commands.ofExecution(context.execution, ports.environmentName);
  if (!good) return failure(judged, verdict, tooFew === true ? tooFewAdvice(request, commands) : []);
  const hold = activeHold(await ports.ledger.hold(request.model), now);
  if (hold !== undefined && isByEvent(request)) {
    return failure(
      judged,
      `${verdict}; but meanwhile '${request.model}' was held until ${hold.until} by ${hold.requestedBy}: ${hold.reason}`,
      [`End the hold: ${commands.resume(request.model)}`, ...askAgain(request, commands)],
    );
  }
  return result('shadowed', judged.journal);
}

/** Leaves the target as it is and frees the lock: whoever waits ends the shadow with its own movement, and not after it. */
function yielded(context: StepContext, state: LedgerState, waiting: Waiting): StepResult {
  const { request, ports } = context;
  const what = `${waiting.action} ${waiting.action === 'rollback' ? 'to' : 'of'} version ${waiting.version}`;
  const commands = Commands.ofExecution(context.execution, ports.environmentName);
  return result('yielded', context.journal, {
    gaveWay: true,
    ending: {
      outcome: 'undone',
      detail: `version ${request.version} only shadowed, and gave way to the ${what} that '${waiting.requestedBy}' asked for ('${waiting.id}'), which ends the shadow; version ${state.current ?? '(none)'} served all the time`,
      youMay: [
        `Ask again once you know why the ${what} was asked for: ${commands.release(request.model, request.version)}`,
      ],
    },
  });
}

/** Hours may pass in a shadow: whoever rejects the version meanwhile means that it does not go on. */
async function withdrawnApproval({ ports, request }: StepContext): Promise<string | undefined> {
  const packaged = await ports.registry.describe(request.model, request.version);
  if (packaged?.approval === 'Approved') return undefined;
  return `version ${request.version} is ${packaged?.approval ?? 'not in the registry'} since it began to shadow, only an Approved version serves`;
}

function whatIsGone(
  { journal }: StepContext,
  { state, deployment, shadow: copied, reason }: Serving,
): string | undefined {
  if (state !== 'serving') return `the serving target is ${state}${reason === undefined ? '' : `: ${reason}`}`;
  if (deployment?.id !== journal.before?.id) return 'something else serves than did before';
  return copied?.id === journal.deployment?.id ? undefined : 'it gets no copies of requests any more';
}

function tooFewAdvice(request: ReleaseRequest, commands: Commands): string[] {
  return [
    "Wait for more traffic, or give the shadow more time ('shadow' of the model's serving settings).",
    ...askAgain(request, commands),
    `Or release it without a shadow, on your own word: ${commands.release(request.model, request.version, { withoutShadow: true })}`,
  ];
}

function askAgain({ model, version }: ReleaseRequest, commands: Commands): string[] {
  return [`Then ask for it again: ${commands.release(model, version)}`];
}

/** Looks again soon: what cannot wait must not wait for the next look. */
function look(
  { journal, ports }: StepContext,
  policy: ShadowSettings,
  known: ShadowJournal,
  leftMilliseconds = Infinity,
): StepResult {
  const seconds = Math.min(lookSeconds(policy), Math.ceil(leftMilliseconds / 1000));
  return result('shadowing', journal, { shadow: known }, Math.max(ports.pollSeconds, seconds));
}

/** Seconds from one look at a shadow to the next. */
export function lookSeconds({ durationSeconds, logDelaySeconds }: ShadowSettings): number {
  return Math.min(Math.ceil((durationSeconds + logDelaySeconds) / MAX_LOOKS), MAX_POLL_SECONDS);
}

function given(deployment: Journal['deployment']): Deployment {
  if (deployment === undefined) throw new Error('nothing was prepared before this step');
  return deployment;
}

function minutes(seconds: number): string {
  return seconds < 7200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 360) / 10} h`;
}
