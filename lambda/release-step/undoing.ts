import type { LedgerState } from '../shared/ledger';
import { asBefore, leftAlone } from './astray';
import { TargetBusyError } from './errors';
import type { Ending, Journal, StepResult } from './journal';
import { prepareVersion, verifyDeployment } from './moving';
import type { Deployment, Serving } from './serving-target';
import { takeDown } from './sleeping';
import { overdue, renew, result, wait, wayBack, type StepContext } from './step-context';

/** How often the way back is tried; each try is a whole movement of traffic. */
const MAX_ATTEMPTS = 3;

/**
 * Goes back to what served before, one look at a time: what serves is compared with what the ledger says is good, and
 * only a difference is acted on. So it may be repeated, and begun by whoever finds the work of somebody who died.
 */
export async function undo(given: StepContext): Promise<StepResult> {
  const context = rememberError(given);
  const { journal, target, now } = context;
  const state = await renew(context);
  // its record was written although the answer got lost: there is nothing to undo any more
  if (state.underway?.recorded === true) return asRecorded(context);

  const undoing = {
    ...journal.undo,
    since: journal.undo?.since ?? now.toISOString(),
    attempts: journal.undo?.attempts ?? 0,
  };
  const serving = await target.current();
  if (overdue(context, undoing.since) || undoing.attempts > MAX_ATTEMPTS) {
    return gaveUp(context, state, serving);
  }
  if ((serving.state === 'moving' && serving.yields !== true) || serving.busy === true) {
    return wait(context, 'undoing', undoing.since, { undo: undoing });
  }
  if (state.current === undefined) return undoFirst(context, serving, undoing);
  // as it was before, and nobody but the one who moved it there knows why
  const asFound = serving.state === 'serving' ? serving.deployment : undefined;
  if (asFound !== undefined && asFound.id === journal.movedByHand?.id) {
    await retireOrphans(context, state);
    return undone({ ...context, journal: { ...journal, inOrder: false } }, leftAlone(serving));
  }
  if (state.asleep !== undefined) return backToSleep(context, state, undoing);
  if (isGood(context, state.current, serving)) return backAgain(context, state, serving.deployment);

  const next = { from: serving.deployment?.version, ...undoing, attempts: undoing.attempts + 1, waitsFor: undefined };
  if (serving.state === 'broken') {
    await target.withdraw();
    return wait(context, 'undoing', undoing.since, { undo: next });
  }
  const good = await goodDeployment(context, state.current);
  try {
    await target.shift(good, wayBack(context.settings));
  } catch (error) {
    if (!(error instanceof TargetBusyError)) throw error;
    return wait(context, 'undoing', undoing.since, { before: good, undo: { ...undoing, waitsFor: error.message } });
  }
  return wait(context, 'undoing', undoing.since, { before: good, undo: next });
}

/** Goes on with what the record says. */
async function asRecorded({ ports, request, journal, id }: StepContext): Promise<StepResult> {
  const record = await ports.ledger.release(request.model, journal.startedAt, id);
  const ending: Ending = { outcome: record?.outcome ?? 'succeeded', detail: record?.detail ?? '', youMay: [] };
  return result('recorded', journal, { recorded: true, ending });
}

/** The error that led here comes with the first look only, and is still the reason at the last. */
function rememberError(context: StepContext): StepContext {
  const { journal, error } = context;
  if (error === undefined || journal.ending !== undefined) return context;
  return { ...context, journal: { ...journal, ending: { outcome: 'failed', detail: error, youMay: [] } } };
}

/** Nothing ever served soundly here: an endpoint that this release made is taken down, so that the next can begin. */
async function undoFirst(
  context: StepContext,
  serving: Serving,
  undoing: { since: string; attempts: number },
): Promise<StepResult> {
  const { journal, target } = context;
  const ours = serving.state === 'broken' || serving.deployment?.id === journal.deployment?.id;
  if (serving.state !== 'absent' && ours && journal.deployment !== undefined) {
    await target.withdraw();
    return wait(context, 'undoing', undoing.since, { undo: { ...undoing, attempts: undoing.attempts + 1 } });
  }
  await retireOrphans(context, undefined);
  return undone(context, 'nothing served before, and nothing serves now');
}

