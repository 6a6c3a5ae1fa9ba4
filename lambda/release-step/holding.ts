import type { HoldRequest, ResumeRequest } from '../shared/contracts';
import { activeHold, type HoldRecord, type HoldState } from '../shared/ledger';
import type { Ending, Journal, ReleaseOutput, StepResult } from './journal';
import type { ReleasePorts } from './ports';
import { isAutomatic } from './request';
import { holdNotification } from './words';

const HOUR_MS = 3_600_000;

/** A hold that nobody ended is over by the next day's shift, unless it says so. */
const DEFAULT_HOURS = 24;

/** A hold stops rollbacks as well, so nobody may forget one for longer. */
const MAX_HOURS = 7 * 24;

/** What the steps of a hold work with: it needs no lock, and takes none from a release under way. */
export interface HoldContext {
  readonly ports: ReleasePorts;
  readonly request: HoldRequest | ResumeRequest;
  readonly execution: string;
  readonly id: string;
  readonly journal: Journal;
  readonly now: Date;
  readonly error?: string;
}

/** Writes a hold or ends one, with its record, in one transaction; a repeated step finds what its first try wrote. */
export async function hold(context: HoldContext): Promise<StepResult> {
  const { ports, request, id } = context;
  const written = (await ports.ledger.holdings(request.model)).find(record => record.id === id);
  if (written !== undefined) return held(context, written);
  const before = await ports.ledger.hold(request.model);
  const known = (await ports.settings.serving(request.model)) !== undefined;
  const { state, record } = holding(request, { before, known, id, now: context.now });
  if ((await ports.ledger.commitHold({ expected: before, state, record })) === 'refused') {
    throw new Error(`somebody else held or resumed '${request.model}' in the same moment`);
  }
  return held(context, record);
}

/** Tells a person, and gives what the execution ends with. */
export async function tellHold(context: HoldContext): Promise<StepResult> {
  const { ports, request, journal, id, execution, error } = context;
  const ending = journal.ending ?? {
    outcome: 'failed' as const,
    detail: error ?? 'it ended without saying how',
    youMay: [],
  };
  await ports.notifier.tell(
    holdNotification(request, ending, { id, execution, environmentName: ports.environmentName }),
  );
  const { outcome, detail } = ending;
  const { action, model } = request;
  const output: ReleaseOutput = { outcome, action, model, detail, generation: journal.generation };
  return { kind: 'told', waitSeconds: 0, journal, output };
}

function held({ journal }: HoldContext, { outcome, detail, generation }: HoldRecord): StepResult {
  const ending: Ending = { outcome, detail, youMay: [] };
  return { kind: 'held', waitSeconds: 0, journal: { ...journal, generation, ending } };
}

interface HoldFacts {
  readonly before: HoldState;
  /** Whether the environment has the model. */
  readonly known: boolean;
  readonly id: string;
  readonly now: Date;
}

/** What a request makes of the hold, and its record; a refusal is recorded too. */
export function holding(
  request: HoldRequest | ResumeRequest,
  facts: HoldFacts,
): { state: HoldState; record: HoldRecord } {
  const { before, id, now } = facts;
  const { action, model, requestedBy, reason } = request;
  const generation = before.generation + 1;
  const at = now.toISOString();
  const base = { id, action, requestedBy, reason, at, generation };
  const refusal = refusalOf(request, facts);
  if (refusal !== undefined) {
    return {
      state: { ...before, generation },
      record: { ...base, outcome: 'refused', detail: refusal },
    };
  }
  const standing = activeHold(before, now);
  const instead = standing === undefined ? '' : `, instead of until ${standing.until}: ${standing.reason}`;
  if (action === 'resume') {
    return {
      state: { model, generation },
      record: { ...base, outcome: 'succeeded', detail: `'${model}' is not held any more${instead}` },
    };
  }
  const until = untilOf(request, now);
  return {
    state: { model, generation, hold: { until, reason, requestedBy, since: at } },
    record: { ...base, until, outcome: 'succeeded', detail: `'${model}' is held until ${until}${instead}` },
  };
}

function refusalOf(request: HoldRequest | ResumeRequest, { before, known, now }: HoldFacts): string | undefined {
  const { action, model, requestedBy, reason } = request;
  if (!known) return `there is no model '${model}' in this environment`;
  if (requestedBy.trim() === '' || reason.trim() === '' || isAutomatic(request)) {
    return `only a person asks to ${action}, with 'requestedBy' and 'reason', got '${requestedBy}' and '${reason}'`;
  }
  if (action === 'resume') {
    return activeHold(before, now) === undefined ? `'${model}' is not held` : undefined;
  }
  const hours = (Date.parse(untilOf(request, now)) - now.getTime()) / HOUR_MS;
  if (hours > 0 && hours <= MAX_HOURS) return undefined;
  return `'until' is '${String(request.until)}', must be after now, ${now.toISOString()}, and at most ${MAX_HOURS / 24} days later; hold again before it ends if that is too short`;
}

function untilOf({ until }: HoldRequest, now: Date): string {
  return until === undefined
    ? new Date(now.getTime() + DEFAULT_HOURS * HOUR_MS).toISOString()
    : new Date(until).toISOString();
}
