import fc from 'fast-check';
import { readParquet } from '../../../lambda/erasure/parquet-file';

const isTheirs = (id: string): boolean => id.startsWith('ada/');
const SCHEMA = [
  { name: 'schema', num_children: 5 },
  { name: 'request_id', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'event_time', type: 'INT64', converted_type: 'TIMESTAMP_MICROS', repetition_type: 'OPTIONAL' },
  { name: 'features', num_children: 3, repetition_type: 'OPTIONAL' },
  { name: 'age', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
  { name: 'visits', type: 'INT64', repetition_type: 'OPTIONAL' },
  { name: 'plan', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
  { name: 'prediction', type: 'INT64', repetition_type: 'OPTIONAL' },
  { name: 'score', type: 'DOUBLE', repetition_type: 'OPTIONAL' },
];
type Row = Record<string, unknown>;

const empty = <T>(values: fc.Arbitrary<T>): fc.Arbitrary<T | null> => fc.option(values, { nil: null });
const int64 = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n });
const row: fc.Arbitrary<Row> = fc.record({
  request_id: fc.tuple(fc.constantFrom('ada', 'bob', 'adam'), fc.nat()).map(([who, n]) => `${who}/${n}`),
  event_time: fc.date({ min: new Date(0), max: new Date('2100-01-01'), noInvalidDate: true }),
  features: fc.record({ age: empty(fc.double()), visits: empty(int64), plan: empty(fc.string({ unit: 'grapheme' })) }),
  prediction: empty(int64),
  score: empty(fc.double()),
});

async function fileOf(rows: Row[], schema: object[] = SCHEMA): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const columns = ['request_id', 'event_time', 'features', 'prediction', 'score'];
  return new Uint8Array(
    parquetWriteBuffer({
      schema: schema as never,
      columnData: columns.map(name => ({ name, data: rows.map(each => each[name]) })),
      rowGroupSize: 3,
    }),
  );
}

async function rowsOf(bytes: Uint8Array): Promise<Row[]> {
  const { parquetReadObjects } = await import('hyparquet');
  return parquetReadObjects({ file: new Uint8Array(bytes).buffer });
}

describe('readParquet', () => {
  test('every row of others stays what it was, in its order, with each value', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async rows => {
        const bytes = await fileOf(rows);

        const file = await readParquet('a.parquet', bytes, isTheirs);

        const others = rows.filter(({ request_id: id }) => !isTheirs(String(id)));
        expect(file).toMatchObject({ theirs: rows.length - others.length, unreadable: 0 });
        expect(await rowsOf(await file.without())).toEqual(others);
      }),
      { numRuns: 60 },
    );
  });

  test('not one byte of the person is left, in no page and no statistic', async () => {
    const rows = ['ada/1', 'bob/1', 'ada/2'].map(id => ({
      request_id: id,
      event_time: new Date(1000),
      features: { age: 1, visits: 1n, plan: id },
      prediction: 1n,
      score: 0.5,
    }));
    const bytes = await fileOf(rows);
    expect(Buffer.from(bytes).includes('ada/')).toBe(true);

    const { without } = await readParquet('a.parquet', bytes, isTheirs);

    const left = Buffer.from(await without());
    expect(left.includes('ada/')).toBe(false);
    expect(left.includes('bob/1')).toBe(true);
  });

  test("keeps the moment of what Hive calls a timestamp, which isn't written any more", async () => {
    // GIVEN a column of 12 bytes, nanoseconds of the day and the Julian day, renamed to INT96 in the footer
    const moment = Buffer.alloc(12);
    moment.writeBigInt64LE(3_600_123_000_000n, 0);
    moment.writeInt32LE(2_440_588 + 1, 8);
    const schema = SCHEMA.map(element =>
      element.name === 'event_time'
        ? { name: 'event_time', type: 'FIXED_LEN_BYTE_ARRAY', type_length: 12, repetition_type: 'OPTIONAL' }
        : element,
    );
    const rows = ['ada/1', 'bob/1'].map(request_id => ({
      request_id,
      event_time: new Uint8Array(moment),
      features: null,
      prediction: 1n,
      score: 0.5,
    }));
    const file = Buffer.from(await fileOf(rows, schema));
    const footer = file.readUInt32LE(file.length - 8);
    for (let at = file.length - 8 - footer; at < file.length - 8; at++) {
      // the field `type` of Thrift's compact protocol: 7 is a fixed length, 3 is INT96
      if (file[at] === 0x15 && file[at + 1] === 0x0e) file[at + 1] = 0x06;
    }
    const expected = new Date('1970-01-02T01:00:00.123Z');
    expect((await rowsOf(file)).map(each => each['event_time'])).toEqual([expected, expected]);

    // WHEN
    const { without } = await readParquet('a.parquet', file, isTheirs);

    // THEN
    expect(await rowsOf(await without())).toMatchObject([
      { request_id: 'bob/1', event_time: expected, prediction: 1n },
    ]);
  });

  test('fails on what is no Parquet, and on a file that lacks the ids', async () => {
    await expect(readParquet('a', Buffer.from('{"request_id":"ada/1"}'), isTheirs)).rejects.toThrow(/parquet/i);
    const { parquetWriteBuffer } = await import('hyparquet-writer');
    const other = new Uint8Array(parquetWriteBuffer({ columnData: [{ name: 'id', data: ['ada/1'] }] }));
    await expect(readParquet('a', other, isTheirs)).rejects.toThrow(
      "it lacks the column 'request_id', it has 'root,id'",
    );
  });
});
