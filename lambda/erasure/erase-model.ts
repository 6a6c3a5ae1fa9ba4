import { eraseBatch, type ErasedBatch } from './erase-batch';
import type { Subject } from './erase-rows';
import type { BatchStore } from './ports';
import type { PlaceProgress } from './progress';

/** A model's batches in the raw zone. */
export interface Batches {
  /** Ids of all batches, those still landing too. */
  ids(): Promise<string[]>;
  /** Keys of landed objects that are in no batch. */
  strays(): Promise<string[]>;
  batch(batchId: string): BatchStore;
  /** Whether there is time for one more batch. */
  hasTime(): boolean;
}

/** Erases a person from a model's batches, in the order of their ids; what is wrong with one holds up no other. */
export async function eraseModel(
  subject: Subject,
  batches: Batches,
  after: string | undefined,
): Promise<PlaceProgress> {
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
  const isDone = found.length === ids.length;
  // told once, at the end
  const strays = isDone ? await batches.strays() : [];
  return {
    outcome: isDone ? 'done' : 'continue',
    ...(last === undefined ? {} : { after: last }),
    looked: found.length,
    rows: sum(({ rows }) => rows),
    versions: sum(({ versions }) => versions),
    problems: [
      ...found.flatMap(({ batchId, answer }) =>
        problemsOf(answer).map(reason => ({ where: `batch '${batchId}'`, reason })),
      ),
      ...strays.map(key => ({
        where: `object '${key}'`,
        reason:
          'it is in no batch and was not looked into; land it in one, delete all versions of this one, then erase again',
      })),
    ],
  };
}

function problemsOf(answer: ErasedBatch): string[] {
  if (answer.outcome === 'problem') return [answer.reason];
  return answer.undeclared.map(
    key => `file '${key}' is not declared and was not looked into, declare it or delete it, then erase again`,
  );
}
