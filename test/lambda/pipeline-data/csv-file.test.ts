import fc from 'fast-check';
import { parse } from 'csv-parse/sync';
import { checkCsvFile, csvLine } from '../../../lambda/pipeline-data/csv-file';
import { SCHEMA } from './fixtures';

const HEADER = 'pressure,station,sky,rain';
const check = (text: string) => checkCsvFile(SCHEMA, 'part-0.csv', text);

describe('checkCsvFile', () => {
  test('puts the columns in the order of the schema and leaves out the others', () => {
    expect(check('rain,note,sky,station,pressure\n1,hello,grey,7,1000\n')).toEqual({
      rows: 1,
      valid: ['1000,7,grey,1'],
      quarantined: [],
      ignoredColumns: ['note'],
    });
  });

  test('reads a byte order mark, CRLF, quotes and a last line without an end', () => {
    expect(check('\ufeff"pressure",station,sky,rain\r\n"1000",7,clear,0\r\n1001,,grey,1')).toMatchObject({
      rows: 2,
      valid: ['1000,7,clear,0', '1001,,grey,1'],
    });
  });

  test('sets a row aside with every reason, its line and its fields', () => {
    expect(check(`${HEADER}\n1000,7,clear,0\n1200,x,blue,2\n`)).toMatchObject({
      rows: 2,
      valid: ['1000,7,clear,0'],
      quarantined: [
        {
          file: 'part-0.csv',
          line: 3,
          row: ['1200', 'x', 'blue', '2'],
          reason:
            "'pressure' is 1200, must be at most 1100; 'station' is 'x', must be a whole number of at most 64 bits; " +
            "'sky' is 'blue', must be one of 'clear', 'grey'; 'rain' is '2', must be 0 or 1",
        },
      ],
    });
  });

  test.each([
    ['too few', '1000,7,0', 3],
    ['too many', '1000,7,clear,0,9', 5],
  ])('sets a row with %s fields aside', (_what, row, fields) => {
    expect(check(`${HEADER}\n${row}\n1000,7,clear,0\n`)).toMatchObject({
      valid: ['1000,7,clear,0'],
      quarantined: [{ line: 2, reason: `the row has ${fields} fields, must have 4 as the header has` }],
    });
  });

  test.each([
    ['an empty file', '', /file 'part-0.csv' is empty, must begin with a header/],
    [
      'a header that lacks columns',
      'pressure,sky\n',
      /lacks the column 'station', 'rain', its header is 'pressure,sky'/,
    ],
    ['a column twice', 'pressure,station,sky,rain,sky\n', /has the column 'sky' more than once/],
    ['a header of another file', '1000,7,clear,0\n', /lacks the column/],
    ['a quote that does not close', `${HEADER}\n"1000,7,clear,0\n`, /is no CSV: CSV_QUOTE_NOT_CLOSED at line \d+$/],
  ])('refuses %s', (_what, text, message) => {
    expect(check(text)).toEqual({ problem: expect.stringMatching(message) as string });
  });

  test('has no rows in a file with a header alone', () => {
    expect(check(`${HEADER}\n`)).toMatchObject({ rows: 0, valid: [], quarantined: [] });
  });
});

test('csvLine is read back as it was written', () => {
  fc.assert(
    fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 5 }), fields => {
      expect(parse(csvLine(fields), { relax_column_count: true })).toEqual([fields]);
    }),
  );
});