/** What slept when it began sleeps again: nobody asked for the version that is released to be up. */
async function backToSleep(
  context: StepContext,
  state: LedgerState,
  undoing: { since: string; attempts: number },
): Promise<StepResult> {
  if (!(await takeDown(context.target))) return wait(context, 'undoing', undoing.since, { undo: undoing });
  await retireOrphans(context, state);
  return undone({ ...context, journal: { ...context.journal, inOrder: true } }, asBefore(state));
}

async function backAgain(
  context: StepContext,
  state: LedgerState,
  deployment: Deployment | undefined,
): Promise<StepResult> {
  const { journal } = context;
  if (deployment !== undefined && (journal.undo !== undefined || journal.shiftStartedAt !== undefined)) {
    const { verified, detail } = await verifyDeployment(context, deployment);
    if (!verified) {
      return ended(context, 'failed', `version ${state.current} should serve again, but: ${detail}`);
    }
  }
  await retireOrphans(context, state);
  const leftovers = await untended(context, state);
  return undone({ ...context, journal: { ...journal, ...leftovers, inOrder: true } }, cameBack(context, state.current));
}

/** A failed release's way back is no news; but a letter that tells of a refusal alone would hide that traffic moved. */
function cameBack({ journal: { undo: way, ending } }: StepContext, current: string | undefined): string {
  const again = `version ${current ?? '(none)'} serves, as before`;
  if (way === undefined || way.attempts === 0 || ending?.outcome === 'failed' || way.from === current) return again;
  const served = way.from === undefined ? 'nothing sound served' : `version ${way.from} served`;
  return `${served}, which an earlier release had left, so traffic was moved back to version ${current ?? '(none)'}`;
}

/** What could not be tended: it serves soundly all the same, so it does not spoil the way back. */
async function untended(
  { journal, target, now }: StepContext,
  { activatedAt }: LedgerState,
): Promise<Pick<Journal, 'leftovers'>> {
  try {
    await target.tidy();
    await target.tend({ activatedAt, now });
    return {};
  } catch (error) {
    return { leftovers: [...(journal.leftovers ?? []), String(error)] };
  }
}

/** Only what this release prepared goes, and only if it is not a healthy version's, to which a person may return. */
async function retireOrphans(context: StepContext, state: LedgerState | undefined): Promise<void> {
  const orphan = context.journal.deployment;
  if (orphan === undefined || state?.current === orphan.version) return;
  if (state?.healthy.includes(orphan.version) === true) return;
  await context.target.retire(orphan);
}

function isGood({ journal }: StepContext, current: string, { state, deployment, shadow }: Serving): boolean {
  if (state !== 'serving' || deployment?.version !== current || shadow !== undefined) return false;
  return journal.before === undefined || journal.before.id === deployment.id;
}

/** What served before; made again if somebody took it away meanwhile. */
async function goodDeployment(context: StepContext, current: string): Promise<Deployment> {
  const { before } = context.journal;
  const isThere = before !== undefined && (await context.target.prepared()).some(({ id }) => id === before.id);
  return isThere ? before : prepareVersion(context, current);
}

function gaveUp(context: StepContext, state: LedgerState, serving: Serving): StepResult {
  const what =
    serving.deployment === undefined ? serving.state : `${serving.state} with version ${serving.deployment.version}`;
  const { waitsFor } = context.journal.undo ?? {};
  const why = waitsFor === undefined ? '' : ` (${waitsFor})`;
  return ended(
    context,
    'failed',
    `going back to version ${state.current ?? '(none)'} did not succeed${why}; the serving target is ${what}`,
  );
}

function undone(context: StepContext, how: string): StepResult {
  return ended(context, 'undone', how);
}

/** The reason that the release failed for stays in front; how the way back went comes after it. */
function ended(context: StepContext, outcome: Ending['outcome'], how: string): StepResult {
  const before = context.journal.ending;
  const why = before?.detail ?? 'a step ended without saying why';
  // what only brought back what an earlier release had left astray is no release that failed
  const kept = before !== undefined && before.outcome !== 'failed' && outcome === 'undone' ? before.outcome : outcome;
  return result('undone', context.journal, {
    ending: { outcome: kept, detail: `${why}; ${how}`, youMay: before?.youMay ?? [] },
  });
}
