import fc from 'fast-check';
import { eraseBatch } from '../../../lambda/erasure/erase-batch';
import { parseReadyManifest, READY_FILE } from '../../../lambda/shared/pipeline/ready-manifest';
import { sha256 } from '../../../lambda/shared/canonical-json';
import { MemoryBatch } from './memory-batch';

const SUBJECT = { column: 'person', key: 'ada@example.com' };
const HEADER = 'person,pressure,rain\n';
const FILES = {
  'a.csv': `${HEADER}ada@example.com,1,0\nbob@example.com,2,1\n`,
  'b.csv': `${HEADER}bob@example.com,3,0\n`,
};

function landed(): MemoryBatch {
  const batch = new MemoryBatch();
  batch.land(FILES, { 'a.csv': 2, 'b.csv': 1 });
  return batch;
}

/** The rows that the declaration names; fails where a file is not what is declared. */
function rowsOf(batch: MemoryBatch): string[] {
  const parsed = parseReadyManifest(batch.latest(READY_FILE) ?? '');
  if ('problem' in parsed) throw new Error(parsed.problem);
  return parsed.manifest.files.flatMap(file => {
    const text = batch.latest(file.key) ?? '';
    expect(sha256(text)).toBe(file.sha256);
    const rows = text.split('\n').slice(1, -1);
    expect(rows).toHaveLength(file.rows);
    return rows;
  });
}

describe('eraseBatch', () => {
  test('erases a person from the files, their old versions and what validation made of them', async () => {
    const batch = landed();
    batch.put('b.csv', FILES['b.csv']);

    const answer = await eraseBatch(SUBJECT, batch);

    expect(answer).toEqual({ outcome: 'erased', rows: 1, versions: 2, undeclared: [] });
    expect(batch.everything()).not.toContain(SUBJECT.key);
    expect(batch.curated).toBe(false);
    expect(rowsOf(batch)).toEqual(['bob@example.com,2,1', 'bob@example.com,3,0']);
  });

  test('declares when the batch landed, however often it is declared anew', async () => {
    const batch = landed();
    const landedAt = (): unknown => (JSON.parse(batch.latest(READY_FILE) ?? '') as { landedAt?: string }).landedAt;

    await eraseBatch(SUBJECT, batch);
    expect(landedAt()).toBe('2026-11-20T00:00:00.000Z');
    batch.writtenAt = '2026-11-27T00:00:00.000Z';
    await eraseBatch({ column: 'person', key: 'bob@example.com' }, batch);

    expect(landedAt()).toBe('2026-11-20T00:00:00.000Z');
  });

  test('leaves the files of others as they are', async () => {
    const batch = landed();

    await eraseBatch(SUBJECT, batch);

    expect(batch.latest('b.csv')).toBe(FILES['b.csv']);
  });

  test('lets what validation made of a batch be that never held the person', async () => {
    const batch = landed();

    await eraseBatch({ column: 'person', key: 'cy@example.com' }, batch);

    expect(batch.curated).toBe(true);
    expect(batch.latest('a.csv')).toBe(FILES['a.csv']);
  });

  test('removes what a validation wrote that ended after an erasure, when somebody is erased again', async () => {
    // GIVEN a batch from which the person is gone, and what was read of it before
    const batch = landed();
    const before = batch.validated;
    await eraseBatch(SUBJECT, batch);
    [batch.curated, batch.validated] = [true, before];

    // WHEN
    await eraseBatch(SUBJECT, batch);

    // THEN
    expect(batch.curated).toBe(false);
  });

  test('done again it erases nothing more', async () => {
    const batch = landed();
    await eraseBatch(SUBJECT, batch);
    const before = batch.everything();

    expect(await eraseBatch(SUBJECT, batch)).toEqual({ outcome: 'erased', rows: 0, versions: 0, undeclared: [] });
    expect(batch.everything()).toBe(before);
  });

  test('wherever it dies the batch is whole, and doing it again ends with nothing of the person left', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: 6 }), { maxLength: 4 }), async deaths => {
        const batch = landed();
        for (const calls of deaths) {
          batch.diesAfter = calls;
          await eraseBatch(SUBJECT, batch).catch(() => undefined);
          expect(rowsOf(batch)).toEqual(expect.arrayContaining(['bob@example.com,2,1', 'bob@example.com,3,0']));
        }
        batch.diesAfter = undefined;
        await eraseBatch(SUBJECT, batch);

        expect(batch.everything()).not.toContain(SUBJECT.key);
        expect(rowsOf(batch)).toEqual(['bob@example.com,2,1', 'bob@example.com,3,0']);
        expect(batch.curated).toBe(false);
      }),
    );
  });

  test('erases two people one after the other', async () => {
    const batch = landed();

    await eraseBatch(SUBJECT, batch);
    await eraseBatch({ column: 'person', key: 'bob@example.com' }, batch);

    expect(rowsOf(batch)).toEqual([]);
    expect(batch.everything()).not.toContain('@example.com');
  });

  test('tells of files that nothing declares, and does not touch them', async () => {
    const batch = landed();
    batch.put('next.csv', `${HEADER}ada@example.com,9,1\n`);

    expect(await eraseBatch(SUBJECT, batch)).toMatchObject({ outcome: 'erased', undeclared: ['next.csv'] });
    expect(batch.latest('next.csv')).toContain(SUBJECT.key);
  });

  test('fails on a file that is not what was declared, and changes nothing', async () => {
    const batch = landed();
    batch.put('b.csv', 'cut');
    const before = batch.everything();

    expect(await eraseBatch(SUBJECT, batch)).toEqual({
      outcome: 'problem',
      reason: "file 'b.csv' is not what '_READY' declares, it was changed or cut short",
    });
    expect(batch.latest(READY_FILE)).toBe(landed().latest(READY_FILE));
    expect(batch.everything()).toContain(before.slice(0, 20));
  });

  test('fails on a file with another number of rows than declared, and does not declare them', async () => {
    const batch = new MemoryBatch();
    batch.land(FILES, { 'a.csv': 100, 'b.csv': 1 });
    const before = batch.everything();

    expect(await eraseBatch(SUBJECT, batch)).toEqual({
      outcome: 'problem',
      reason: "file 'a.csv' has 2 rows, declared are 100, land the batch again",
    });
    expect(batch.everything()).toBe(before);
  });

  test('fails on a batch that is still landing', async () => {
    const landing = new MemoryBatch();
    landing.put('a.csv', FILES['a.csv']);

    expect(await eraseBatch(SUBJECT, landing)).toEqual({
      outcome: 'problem',
      reason: "it has no '_READY', it is still landing",
    });
    expect(landing.latest('a.csv')).toBe(FILES['a.csv']);
  });

  test('erases what is left of a batch that somebody deleted', async () => {
    const batch = landed();
    for (const key of [...batch.objects.keys()]) batch.markDeleted(key);

    expect(await eraseBatch(SUBJECT, batch)).toEqual({ outcome: 'erased', rows: 0, versions: 3, undeclared: [] });
    expect(batch.everything()).toBe('');
    expect(batch.curated).toBe(false);
  });
});
