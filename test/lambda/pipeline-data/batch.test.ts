import { MAX_FILE_BYTES, validateBatch } from '../../../lambda/pipeline-data/batch';
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
      readyEtag: 'etag',
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
    expect(report).toMatchObject({ valid: 0, readyEtag: 'etag' });
    expect(data).toBeUndefined();
  });

  test('refuses a file that is too large for a function', async () => {
    const files = { read: () => Promise.resolve({ tooLarge: MAX_FILE_BYTES + 1 }) };

    const { report } = await validateBatch(SCHEMA, readyOf({ 'a.csv': csv }), 'etag', files);

    expect(report.refused).toMatch(/file 'a.csv' has 268435457 bytes, must have at most 268435456, split it/);
  });
});
