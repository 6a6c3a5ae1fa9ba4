import { eraseBatch, type ErasedBatch } from './erase-batch';
import type { Subject } from './erase-rows';
import type { BatchStore } from './ports';

/** A model's batches in the raw zone. */
export interface Batches {
  /** Ids of all batches, those still landing too. */
  ids(): Promise<string[]>;
  batch(batchId: string): BatchStore;
  /** Whether there is time for one more batch. */
  hasTime(): boolean;
}

/** How far an erasure has come. It names batches and counts; a person's key is not in it, nor a row. */
export interface ErasureProgress {
  /** `continue`: time was up, ask again with `after`. */
  readonly outcome: 'done' | 'continue';
  /** The last batch that was looked at. */
  readonly after?: string;
  readonly batches: number;
  readonly rows: number;
  readonly versions: number;
  /** Batches that could not be looked through whole: the person may be in them still. */
  readonly problems: readonly BatchProblem[];
}

/** Why a person may still be in a batch. */
export interface BatchProblem {
  readonly batchId: string;
  readonly reason: string;
}

/** Erases a person from a model's batches, in the order of their ids; what is wrong with one holds up no other. */
export async function eraseModel(
  subject: Subject,
  batches: Batches,
  after: string | undefined,
): Promise<ErasureProgress> {
  // it would be the key of every row that names nobody
  if (subject.key.trim() === '') throw new Error("'key' of the subject is empty, must be the key of a person");
  const ids = [...(await batches.ids())].sort().filter(id => after === undefined || id > after);
  const found: { batchId: string; answer: ErasedBatch }[] = [];
  for (const batchId of ids) {
    // the first is always looked at, or asking again would never end
    if (found.length > 0 && !batches.hasTime()) break;
    found.push({ batchId, answer: await eraseBatch(subject, batches.batch(batchId)) });
  }
  const sum = (count: (answer: Extract<ErasedBatch, { outcome: 'erased' }>) => number): number =>
    found.reduce((total, { answer }) => total + (answer.outcome === 'erased' ? count(answer) : 0), 0);
  const last = found.at(-1)?.batchId;
  return {
    outcome: found.length < ids.length ? 'continue' : 'done',
    ...(last === undefined ? {} : { after: last }),
    batches: found.length,
    rows: sum(({ rows }) => rows),
    versions: sum(({ versions }) => versions),
    problems: found.flatMap(({ batchId, answer }) => problemsOf(answer).map(reason => ({ batchId, reason }))),
  };
}

function problemsOf(answer: ErasedBatch): string[] {
  if (answer.outcome === 'problem') return [answer.reason];
  return answer.undeclared.map(
    key => `file '${key}' is not declared and was not looked into, declare it or delete it, then erase again`,
  );
}
