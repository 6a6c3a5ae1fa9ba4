import fc from 'fast-check';
import { eraseBatch } from '../../../lambda/erasure/erase-batch';
import { eraseModel } from '../../../lambda/erasure/erase-model';
import { answerErasure, type ErasurePorts } from '../../../lambda/erasure/erasure';
import type { BatchStore } from '../../../lambda/erasure/ports';
import type { TrainingSettings } from '../../../lambda/shared/contracts';
import { sha256 } from '../../../lambda/shared/canonical-json';
import { parseReadyManifest, READY_FILE } from '../../../lambda/shared/pipeline/ready-manifest';
import { MemoryBatch } from './memory-batch';
import { MemoryLock } from './memory-lock';

const NOTHING = { outcome: 'done' as const, looked: 0, rows: 0, versions: 0, problems: [] };

function landed(persons: readonly string[]): MemoryBatch {
  const batch = new MemoryBatch();
  batch.land(
    { 'a.csv': `customer,x\n${persons.map(person => `${person},1\n`).join('')}` },
    { 'a.csv': persons.length },
  );
  return batch;
}

/** Persons of the rows that the declaration names; fails where a file is not what is declared. */
function personsOf(batch: MemoryBatch): string[] {
  const parsed = parseReadyManifest(batch.latest(READY_FILE) ?? '');
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.manifest.files.flatMap(({ key, sha256: digest }) => {
    const text = batch.latest(key) ?? 'gone';
    expect(sha256(text)).toBe(digest);
    return text
      .split('\n')
      .slice(1, -1)
      .map(row => row.split(',')[0] ?? '');
  });
}

/** A store each of whose calls waits for its turn. */
function inTurns(batch: MemoryBatch, scheduler: fc.Scheduler): BatchStore {
  const turn =
    <A extends unknown[], R>(call: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      await scheduler.schedule(Promise.resolve());
      return call.apply(batch, given);
    };
  return {
    declaration: turn(batch.declaration),
    read: turn(batch.read),
    write: turn(batch.write),
    replaceDeclaration: turn(batch.replaceDeclaration),
    versions: turn(batch.versions),
    remove: turn(batch.remove),
    isValidated: turn(batch.isValidated),
    removeCurated: turn(batch.removeCurated),
  };
}

test('erasures side by side, in whatever order their steps come, leave every row of the others', async () => {
  const persons = fc.array(fc.constantFrom('ada', 'zoe', 'bob', 'eve'), { minLength: 1, maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(fc.scheduler(), persons, async (scheduler, given) => {
      // GIVEN two erasures of two persons
      const batch = landed(given);
      const lock = new MemoryLock();
      const erase = (key: string, id: string) =>
        answerErasure(portsOf(inTurns(batch, scheduler), lock), {
          model: 'churn',
          subject: key,
          id,
          requestedBy: 'eve',
          dryRun: false,
        });

      // WHEN they run at once
      const both = Promise.all([erase('ada', '1'), erase('zoe', '2')]);
      await scheduler.waitFor(both);
      const refused = (await both).map(({ outcome }) => outcome === 'refused');

      // THEN who was let is gone, and all others are there
      const gone = ['ada', 'zoe'].filter((_person, index) => refused[index] === false);
      expect(gone).not.toEqual([]);
      expect(personsOf(batch)).toEqual(given.filter(person => !gone.includes(person)));
    }),
  );
});

test('fails, and takes nothing away, where a batch was declared anew since it was looked through', async () => {
  // GIVEN an erasure of somebody who is not in the batch, which has looked through it
  const batch = landed(['ada', 'bob']);
  let [go, reach] = [(): void => undefined, (): void => undefined];
  const reached = new Promise<void>(resolve => (reach = resolve));
  const gate = new Promise<void>(resolve => (go = resolve));
  const zoe = eraseBatch(
    { column: 'customer', key: 'zoe' },
    Object.assign(Object.create(batch) as MemoryBatch, {
      versions: async () => {
        reach();
        await gate;
        return batch.versions();
      },
    }),
  );
  await reached;

  // WHEN another one replaces the declaration
  await eraseBatch({ column: 'customer', key: 'ada' }, batch);
  go();

  // THEN
  await expect(zoe).rejects.toThrow('went while somebody was erased: erase again');
  expect(personsOf(batch)).toEqual(['bob']);
});

test('fails, and takes nothing away, where the batch was landed again under the same names', async () => {
  const batch = landed(['ada', 'bob']);
  const late = Object.create(batch) as MemoryBatch;
  late.versions = () => {
    batch.land({ 'a.csv': 'customer,x\neve,1\n' }, { 'a.csv': 1 });
    return batch.versions();
  };

  await expect(eraseBatch({ column: 'customer', key: 'zoe' }, late)).rejects.toThrow(
    "'_READY' was replaced while somebody was erased: erase again",
  );
  expect(personsOf(batch)).toEqual(['eve']);
  expect(batch.everything()).toContain('bob');
});

function portsOf(batch: BatchStore, lock: MemoryLock): ErasurePorts {
  let calls = 0;
  return {
    settings: () =>
      Promise.resolve({ personalData: { subject: 'customer', fields: [] } } as unknown as TrainingSettings),
    places: ({ column, key }) => ({
      landed: after =>
        eraseModel(
          { column, key },
          {
            ids: () => Promise.resolve(['b1']),
            strays: () => Promise.resolve([]),
            batch: () => batch,
            hasTime: () => true,
          },
          after,
        ),
      predictions: () => Promise.resolve(NOTHING),
      labels: () => Promise.resolve(NOTHING),
    }),
    remains: () => Promise.resolve([]),
    append: () => Promise.resolve(),
    lock,
    callId: () => `call-${++calls}`,
    hasTime: () => true,
    now: () => new Date('2026-11-27T03:00:00.000Z'),
  };
}
