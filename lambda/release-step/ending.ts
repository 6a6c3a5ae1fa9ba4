import type { LedgerState } from '../shared/ledger';
import { LateWriterError } from './errors';
import type { Ending, Journal, ReleaseOutput, StepResult } from './journal';
import { heldState, lateWriter, unlocked } from './lock';
import { recordLift, recordServing, recordSleep, recordWake, releaseRecord, type Recording } from './recording';
import { isScheduled, NO_VERSION } from './request';
import { renew, result, type RequestContext, type StepContext } from './step-context';
import { releaseNotification } from './words';

/** Writes what is now true in one transaction: what serves, which versions are healthy or quarantined, the release. */
export async function record(context: StepContext): Promise<StepResult> {
  const { ports, request, journal, id, now } = context;
  const state = await renew(context);
  const ending = success(context, state.current);
  if (state.underway?.recorded === true) return result('recorded', journal, { recorded: true, ending });
  const recording = await recordingOf(context, state);
  const outcome = await ports.ledger.commit({
    expected: state,
    state: {
      ...recording.state,
      ...(state.underway === undefined ? {} : { underway: { ...state.underway, recorded: true } }),
    },
    versions: recording.versions,
    releases: [releaseRecord(id, request, journal, ending, journal.from ?? state.current, now)],
  });
  if (outcome === 'refused')
    throw await lateWriter(ports.ledger, { model: request.model, generation: journal.generation });
  return result('recorded', journal, { recorded: true, ending });
}

async function recordingOf({ ports, request, journal, now }: StepContext, state: LedgerState): Promise<Recording> {
  switch (request.action) {
    case 'lift-quarantine':
      return recordLift(request, state, now);
    case 'sleep':
      return recordSleep(request, state, now);
    case 'wake':
      return recordWake(request, state, now);
    default: {
      const known = await ports.ledger.version(request.model, request.version);
      return recordServing(request, { state, known }, journal, now);
    }
  }
}

/** Tells the registry that a version was rolled back, and frees what neither serves nor may have to serve again. */
export async function conclude(context: StepContext): Promise<StepResult> {
  const { ports, request, journal, target, now } = context;
  const state = await renew(context);
  if (request.action === 'rollback' && journal.from !== undefined && journal.from !== request.version) {
    const left = await ports.registry.describe(request.model, journal.from);
    if (left !== undefined && left.approval !== 'Rejected') {
      await ports.registry.reject(
        request.model,
        journal.from,
        `rolled back by ${request.requestedBy}: ${request.reason}`,
      );
    }
  }
  // of what sleeps nothing runs, and all that it was made from stays
  if (request.action !== 'lift-quarantine' && request.action !== 'sleep') {
    // the current version and the one to go back to; of the current one only what serves
    const lastGood = state.healthy.find(version => version !== state.current);
    for (const deployment of await target.prepared()) {
      if (deployment.id === journal.deployment?.id || deployment.version === lastGood) continue;
      await target.retire(deployment);
    }
    await target.tidy();
    await target.tend({ activatedAt: state.activatedAt, now });
  }
  return result('concluded', journal);
}

/** Records a release that did not succeed, and frees the lock, in one transaction. */
export async function finish(context: RequestContext): Promise<StepResult> {
  const { ports, request, journal: before, id, execution, now } = context;
  const journal = withEnding(context);
  const known = await ports.ledger.state(request.model);
  const holds = known.lockOwner === execution;
  if (before.generation === 0 && !holds) {
    // it never had the lock, and changes nothing but the history
    const record = releaseRecord(id, request, journal, journal.ending as Ending, known.current, now);
    await ports.ledger.append(request.model, record);
    return result('finished', journal);
  }
  // the lock may have been taken by a step whose answer got lost
  const generation = before.generation === 0 ? known.generation : before.generation;
  const held = { model: request.model, owner: execution, generation };
  try {
    const state = await heldState(ports.ledger, held);
    const recorded = state.underway?.recorded === true;
    const ending = journal.ending as Ending;
    const outcome = await ports.ledger.commit({
      expected: state,
      state: {
        ...unlocked(state),
        ...(journal.inOrder === true && ending.outcome !== 'failed' ? { movedTo: undefined } : {}),
      },
      releases: recorded ? [] : [releaseRecord(id, request, journal, ending, journal.from ?? state.current, now)],
    });
    if (outcome === 'refused') throw await lateWriter(ports.ledger, held);
  } catch (error) {
    // a repeated step finds that its first try did all of it
    const done =
      error instanceof LateWriterError &&
      (await ports.ledger.release(request.model, before.startedAt, id)) !== undefined;
    if (!done) throw error;
  }
  return result('finished', journal);
}

