import { isDeepStrictEqual } from 'node:util';
import { type LogFile, type ReadLogFile, REQUEST_ID } from './log-file';

/** So many rows are held as objects at a time, and make a row group of what is written. */
const ROWS_AT_A_TIME = 50_000;

/**
 * Rows of the largest file that was rewritten within the function's memory: 42 MiB with eight features took 1.6 GB. The
 * stream of the log ends a file at 64 MiB of JSON, which is far fewer rows.
 */
export const MAX_ROWS = 500_000;

/** Looks through a Parquet file of predictions; only the column with the ids is read where the person is not in it. */
export const readParquet: ReadLogFile = async (_key, bytes, isTheirs): Promise<LogFile> => {
  const file = await ParquetFile.of(bytes);
  const names = file.layout.schema.map(({ name }) => name);
  if (!names.includes(REQUEST_ID)) throw new Error(`it lacks the column '${REQUEST_ID}', it has '${names.join(',')}'`);
  const theirs: boolean[] = [];
  for await (const rows of file.parts([REQUEST_ID])) {
    for (const row of rows) theirs.push(isTheirs(String(row[REQUEST_ID])));
  }
  return {
    theirs: theirs.filter(Boolean).length,
    unreadable: 0,
    without: () => {
      if (theirs.length <= MAX_ROWS) return rewrite(file, theirs);
      throw new Error(
        `it has ${theirs.length} rows, must have at most ${MAX_ROWS}: rewrite it by hand, or wait until it expires`,
      );
    },
  };
};

type Row = Record<string, unknown>;

/** As much of a file's metadata as another one is made by. */
interface Layout {
  readonly schema: SchemaElement[];
  readonly num_rows: bigint;
  readonly key_value_metadata?: { key: string; value?: string }[];
}
interface SchemaElement {
  readonly name: string;
  readonly type?: string;
  readonly num_children?: number;
}

/** A Parquet file whose rows are read part by part. */
class ParquetFile {
  static async of(bytes: Uint8Array): Promise<ParquetFile> {
    // it is no CommonJS module
    const { parquetMetadata } = await import('hyparquet');
    const file = new Uint8Array(bytes).buffer;
    return new ParquetFile(file, parquetMetadata(file));
  }

  private constructor(
    private readonly file: ArrayBuffer,
    readonly layout: Layout,
  ) {}

  /** All rows in their order, with some or all of their columns. */
  async *parts(columns?: string[]): AsyncGenerator<Row[]> {
    for (let from = 0; from < Number(this.layout.num_rows); from += ROWS_AT_A_TIME) {
      yield this.rows(from, ROWS_AT_A_TIME, columns);
    }
  }

  async rows(from: number, count: number, columns?: string[]): Promise<Row[]> {
    const { parquetReadObjects } = await import('hyparquet');
    const to = Math.min(from + count, Number(this.layout.num_rows));
    return parquetReadObjects({
      file: this.file,
      metadata: this.layout as never,
      rowStart: from,
      rowEnd: to,
      ...(columns === undefined ? {} : { columns }),
    });
  }
}

/** The rows that are not theirs as a file of the same columns, read back before anybody relies on it. */
async function rewrite(file: ParquetFile, theirs: readonly boolean[]): Promise<Uint8Array> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const schema = file.layout.schema.map(withoutInt96);
  const bytes = new ByteWriter();
  const writer = new ParquetWriter({
    writer: bytes,
    schema: schema as never,
    codec: 'SNAPPY',
    statistics: true,
    kvMetadata: file.layout.key_value_metadata,
  });
  for await (const rows of others(file, theirs)) {
    await writer.write({
      columnData: topLevel(schema).map(name => ({ name, data: rows.map(row => row[name]) })),
      rowGroupSize: ROWS_AT_A_TIME,
    });
  }
  await writer.finish();
  const written = new Uint8Array(bytes.getBuffer());
  await requireSame(file, theirs, await ParquetFile.of(written));
  return written;
}

/** Rows that are not theirs, part by part; no part is empty. */
async function* others(file: ParquetFile, theirs: readonly boolean[]): AsyncGenerator<Row[]> {
  let from = 0;
  for await (const rows of file.parts()) {
    const begin = from;
    const kept = rows.filter((_row, index) => !theirs[begin + index]);
    if (kept.length > 0) yield kept;
    from += rows.length;
  }
}

async function requireSame(file: ParquetFile, theirs: readonly boolean[], written: ParquetFile): Promise<void> {
  let from = 0;
  for await (const rows of others(file, theirs)) {
    if (!isDeepStrictEqual(await written.rows(from, rows.length), rows)) {
      throw new Error('its other rows would not be what they were, it was left alone');
    }
    from += rows.length;
  }
  if (Number(written.layout.num_rows) !== from)
    throw new Error('it would have other rows than before, it was left alone');
}

/**
 * What Hive calls a timestamp is deprecated and written by few; the log's times have milliseconds, so nothing is lost.
 * Trino, on which Athena stands, reads and has written such files.
 * @see https://github.com/trinodb/trino/pull/12857
 */
function withoutInt96(element: SchemaElement): SchemaElement {
  if (element.type !== 'INT96') return element;
  return { ...element, type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' } as SchemaElement;
}

/** Names of the columns: the elements stand in the order of the tree, each before its children. */
function topLevel(schema: readonly SchemaElement[]): string[] {
  const names: string[] = [];
  let next = 1;
  const skip = (): void => {
    const children = schema[next++]?.num_children ?? 0;
    for (let child = 0; child < children; child++) skip();
  };
  while (next < schema.length) {
    names.push(schema[next]?.name ?? '');
    skip();
  }
  return names;
}
