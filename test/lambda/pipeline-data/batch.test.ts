import { MAX_BATCH_BYTES, MAX_FILE_BYTES, validateBatch } from '../../../lambda/pipeline-data/batch';
import { MAX_QUARANTINED_KEPT } from '../../../lambda/pipeline-data/csv-file';
import { digestOf, sha256 } from '../../../lambda/shared/canonical-json';
import { csvOf, filesOf, readyOf, SCHEMA } from './fixtures';

const HEADER = 'pressure,station,sky,rain';

describe('validateBatch', () => {
  test('joins the valid rows of every file and says what it read', async () => {
    // GIVEN
    const files = { 'a.csv': `${HEADER}\n1000,1,clear,0\n`, 'b.csv': `${HEADER}\n1001,2,grey,1\n99,3,grey,1\n` };

    // WHEN
    const { report, data, quarantine } = await validateBatch(SCHEMA, readyOf(files), 'etag', filesOf(files));

    // THEN
    expect(data).toBe(`${HEADER}\n1000,1,clear,0\n1001,2,grey,1\n`);
    expect(quarantine).toEqual([expect.objectContaining({ file: 'b.csv', line: 3 })]);
    expect(report).toEqual({
      rows: 3,
      valid: 2,
      quarantined: 1,
      ignoredColumns: [],
      declaration: 'etag',
      schemaDigest: digestOf(SCHEMA),
      sha256: sha256(data ?? ''),
      sources: [
        { key: 'a.csv', sha256: sha256(files['a.csv']) },
        { key: 'b.csv', sha256: sha256(files['b.csv']) },
      ],
    });
  });

  const csv = csvOf(2);
  test.each([
    ['a declaration that cannot be read', { 'a.csv': csv }, '{', /'_READY' must be JSON/],
    ['a file that is not there', {}, readyOf({ 'a.csv': csv }), /file 'a.csv' is declared but not there/],
    ['a file that was changed', { 'a.csv': csvOf(3) }, readyOf({ 'a.csv': csv }), /has the digest .*declared is/],
    [
      'a file with other rows than declared',
      { 'a.csv': csv },
      readyOf({ 'a.csv': csv }).replaceAll('"rows":2', '"rows":5'),
      /file 'a.csv' has 2 rows, declared are 5/,
    ],
    [
      'a file that is no CSV of the schema',
      { 'a.csv': 'x\n1\n' },
      readyOf({ 'a.csv': 'x\n1\n' }),
      /file 'a.csv' lacks the column/,
    ],
  ])('refuses %s as a whole', async (_what, files: Record<string, string>, ready, message) => {
    const { report, data } = await validateBatch(SCHEMA, ready, 'etag', filesOf(files));

    expect(report.refused).toMatch(message);
    expect(report).toMatchObject({ valid: 0, declaration: 'etag' });
    expect(data).toBeUndefined();
  });

  test('refuses files that are too large together', async () => {
    // GIVEN
    const all = { 'a.csv': csv, 'b.csv': csvOf(3) };
    const files = {
      read: (key: 'a.csv' | 'b.csv') =>
        Promise.resolve(
          // as large as one may be, without the memory for it
          Object.defineProperty(new TextEncoder().encode(all[key]), 'byteLength', { value: MAX_FILE_BYTES + 1 }),
        ),
    };

    // WHEN
    const { report } = await validateBatch(SCHEMA, readyOf(all), 'etag', files);

    // THEN
    expect(report.refused).toBe(
      `the files up to 'b.csv' have 201326594 bytes, a batch must have at most ${MAX_BATCH_BYTES}, land it as several batches`,
    );
  });

  test('keeps no more rows that are set aside than a person looks at, and counts all', async () => {
    // GIVEN
    const rows = MAX_QUARANTINED_KEPT + 2;
    const bad = Array.from({ length: rows }, (_, row) => `${row % 800},1,clear,0`).join('\n');
    const files = { 'a.csv': `${HEADER}\n${bad}\n`, 'b.csv': `${HEADER}\n1,1,clear,0\n1000,1,clear,0\n` };

    // WHEN
    const { report, quarantine } = await validateBatch(SCHEMA, readyOf(files), 'etag', filesOf(files));

    // THEN
    expect(quarantine).toHaveLength(MAX_QUARANTINED_KEPT);
    expect(report).toMatchObject({ rows: rows + 2, valid: 1, quarantined: rows + 1 });
  });

  test('refuses a file in another encoding, whose letters would be replaced silently', async () => {
    const latin1 = Buffer.from(`${HEADER}\n1000,1,klar und kühl,0\n`, 'latin1');
    const ready = readyOf({ 'a.csv': csv }).replace(sha256(csv), sha256(latin1));

    const { report } = await validateBatch(SCHEMA, ready, 'etag', { read: () => Promise.resolve(latin1) });

    expect(report.refused).toBe(
      `file 'a.csv' must be UTF-8, is not from about byte ${latin1.indexOf(0xfc)} on, convert it and declare it again`,
    );
  });

  test('refuses a file that is too large for a function', async () => {
    const files = { read: () => Promise.resolve({ tooLarge: MAX_FILE_BYTES + 1 }) };

    const { report } = await validateBatch(SCHEMA, readyOf({ 'a.csv': csv }), 'etag', files);

    expect(report.refused).toMatch(/file 'a.csv' has 100663297 bytes, must have at most 100663296, split it/);
  });
});