/** Tells a person, and gives what the execution ends with. */
export async function tell(context: RequestContext): Promise<StepResult> {
  const { ports, request } = context;
  const journal = withEnding(context);
  const ending = journal.ending as Ending;
  // nobody reads a letter that comes each evening and each morning
  const isRoutine = isScheduled(request) && ending.outcome === 'succeeded' && journal.leftovers === undefined;
  if (!isRoutine)
    await ports.notifier.tell(
      releaseNotification(request, journal, ending, {
        id: context.id,
        execution: context.execution,
        environmentName: ports.environmentName,
      }),
    );
  const output: ReleaseOutput = {
    outcome: ending.outcome,
    action: request.action,
    model: request.model,
    ...(request.version === NO_VERSION ? {} : { version: request.version }),
    detail: ending.detail,
    generation: journal.generation,
    ...(journal.trafficMovedAt === undefined ? {} : { trafficMovedAt: journal.trafficMovedAt }),
  };
  return { ...result('told', journal), output };
}

/** An execution that comes here by an error and not by a result has no ending yet, or one that is too rosy. */
function withEnding(context: RequestContext): Journal {
  const { journal, error } = context;
  if (error !== undefined && journal.recorded === true) {
    return { ...journal, leftovers: [...(journal.leftovers ?? []), error] };
  }
  if (journal.ending !== undefined && (error === undefined || journal.ending.outcome === 'failed')) {
    return error === undefined
      ? journal
      : { ...journal, ending: { ...journal.ending, detail: `${journal.ending.detail}; then ${error}` } };
  }
  const detail = error ?? 'it ended without saying how';
  return { ...journal, ending: { outcome: 'failed', detail, youMay: [] } };
}

function success({ request, journal }: StepContext, current: string | undefined): Ending {
  const { version } = request;
  if (request.action === 'lift-quarantine') {
    return {
      outcome: 'succeeded',
      detail: `the quarantine of version ${version} is lifted, so it may be approved and released again`,
      youMay: [],
    };
  }
  if (request.action === 'sleep') {
    const detail = `version ${version} sleeps: nothing of it runs, and it stays the one that is released${finished(journal)}`;
    return { outcome: 'succeeded', detail, youMay: [] };
  }
  const proof = journal.verification === undefined ? '' : `; ${journal.verification}`;
  const instead = journal.from === undefined ? '' : ` instead of version ${journal.from}`;
  const woke = journal.foundAsleep === true ? 'what slept is awake: ' : '';
  const detail =
    current === version && journal.shiftStartedAt === undefined
      ? `version ${version} served already${proof}`
      : `${woke}version ${version} serves${current === version ? '' : instead}${proof}`;
  const passedOver = (journal.passedOver ?? []).map(
    other => `; version ${other.version} was passed over: ${other.reason}`,
  );
  const hold = journal.passedHold;
  const past =
    hold === undefined ? '' : `; it went past the hold of ${hold.requestedBy} until ${hold.until}: ${hold.reason}`;
  const schema =
    journal.callersMeet === undefined
      ? ''
      : `; callers who go on as before should know: ${journal.callersMeet.join('; ')}`;
  return {
    outcome: 'succeeded',
    detail: `${detail}${passedOver.join('')}${shadowed(journal)}${past}${schema}${finished(journal)}`,
    youMay: [],
  };
}

function finished({ takenOver }: Journal): string {
  return takenOver === undefined ? '' : `; this finished '${takenOver.id}', whose execution had died`;
}

function shadowed({ shadow }: Journal): string {
  if (shadow === undefined) return '';
  return shadow.skipped === undefined ? `; ${String(shadow.verdict)}` : `; it did not shadow: ${shadow.skipped}`;
}
