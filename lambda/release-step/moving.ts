import { TargetBusyError } from './errors';
import type { StepResult } from './journal';
import { PROBE_ID_PREFIX } from '../shared/contracts';
import { probeInstance } from './probe';
import type { Deployment, Serving, Verification } from './serving-target';
import type { ReleaseRequest } from './request';
import { shadowBefore } from './shadowing';
import {
  failure,
  overdue,
  renew,
  result,
  SETTLING_SECONDS,
  wait,
  wayBack,
  wayForward,
  type StepContext,
} from './step-context';

/** Makes the version able to serve; no traffic moves. */
export async function prepare(context: StepContext): Promise<StepResult> {
  await renew(context);
  const { journal, request } = context;
  // what is left by a rollback is not kept
  const previous = request.action === 'release' ? journal.before : undefined;
  const deployment = await prepareVersion(context, request.version, previous);
  const shadow = shadowBefore(context);
  if (shadow === undefined) return result('prepared', journal, { deployment });
  return result(shadow.skipped === undefined ? 'to-shadow' : 'prepared', journal, { deployment, shadow });
}

/** Starts to move traffic, unless the version serves already; waits for a movement that somebody else began. */
export async function shift(context: StepContext): Promise<StepResult> {
  const { journal, settings, target, request, now } = context;
  await renew(context, { movesTo: request.version });
  const wanted = wantedDeployment(context);
  const serving = await target.current();
  if (serves(serving, wanted)) return result('settled', journal);
  // a repeated step finds the movement that its first try began
  const shiftStartedAt = journal.shiftStartedAt ?? now.toISOString();
  // but a way back does not wait for a canary that was left and the alarms that watch it
  const joins = !(serving.yields === true && leadsBack(request));
  if (joins && serving.state === 'moving' && serving.towards?.id === wanted.id) {
    return wait(context, 'shifting', shiftStartedAt, { shiftStartedAt });
  }
  // who has the lock has no rival: what yields was left by somebody who died
  const underway = serving.state === 'moving' && serving.yields !== true;
  if (underway || serving.state === 'broken' || serving.busy === true) {
    const waiting = waitForOther(context, serving.busy === true ? 'busy' : serving.state);
    if (waiting.kind === 'busy' && serving.state === 'broken') await target.withdraw();
    return waiting;
  }
  try {
    await target.shift(wanted, leadsBack(request) ? wayBack(settings) : wayForward(settings));
  } catch (error) {
    if (!(error instanceof TargetBusyError)) throw error;
    return waitForOther(context, error.message);
  }
  return wait(context, 'shifting', shiftStartedAt, { shiftStartedAt });
}

/** To a version that was healthy here: what wakes was as much as what is rolled back to, and nobody waits for alarms. */
function leadsBack({ action }: ReleaseRequest): boolean {
  return action === 'rollback' || action === 'wake';
}

/** Waits for what somebody else began, as long as the longest movement at most. */
function waitForOther(context: StepContext, what: string): StepResult {
  const { journal, request, now } = context;
  const busySince = journal.busySince ?? now.toISOString();
  if (overdue(context, busySince)) {
    return failure(context, `the serving target of '${request.model}' stays ${what} since ${busySince}`);
  }
  return wait(context, 'busy', busySince, { busySince });
}

/** Looks whether the movement is over, and where it ended. */
export async function settle(context: StepContext): Promise<StepResult> {
  const { journal, request, now } = context;
  const since = journal.shiftStartedAt ?? now.toISOString();
  const wanted = wantedDeployment(context);
  const serving = await proceeded(context);
  if (serves(serving, wanted)) {
    return result('settled', journal, { trafficMovedAt: journal.trafficMovedAt ?? now.toISOString() });
  }
  if (overdue(context, since)) {
    return failure(context, `version ${request.version} did not serve within the longest time that a shift may take`);
  }
  const settling = now.getTime() - Date.parse(since) < SETTLING_SECONDS * 1000;
  const underway = serving.state === 'moving' || serving.busy === true;
  if (underway || (settling && serving.state !== 'broken')) return wait(context, 'shifting', since);
  const because = serving.reason === undefined ? '' : `: ${serving.reason}`;
  return serving.state === 'serving'
    ? failure(
        context,
        `the serving target went back to version ${serving.deployment?.version ?? '(unknown)'} by itself${because}`,
      )
    : failure(context, `the serving target is ${serving.state}${because}`);
}

/** What serves, after the step that was due: a target that does not move of itself is moved by who has the lock. */
async function proceeded(context: StepContext): Promise<Serving> {
  const { target } = context;
  const serving = await target.current();
  if (serving.yields !== true || target.proceed === undefined) return serving;
  await renew(context);
  await target.proceed();
  return target.current();
}

/** Proves that the version answers: the target names the deployment, and a real prediction names the version. */
export async function verify(context: StepContext): Promise<StepResult> {
  await renew(context);
  const verification = await verifyDeployment(context, wantedDeployment(context));
  return verification.verified
    ? result('verified', context.journal, { verification: verification.detail })
    : failure(context, verification.detail);
}

/** Makes a version able to serve, beside the one that may have to serve again. */
export async function prepareVersion(
  { ports, target, request }: StepContext,
  version: string,
  previous?: Deployment,
): Promise<Deployment> {
  const packaged = await ports.registry.describe(request.model, version);
  if (packaged === undefined)
    throw new Error(`version ${version} of '${request.model}' is not in the registry any more`);
  return target.prepare(packaged, previous);
}

/** Looks at what the target says that it serves, and asks it for a prediction. */
export async function verifyDeployment(context: StepContext, deployment: Deployment): Promise<Verification> {
  const { ports, target, request, journal } = context;
  const serving = await target.current();
  if (serving.state !== 'serving' || serving.deployment?.id !== deployment.id) {
    return {
      verified: false,
      detail: `'${deployment.id}' should serve, but the target is ${serving.state} with '${serving.deployment?.id ?? '(nothing)'}'`,
    };
  }
  const packaged = await ports.registry.describe(request.model, deployment.version);
  const stored = packaged?.baselineUri === undefined ? undefined : await ports.registry.baseline(packaged.baselineUri);
  const baseline = stored?.state === 'found' ? stored.baseline : undefined;
  const schema = baseline?.schema ?? (await ports.settings.schema(request.model));
  return target.verify(deployment, {
    id: `${PROBE_ID_PREFIX}${request.model}-${journal.generation}`,
    instance: probeInstance(schema, baseline),
  });
}

/** While the target still changes, any request may yet reach what served before, whatever it says of the weights. */
function serves({ state, deployment, busy }: Serving, wanted: Deployment): boolean {
  return state === 'serving' && deployment?.id === wanted.id && busy !== true;
}

function wantedDeployment({ journal }: StepContext): Deployment {
  if (journal.deployment === undefined) throw new Error('nothing was prepared before this step');
  return journal.deployment;
}
