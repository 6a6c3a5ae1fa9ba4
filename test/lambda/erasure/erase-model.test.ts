import fc from 'fast-check';
import { eraseModel, type Batches } from '../../../lambda/erasure/erase-model';
import type { PlaceProgress } from '../../../lambda/erasure/progress';
import { MemoryBatch } from './memory-batch';

const SUBJECT = { column: 'person', key: 'ada@example.com' };
const HEADER = 'person,rain\n';

function landed(theirs: number): MemoryBatch {
  const batch = new MemoryBatch();
  const rows = [...Array<string>(theirs).fill('ada@example.com,1\n'), 'bob@example.com,0\n'];
  batch.land({ 'a.csv': HEADER + rows.join('') }, { 'a.csv': rows.length });
  return batch;
}

function zone(stores: Map<string, MemoryBatch>, atOnce = Infinity, strays: string[] = []): Batches {
  let left = atOnce;
  return {
    ids: () => Promise.resolve([...stores.keys()]),
    strays: () => Promise.resolve(strays),
    batch: id => stores.get(id) ?? new MemoryBatch(),
    hasTime: () => --left > 0,
  };
}

describe('eraseModel', () => {
  test('erases a person from every batch, however often time is up', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat({ max: 3 }), { minLength: 1, maxLength: 8 }),
        fc.integer({ min: 1, max: 4 }),
        async (counts, atOnce) => {
          const stores = new Map(counts.map((theirs, index) => [`b${index}`, landed(theirs)]));
          const answers: PlaceProgress[] = [];
          do {
            answers.push(await eraseModel(SUBJECT, zone(stores, atOnce), answers.at(-1)?.after));
          } while (answers.at(-1)?.outcome === 'continue');

          const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
          expect(sum(answers.map(({ rows }) => rows))).toBe(sum(counts));
          expect(sum(answers.map(({ looked }) => looked))).toBe(counts.length);
          expect([...stores.values()].map(store => store.everything()).join('')).not.toContain(SUBJECT.key);
        },
      ),
    );
  });

  test('tells where the person may still be, and goes on with the other batches', async () => {
    // GIVEN a batch that is still landing, one with a file that nothing declares, and a good one
    const undeclared = landed(1);
    undeclared.put('next.csv', HEADER);
    const landing = new MemoryBatch();
    landing.put('a.csv', HEADER);
    const stores = new Map([
      ['b1', landing],
      ['b2', undeclared],
      ['b3', landed(2)],
    ]);

    // WHEN
    const answer = await eraseModel(SUBJECT, zone(stores), undefined);

    // THEN
    expect(answer).toMatchObject({ outcome: 'done', looked: 3, rows: 3 });
    expect(answer.problems).toEqual([
      { where: "batch 'b1'", reason: "it has no '_READY', it is still landing" },
      {
        where: "batch 'b2'",
        reason: "file 'next.csv' is not declared and was not looked into, declare it or delete it, then erase again",
      },
    ]);
  });

  test('tells of objects that are in no batch, once, at the end', async () => {
    const stores = new Map([
      ['b1', landed(1)],
      ['b2', landed(1)],
    ]);

    const first = await eraseModel(SUBJECT, zone(stores, 1, ['churn/a.csv']), undefined);
    const second = await eraseModel(SUBJECT, zone(stores, 1, ['churn/a.csv']), first.after);

    expect(first).toMatchObject({ outcome: 'continue', problems: [] });
    expect(second).toMatchObject({ outcome: 'done', problems: [{ where: "object 'churn/a.csv'" }] });
  });

  test.each(['', ' '])("fails for the key '%s', which is nobody's", async key => {
    const stores = new Map([['b1', landed(1)]]);

    await expect(eraseModel({ ...SUBJECT, key }, zone(stores), undefined)).rejects.toThrow(
      "'key' of the subject is empty, must be the key of a person",
    );
    expect(stores.get('b1')?.everything()).toContain('bob@example.com');
  });

  test('is done where nothing has landed', async () => {
    expect(await eraseModel(SUBJECT, zone(new Map()), undefined)).toEqual({
      outcome: 'done',
      looked: 0,
      rows: 0,
      versions: 0,
      problems: [],
    });
  });
});
