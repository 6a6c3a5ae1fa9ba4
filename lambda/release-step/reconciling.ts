import type { LedgerState, ReleaseUnderway } from '../shared/ledger';
import { Commands } from '../shared/release-commands';
import { asBefore, isOfReleases, leftAlone } from './astray';
import { refused } from './beginning';
import type { Ending, Journal, StepResult, TakenOver } from './journal';
import { claimLock, leaseSeconds, takeOverLock } from './lock';
import type { WorkRequest } from './request';
import type { Serving } from './serving-target';
import { result, type StepContext } from './step-context';

/** Takes the lock and the work of an execution that died. It waits for nobody: whoever lives finishes its own work. */
export async function takeOver(context: StepContext): Promise<StepResult> {
  const { ports, request, execution, id, settings, journal, now } = context;
  const outcome = await takeOverLock(ports.ledger, {
    model: request.model,
    owner: execution,
    id,
    leaseSeconds: leaseSeconds(settings),
    now,
  });
  if (!outcome.taken) return (await takeLeft(context)) ?? refused(context, outcome.reason, []);
  const { state, underway } = outcome;
  return result('acquired', journal, {
    generation: state.generation,
    startedAt: underway.startedAt,
    takenOver: { id: underway.finishes ?? underway.id, request: requestOf(request.model, underway) },
  });
}

/**
 * Takes the free lock where a version shadows on although no release looks at it (one gave way, and who waited died), where
 * a way back has left what serves out of its place, and its last step could not bring it home, or where it has left traffic
 * divided, since the version before could not answer as long as it waited.
 */
async function takeLeft(context: StepContext): Promise<StepResult | undefined> {
  const { ports, request, execution, id, settings, target, journal, now } = context;
  const { current } = await ports.ledger.state(request.model);
  const left = whatIsLeft(await target.current());
  if (current === undefined || left === undefined) return undefined;
  const { model, requestedBy, reason } = request;
  const claimed = await claimLock(ports.ledger, {
    owner: execution,
    id,
    // nothing is released but what serves
    request: { action: 'release', model, version: current, requestedBy, reason },
    leaseSeconds: leaseSeconds(settings),
    now,
  });
  if (!claimed.taken) return undefined;
  return result('acquired', journal, {
    generation: claimed.state.generation,
    startedAt: claimed.underway.startedAt,
    ...left,
  });
}

function whatIsLeft({ state, yields, returns, shadow, outOfPlace }: Serving): Partial<Journal> | undefined {
  if (state === 'moving' && yields === true && returns === true) return { leftMovement: true };
  if (shadow !== undefined) return { leftShadow: shadow.version };
  return outOfPlace === true ? { leftOutOfPlace: true } : undefined;
}

/**
 * What is to be done about the work that was taken over; nothing: finish it by the same steps, as it was asked.
 *
 * A rollback is finished, since the word against the version that serves still stands. A release is finished only if its
 * version serves already, so that proof and record are all that is missing; else what served before comes back, and a
 * person may ask again. So a crash never moves traffic to a new version hours after it was asked for. What was being taken
 * down goes on to sleep only if it is gone already.
 */
export function leftBehind(
  context: StepContext,
  takenOver: TakenOver,
  { state, serving, astray }: { state: LedgerState; serving: Serving; astray: boolean },
): StepResult | undefined {
  const { action, version, model } = takenOver.request;
  if (state.underway?.recorded === true) return recorded(context, takenOver, { state, serving, astray });
  const leads = (action === 'release' || action === 'wake') && leadsTo(serving, version);
  if (action === 'rollback' || leads) return undefined;
  if (action === 'sleep' && isGone(serving)) return result('sleep', context.journal, { from: version });
  const ending: Ending = {
    outcome: 'undone',
    detail: `the execution of '${takenOver.id}' died before it came to anything`,
    youMay: [
      `Ask for it again: ${askAgain(Commands.ofExecution(context.execution, context.ports.environmentName), takenOver.request)}`,
    ],
  };
  if (astray && !isOfReleases(state, serving)) {
    return result('refused', context.journal, {
      ending: { ...ending, detail: `${ending.detail}; ${leftAlone(serving)}` },
    });
  }
  if (astray || serving.shadow !== undefined)
    return result('astray', context.journal, { ending, ...origin(state, serving) });
  return result('refused', context.journal, {
    inOrder: true,
    ending: { ...ending, detail: `${ending.detail}; ${asBefore(state)}, and '${model}' may be released again` },
  });
}

/** What a movement that yields came from, if that is what is to serve: it is still there, and nothing needs to be made anew. */
export function origin({ current }: LedgerState, { deployment, yields }: Serving): Pick<Journal, 'before'> {
  return yields === true && deployment?.version === current ? { before: deployment } : {};
}

/** All that was left was to tidy up; unless something else serves by now, which is nothing that this work did. */
function recorded(
  { journal }: StepContext,
  { id, request }: TakenOver,
  { state, serving, astray }: { state: LedgerState; serving: Serving; astray: boolean },
): StepResult {
  const from = state.underway?.from;
  const wrote = `'${id}' was recorded before its execution died`;
  if (astray && request.action !== 'lift-quarantine') {
    const serves = serving.deployment === undefined ? serving.state : `version ${serving.deployment.version}`;
    return result('refused', journal, {
      recorded: true,
      ending: {
        outcome: 'failed',
        detail: `${wrote}, and version ${String(state.current)} should serve, but the serving target is ${serves}`,
        youMay: [],
      },
    });
  }
  return result('recorded', journal, {
    recorded: true,
    deployment: serving.deployment,
    from: request.action === 'rollback' ? from : undefined,
    ending: { outcome: 'succeeded', detail: `${wrote}; what was left to tidy up is done`, youMay: [] },
  });
}

/** Nothing is there any more, or nothing but its end. */
function isGone({ state, deployment, towards }: Serving): boolean {
  return state === 'absent' || (state === 'moving' && deployment === undefined && towards === undefined);
}

function leadsTo({ deployment, towards, state }: Serving, version: string): boolean {
  return state === 'moving' ? towards?.version === version : deployment?.version === version;
}

function askAgain(commands: Commands, { action, model, version }: WorkRequest): string {
  switch (action) {
    case 'lift-quarantine':
      return commands.liftQuarantine(model, version);
    case 'sleep':
      return commands.sleep(model);
    case 'wake':
      return commands.wake(model);
    default:
      return commands.release(model, version);
  }
}

function requestOf(model: string, underway: ReleaseUnderway): WorkRequest {
  const { action, version, from, requestedBy, reason, evidence } = underway;
  return {
    action,
    model,
    version,
    ...(action === 'rollback' ? { from } : {}),
    requestedBy,
    reason,
    evidence,
  };
}
