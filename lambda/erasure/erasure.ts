import type { TrainingSettings } from '../shared/contracts';
import type { ErasureAnswer, ErasureRequest, Remainder } from '../shared/erasure-contract';
import type { ErasureRecord } from '../shared/ledger';
import { erasePerson, type ErasePlace, type PlaceName, type Progress } from './erase-person';
import type { Claim, ErasureLock, Holder } from './lock';

/** Whom to erase, and where. */
export interface Person {
  readonly model: string;
  /** Column of the landed files that names persons. */
  readonly column: string;
  readonly key: string;
  readonly requestIds: readonly string[];
  readonly dryRun: boolean;
}

/** What an erasure needs of the platform. */
export interface ErasurePorts {
  /** Settings of a model's training; nothing if the model is not there. */
  settings(model: string): Promise<TrainingSettings | undefined>;
  places(person: Person, hasTime: () => boolean): Readonly<Record<PlaceName, ErasePlace>>;
  /** What stays of somebody for a while; `fields` may hold personal data. */
  remains(model: string, fields: readonly string[]): Promise<Remainder[]>;
  append(model: string, record: ErasureRecord): Promise<void>;
  readonly lock: ErasureLock;
  /** Another text for each call. */
  callId(): string;
  hasTime(): boolean;
  now(): Date;
}

/**
 * Answers one call: refuses what cannot be done, erases until time is up while no other erasure of the model does, and
 * records it without saying who it was.
 */
export async function answerErasure(ports: ErasurePorts, request: ErasureRequest): Promise<ErasureAnswer> {
  const { model, dryRun, id } = request;
  const settings = await ports.settings(model);
  const refusal = refusalOf(request, settings);
  if (refusal !== undefined) return { outcome: 'refused', reason: refusal };
  // who only counts is in nobody's way
  if (dryRun) return work(ports, request, settings);

  const call = ports.callId();
  const claim = (): Claim => ({ model, owner: id, call, now: ports.now() });
  const holder = await ports.lock.take(claim());
  if (holder !== undefined) return { outcome: 'refused', reason: othersTurn(request, holder) };
  let outcome: 'done' | 'paused' = 'done';
  try {
    const answer = await work(ports, request, settings);
    if (answer.outcome === 'continue') outcome = 'paused';
    return answer;
  } finally {
    await ports.lock.leave(claim(), outcome);
  }
}

async function work(
  ports: ErasurePorts,
  request: ErasureRequest,
  settings: TrainingSettings | undefined,
): Promise<ErasureAnswer> {
  const { model, dryRun, after } = request;
  const { subject: column = '', fields = [] } = settings?.personalData ?? {};
  // before anything goes: a call that dies leaves a record too
  if (after === undefined) await record(ports, request, 'begun', 'nothing is erased yet', NOTHING);
  const person = { model, column, key: request.subject.trim(), requestIds: request.requestIds ?? [], dryRun };
  const hasTime = (): boolean => ports.hasTime();
  const progress = await erasePerson(ports.places(person, hasTime), hasTime, after);
  await record(ports, request, outcomeOf(progress), detailOf(progress), progress.rows);
  return { ...progress, remains: progress.outcome === 'done' ? await ports.remains(model, fields) : [] };
}

function othersTurn({ model, id, after }: ErasureRequest, { owner, since, expiresAt }: Holder): string {
  const whose = owner === id ? 'a call of this same erasure' : `another erasure of '${model}' ('${owner}')`;
  const soFar = after === undefined ? 'nothing was erased' : 'what was erased so far stays erased';
  return `${whose} runs since ${since} and is over at ${expiresAt} at the latest, ${soFar}: try again`;
}

const NOTHING = { landed: 0, predictions: 0, labels: 0 };

function refusalOf(request: ErasureRequest, settings: TrainingSettings | undefined): string | undefined {
  const { model, subject, reason } = request;
  if (settings === undefined)
    return `'model' is '${model}', which has no training here, must be a model that is deployed`;
  if (settings.personalData === undefined) {
    return (
      `model '${model}' has no 'subject': nobody knows which column of its landed files names a person; ` +
      `give its model.yaml 'subject: COLUMN' and deploy it, or erase nothing if its rows are of nobody`
    );
  }
  // it would be the key of every row that names nobody
  if (subject.trim() === '') return "'subject' is empty, must be the key of a person";
  if (reason?.includes(subject.trim()) === true) {
    return "'reason' has the person's key in it, must not, since it stays in the ledger: give the number of the request";
  }
  return undefined;
}

async function record(
  ports: ErasurePorts,
  { model, id, requestedBy, reason, dryRun }: ErasureRequest,
  outcome: ErasureRecord['outcome'],
  detail: string,
  rows: ErasureRecord['rows'],
): Promise<void> {
  if (dryRun) return;
  const why = reason === undefined ? {} : { reason };
  await ports.append(model, { id, requestedBy, ...why, outcome, detail, rows, at: ports.now().toISOString() });
}

function outcomeOf({ outcome, problems }: Progress): ErasureRecord['outcome'] {
  if (outcome === 'continue') return 'continues';
  return problems.length > 0 ? 'incomplete' : 'done';
}

function detailOf({ rows, looked, versions, problems }: Progress): string {
  return (
    `${rows.landed} landed rows of ${looked.landed} batches, ` +
    `${rows.predictions} predictions and ${rows.labels} labels of ${looked.predictions + looked.labels} objects, ` +
    `${versions} versions deleted, ${problems.length} problems`
  );
}
