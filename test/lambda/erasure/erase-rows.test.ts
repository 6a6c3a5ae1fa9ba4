import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { eraseRows } from '../../../lambda/erasure/erase-rows';
import { csvLine } from '../../../lambda/pipeline-data/csv-file';

const SUBJECT = { column: 'person', key: 'p1' };
const field = fc.oneof(fc.stringMatching(/^[a-z0-9.]{1,6}$/), fc.constantFrom('a,b', 'say "x"', 'two\nlines', 'é'));
const rows = fc.array(fc.tuple(fc.constantFrom('p1', 'p2', 'p11', 'P1'), field, field), { maxLength: 20 });

function fileOf(records: readonly (readonly string[])[], end: string): string {
  return [['person', 'pressure', 'rain'], ...records].map(record => `${csvLine([...record])}${end}`).join('');
}

describe('eraseRows', () => {
  test('erases exactly the rows of the person, and leaves all others as they were written', () => {
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n'), (records, end) => {
        const others = records.filter(([person]) => person !== 'p1');

        const left = eraseRows('a.csv', fileOf(records, end), SUBJECT);

        expect(left).toEqual({
          text: fileOf(others, end),
          rows: others.length,
          erased: records.length - others.length,
        });
        expect('text' in left && parse(left.text)).toEqual([['person', 'pressure', 'rain'], ...others]);
      }),
    );
  });

  test('leaves a file alone from which it was done before', () => {
    fc.assert(
      fc.property(rows, records => {
        const once = eraseRows('a.csv', fileOf(records, '\n'), SUBJECT);
        const { text } = once as { text: string };

        expect(eraseRows('a.csv', text, SUBJECT)).toMatchObject({ text, erased: 0 });
      }),
    );
  });

  test('does not depend on the last line having an end', () => {
    const left = eraseRows('a.csv', 'person,rain\np2,0\np1,1', SUBJECT);

    expect(left).toMatchObject({ rows: 1, erased: 1 });
    expect('text' in left && parse(left.text)).toEqual([
      ['person', 'rain'],
      ['p2', '0'],
    ]);
  });

  test('finds the person in a file with a byte order mark and blanks around the key', () => {
    expect(eraseRows('a.csv', '\uFEFFperson,rain\n p1 ,1\np2,0\n', SUBJECT)).toMatchObject({ rows: 1, erased: 1 });
  });

  test('fails on a file that cannot tell whose rows it holds', () => {
    expect(eraseRows('a.csv', 'pressure,rain\n1,0\n', SUBJECT)).toEqual({
      problem: "file 'a.csv' lacks the column 'person', its header has 2 columns",
    });
  });

  test.each([
    ['a file without a header', 'bob lovelace,1\nada,2\n'],
    ['a quote that nothing closes', 'person,rain\n"bob lovelace,1\n'],
    ['a quote within a field', 'person,rain\nbob "lovelace",1\n'],
    ['a quote that is followed by more', 'person,rain\n"bob lovelace"x,1\n'],
  ])('fails on %s without a word of what is in it', (_what, text) => {
    const left = eraseRows('a.csv', text, SUBJECT);

    expect(left).toEqual({
      problem: expect.stringMatching(/^file 'a\.csv' (is no CSV: [A-Z_]+ at line \d+|lacks)/) as string,
    });
    expect(JSON.stringify(left)).not.toMatch(/bob|lovelace/);
  });
});
