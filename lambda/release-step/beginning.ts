import { isByDigest } from '../shared/ecr-images';
import { activeHold, type Hold, type LedgerState, type ReleaseUnderway } from '../shared/ledger';
import { Commands } from '../shared/release-commands';
import { isAstray, isOfReleases, leftAlone, movedByHand } from './astray';
import { callersMeet, candidates, judgeRequest, judgeVersion, type Refusal, type VersionFacts } from './eligibility';
import type { Ending, Journal, PassedOver, StepResult } from './journal';
import { claimLock, leaseSeconds } from './lock';
import type { StoredBaseline } from './ports';
import { leftBehind, origin, takeOver } from './reconciling';
import { isAboutSleep, isByEvent, isWork, skipsShadow, type WorkRequest } from './request';
import { renew, result, wait, type RequestContext, type StepContext } from './step-context';

/** A holder may die, after which its lease must end and its work be finished: each takes a lease at most. */
const LEASES_WAITED = 2;

/** Takes the model's lock, or waits for its holder, and for whoever finishes what a dead one left. */
export async function acquire(context: StepContext): Promise<StepResult> {
  const { ports, request, execution, id, settings, journal, now } = context;
  if (!isWork(request)) return takeOver(context);
  const lease = leaseSeconds(settings);
  const claimed = await claimLock(ports.ledger, { owner: execution, id, request, leaseSeconds: lease, now });
  const waited = journal.waits === true;
  if (claimed.taken) {
    if (waited) await ports.ledger.endWaiting(request.model, id);
    const { startedAt, version } = claimed.underway;
    const chosen = isAboutSleep(request) ? { chosen: version } : {};
    return result('acquired', journal, { generation: claimed.state.generation, startedAt, ...chosen });
  }
  const patience = LEASES_WAITED * lease * 1000;
  if (now.getTime() - Date.parse(journal.startedAt) > patience) {
    if (waited) await ports.ledger.endWaiting(request.model, id);
    return claimed.dead === undefined ? stillHeld(context, claimed.owner) : unfinished(context, claimed.dead);
  }
  if (!cannotWait(request)) return wait(context, 'busy', journal.startedAt);
  const { action, version, requestedBy } = request;
  await ports.ledger.startWaiting(request.model, { id, action, version, requestedBy, at: now.toISOString() });
  return wait(context, 'busy', journal.startedAt, { waits: true });
}

/** What mends what serves waits for a movement, which cannot be stopped, but not for the hours of a shadow. */
function cannotWait(request: WorkRequest): boolean {
  return request.action === 'rollback' || skipsShadow(request);
}

function stillHeld(context: StepContext, owner: string): StepResult {
  return refused(context, `another release of '${context.request.model}' has held the lock all the time: ${owner}`, [
    `Look at that execution: aws stepfunctions describe-execution --execution-arn ${owner}`,
    'Ask again once it has ended.',
  ]);
}

/** The reconciler should have come long ago. */
function unfinished(context: StepContext, dead: ReleaseUnderway): StepResult {
  const { model } = context.request;
  return refused(
    context,
    `the execution of the ${dead.action} '${dead.id}' of '${model}' died, and nobody has finished it`,
    [
      `Finish it, since the reconciler does not: ${Commands.ofExecution(context.execution, context.ports.environmentName).reconcile(model)}`,
      'Then ask again.',
    ],
  );
}

/** Reads all that speaks for or against the request, judges it, and chooses the version that it makes serve. */
export async function eligible(context: StepContext): Promise<StepResult> {
  const { ports, request, journal, now } = context;
  const state = await renew(context);
  const serving = await context.target.current();
  const astray = isAstray(state, serving);
  const { takenOver } = journal;
  const left = takenOver === undefined ? undefined : leftBehind(context, takenOver, { state, serving, astray });
  if (left !== undefined) return left;
  if (journal.leftShadow !== undefined || journal.leftMovement === true) {
    if (astray && !isOfReleases(state, serving)) return refused(context, leftAlone(serving), []);
    const what = journal.leftShadow === undefined ? 'traffic stood divided' : `version ${journal.leftShadow} shadowed`;
    const detail = `${what} although no release looked at it any more`;
    const ending: Ending = { outcome: 'succeeded', detail, youMay: [] };
    return journal.leftMovement === true && !astray
      ? result('recorded', journal, { inOrder: true, ending })
      : result('astray', journal, { ending, ...origin(state, serving), deployment: serving.towards });
  }
  if (journal.leftOutOfPlace === true) {
    const detail = `version ${state.current ?? '(none)'} serves, and is brought to its usual place, where alarms and scaling look; if no instance is to be had it stays where it is, and is tried again`;
    return astray
      ? refused(context, `'${request.model}' changes by itself meanwhile`, [])
      : result('recorded', journal, { inOrder: true, ending: { outcome: 'succeeded', detail, youMay: [] } });
  }

  const hold = await standingHold(context);
  const lifting = request.action === 'lift-quarantine';
  const asked = judgeRequest(
    {
      request,
      state,
      astray,
      record: lifting ? await ports.ledger.version(request.model, request.version) : undefined,
      currentApprovedAt: request.action === 'release' ? await approvedAt(context, state.current) : undefined,
      cooldownSeconds: await ports.settings.cooldownSeconds(request.model),
      hold,
      maySleep: context.settings.idle !== undefined,
      now,
    },
    Commands.ofExecution(context.execution, context.ports.environmentName),
  );
  if (asked.eligible && lifting) return result('lift', journal);
  if (asked.eligible && request.action === 'sleep') return result('sleep', journal, { from: state.current });
  const choice = asked.eligible ? await choose(context, state) : asked;
  if ('reason' in choice) {
    const refusal = refused(context, choice.reason, choice.youMay);
    // somebody died on the way, or gave way: nothing but this run will bring back what the ledger says
    const isLeft = astray ? isOfReleases(state, serving) : serving.shadow !== undefined;
    if (isLeft && !isStopped(context, hold)) return { ...refusal, kind: 'astray' };
    return { ...refusal, journal: { ...refusal.journal, inOrder: !astray } };
  }

  // what to go back to: exactly what serves, if it is what the ledger says, with the settings it was made with
  const before = serving.deployment?.version === state.current ? serving.deployment : undefined;
  const passedHold = hold !== undefined && !isByEvent(request) ? hold : undefined;
  return result('eligible', journal, {
    before,
    from: state.current,
    ...(state.asleep === undefined ? {} : { foundAsleep: true }),
    movedByHand: movedByHand(state, serving),
    ...(request.action === 'rollback' ? { otherHealthy: othersThan(choice.chosen ?? request.version, state) } : {}),
    ...(passedHold === undefined ? {} : { passedHold }),
    ...choice,
  });
}

