import fc from 'fast-check';
import { DryLog } from '../../../lambda/erasure/dry-run';
import { eraseLog } from '../../../lambda/erasure/erase-log';
import { readJsonLines } from '../../../lambda/erasure/json-lines';
import type { LogStore } from '../../../lambda/erasure/ports';
import type { PlaceProgress } from '../../../lambda/erasure/progress';
import { isTheirRequest } from '../../../lambda/erasure/request-ids';
import { MemoryLog } from './memory-log';

const isTheirs = isTheirRequest({ key: 'ada', requestIds: [] });
const line = (id: string): string => `{"request_id":"${id}"}\n`;

function erase(store: LogStore, after?: string, atOnce = Infinity): Promise<PlaceProgress> {
  let left = atOnce;
  return eraseLog({ store, read: readJsonLines, isTheirs, hasTime: () => --left > 0 }, after);
}

/** A log with so many rows of either person in each object. */
function logOf(objects: readonly { theirs: number; others: number }[]): MemoryLog {
  const log = new MemoryLog();
  objects.forEach(({ theirs, others }, index) =>
    log.put(`day=${index}`, line('ada/1').repeat(theirs) + line('bob/1').repeat(others)),
  );
  return log;
}

const objects = fc.array(fc.record({ theirs: fc.nat({ max: 3 }), others: fc.nat({ max: 3 }) }), { maxLength: 14 });

describe('eraseLog', () => {
  test('erases a person from every object, however often time is up, and leaves all rows of others', async () => {
    await fc.assert(
      fc.asyncProperty(objects, fc.integer({ min: 1, max: 3 }), async (given, atOnce) => {
        const log = logOf(given);
        const answers: PlaceProgress[] = [];
        do {
          answers.push(await erase(log, answers.at(-1)?.after, atOnce));
        } while (answers.at(-1)?.outcome === 'continue');

        const sum = (values: number[]): number => values.reduce((total, value) => total + value, 0);
        expect(sum(answers.map(({ rows }) => rows))).toBe(sum(given.map(({ theirs }) => theirs)));
        expect(sum(answers.map(({ looked }) => looked))).toBe(given.length);
        expect(log.everything()).not.toContain('ada');
        given.forEach(({ others }, index) => expect(log.latest(`day=${index}`)).toBe(line('bob/1').repeat(others)));
      }),
    );
  });

  test('whoever dies anywhere leaves the rows of others, and doing it again ends it', async () => {
    await fc.assert(
      fc.asyncProperty(objects, fc.nat({ max: 12 }), async (given, diesAfter) => {
        const log = logOf(given);
        log.diesAfter = diesAfter;
        const isWhole = (): void =>
          given.forEach(({ others }, index) =>
            expect(log.latest(`day=${index}`)?.replaceAll(line('ada/1'), '')).toBe(line('bob/1').repeat(others)),
          );

        await erase(log).catch(() => undefined);
        isWhole();
        log.diesAfter = undefined;
        await erase(log);

        isWhole();
        expect(log.everything()).not.toContain('ada');
        expect(await erase(log)).toMatchObject({ rows: 0, versions: 0, problems: [] });
      }),
    );
  });

  test('old versions that hold the person go, and those of others alone stay', async () => {
    // GIVEN an object that was replaced twice, and one that expired
    const log = new MemoryLog();
    log.put('a', line('ada/1') + line('bob/1'));
    log.put('a', line('bob/2'));
    log.put('a', line('bob/3'));
    log.put('b', line('ada/2'));
    log.put('b', '', true);

    // WHEN
    const answer = await erase(log);

    // THEN
    expect(answer).toMatchObject({ outcome: 'done', looked: 2, rows: 0, versions: 2 });
    expect(log.everything()).toBe(line('bob/2') + line('bob/3'));
  });

  test('tells what it cannot look through, leaves it alone, and goes on with the others', async () => {
    const log = new MemoryLog();
    log.put('a.gz', line('ada/1'));
    log.put('b', `no JSON\n${line('ada/1')}`);

    const answer = await erase(log);

    expect(answer).toMatchObject({ outcome: 'done', looked: 2, rows: 1 });
    expect(answer.problems).toEqual([
      { where: 'a.gz', reason: expect.stringContaining('it could not be looked through: ') as string },
      { where: 'b', reason: expect.stringContaining('1 lines are no JSON objects') as string },
    ]);
    expect(log.latest('a.gz')).toBe(line('ada/1'));
    expect(log.latest('b')).toBe('no JSON\n');
  });

  test('fails where the store fails: no answer tells that somebody is gone who is there', async () => {
    const log = logOf([{ theirs: 1, others: 0 }]);
    log.diesAfter = 0;

    await expect(erase(log)).rejects.toThrow('the process died');
  });

  describe('where an object was replaced since it was listed', () => {
    /** A log whose list is old: `change` happens after it. */
    function listedBefore(log: MemoryLog, change: () => void): LogStore {
      const stale = Object.create(log) as MemoryLog;
      stale.objects = async function* (after) {
        const listed = [];
        for await (const object of log.objects(after)) listed.push(object);
        change();
        yield* listed;
      };
      return stale;
    }

    test('looks into what stands there now', async () => {
      // GIVEN a version that another erasure replaces and deletes
      const log = new MemoryLog();
      log.put('a', line('eve/1') + line('ada/1') + line('bob/1'));
      const store = listedBefore(log, () => {
        log.stored.delete('a');
        log.put('a', line('ada/1') + line('bob/1'));
      });

      // WHEN
      const answer = await erase(store);

      // THEN
      expect(answer).toMatchObject({ looked: 1, rows: 1, versions: 1, problems: [] });
      expect(log.everything()).toBe(line('bob/1'));
    });

    test('is done where nothing stands there any more', async () => {
      const log = logOf([{ theirs: 1, others: 1 }]);

      expect(await erase(listedBefore(log, () => log.stored.clear()))).toMatchObject({ rows: 0, problems: [] });
    });

    test('tells of one that changes whenever it is looked at', async () => {
      const log = logOf([{ theirs: 1, others: 1 }]);
      log.read = () => Promise.resolve(undefined);

      expect((await erase(log)).problems).toEqual([
        { where: 'day=0', reason: 'it was replaced each time that it was looked at, erase again' },
      ]);
    });
  });

  test('a dry run counts the same and changes nothing', async () => {
    await fc.assert(
      fc.asyncProperty(objects, async given => {
        const log = logOf(given);
        const before = log.everything();

        const dry = await erase(new DryLog(log));

        expect(log.everything()).toBe(before);
        expect(await erase(log)).toEqual(dry);
      }),
    );
  });
});