/** Where a person may go if the version that was chosen turns out not to serve. */
function othersThan(version: string, { current, healthy }: LedgerState): string[] {
  return healthy.filter(other => other !== version && other !== current);
}

/** The hold that bears on the request: one that was set while the work was under way takes nothing from it. */
async function standingHold({ ports, request, journal, now }: StepContext): Promise<Hold | undefined> {
  return journal.takenOver === undefined ? activeHold(await ports.ledger.hold(request.model), now) : undefined;
}

/** Whether nothing may move: an event asks, and a person had set a hold before the work began. */
function isStopped({ request, journal }: StepContext, hold: Hold | undefined): boolean {
  return isByEvent(request) && hold !== undefined && Date.parse(hold.since) <= Date.parse(journal.startedAt);
}

/** The first version that would do and may serve, or why none may. */
async function choose(
  context: StepContext,
  state: LedgerState,
): Promise<Pick<Journal, 'chosen' | 'passedOver' | 'callersMeet'> | Refusal> {
  const refusals: Refusal[] = [];
  const passedOver: PassedOver[] = [];
  const servingBaseline = await servingBaselineOf(context, state.current);
  for (const version of candidates(context.request, state)) {
    const facts = await factsOf(context, state, version, version === state.current ? undefined : servingBaseline);
    const verdict = judgeVersion(facts, Commands.ofExecution(context.execution, context.ports.environmentName));
    if (verdict.eligible) {
      const met = callersMeet(facts);
      return {
        ...(passedOver.length === 0 ? {} : { chosen: version, passedOver }),
        ...(met.length === 0 ? {} : { callersMeet: met }),
      };
    }
    refusals.push(verdict);
    passedOver.push({ version, reason: verdict.reason });
  }
  return {
    eligible: false,
    reason: refusals.map(({ reason }) => reason).join('; '),
    youMay: [...new Set(refusals.flatMap(({ youMay }) => youMay))],
  };
}

/** Reads all that speaks for or against a version. */
async function factsOf(
  context: StepContext,
  state: LedgerState,
  version: string,
  servingBaseline: StoredBaseline | undefined,
): Promise<VersionFacts> {
  const { registry, ledger } = context.ports;
  const { model } = context.request;
  const request = { ...context.request, version };
  const [record, packaged] = await Promise.all([ledger.version(model, version), registry.describe(model, version)]);
  if (packaged === undefined) return { request, state, record };
  const [artifact, image, baseline] = await Promise.all([
    registry.artifact(packaged.artifactUri),
    // a tag says nothing of what it meant, and the serving target refuses one that means nothing
    isByDigest(packaged.image) ? registry.image(packaged.image) : undefined,
    packaged.baselineUri === undefined ? undefined : registry.baseline(packaged.baselineUri),
  ]);
  return { request, state, record, packaged, artifact, image, baseline, servingBaseline };
}

/** The baseline of the version that serves, whose schema tells what callers send. */
async function servingBaselineOf(
  { ports, request }: StepContext,
  current: string | undefined,
): Promise<StoredBaseline | undefined> {
  if (current === undefined) return undefined;
  try {
    const uri = (await ports.registry.describe(request.model, current))?.baselineUri;
    return uri === undefined ? undefined : await ports.registry.baseline(uri);
  } catch (error) {
    // a rollback only tells of it, and does not wait until it can
    if (request.action === 'rollback') return { state: 'lost', problem: String(error) };
    throw error;
  }
}

/** When the version that serves was approved: by the ledger's word, since any edit of its metadata moves the registry's. */
async function approvedAt({ ports, request }: StepContext, current: string | undefined): Promise<string | undefined> {
  if (current === undefined) return undefined;
  const record = await ports.ledger.version(request.model, current);
  return record?.approvedAt ?? (await ports.registry.describe(request.model, current))?.approvedAt;
}

/** Ends a request that must not go on. */
export function refused(context: RequestContext, reason: string, youMay: readonly string[]): StepResult {
  return result('refused', context.journal, { ending: { outcome: 'refused', detail: reason, youMay } });
}
