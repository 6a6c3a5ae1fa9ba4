import { isDeepStrictEqual } from 'node:util';
import { type LogFile, type ReadLogFile, REQUEST_ID } from './log-file';

type Row = Record<string, unknown>;

const ROWS_A_GROUP = 100_000;
/** A file of more rows does not fit the function's memory; Firehose ends a file at 64 MiB or earlier. */
export const MAX_ROWS = 2_000_000;

/** Looks through a Parquet file of predictions; only the column with the ids is read where the person is not in it. */
export const readParquet: ReadLogFile = async (_key, bytes, isTheirs): Promise<LogFile> => {
  // they are no CommonJS modules
  const { parquetMetadata, parquetReadObjects } = await import('hyparquet');
  const file = new Uint8Array(bytes).buffer;
  const metadata = parquetMetadata(file);
  const names = metadata.schema.map(({ name }) => name);
  if (!names.includes(REQUEST_ID)) throw new Error(`it lacks the column '${REQUEST_ID}', it has '${names.join(',')}'`);
  const ids = await parquetReadObjects({ file, metadata, columns: [REQUEST_ID] });
  const theirs = ids.map(row => isTheirs(String(row[REQUEST_ID])));
  return {
    theirs: theirs.filter(Boolean).length,
    unreadable: 0,
    without: async () => {
      if (ids.length > MAX_ROWS) throw new Error(`it has ${ids.length} rows, must have at most ${MAX_ROWS}`);
      const rows: Row[] = await parquetReadObjects({ file, metadata });
      return write(
        metadata,
        rows.filter((_row, index) => theirs[index] !== true),
      );
    },
  };
};

/** As much of a file's metadata as another one is made by. */
interface Layout {
  readonly schema: SchemaElement[];
  readonly key_value_metadata?: { key: string; value?: string }[];
}
interface SchemaElement {
  readonly name: string;
  readonly type?: string;
  readonly num_children?: number;
}

/** Rows as a file of the same columns, read back before anybody relies on it. */
async function write(layout: Layout, rows: readonly Row[]): Promise<Uint8Array> {
  const { parquetWriteBuffer } = await import('hyparquet-writer');
  const { parquetReadObjects } = await import('hyparquet');
  const schema = layout.schema.map(withoutInt96);
  const file = parquetWriteBuffer({
    schema: schema as never,
    columnData: topLevel(schema).map(name => ({ name, data: rows.map(row => row[name]) })),
    rowGroupSize: ROWS_A_GROUP,
    ...(layout.key_value_metadata === undefined ? {} : { kvMetadata: layout.key_value_metadata }),
  });
  if (!isDeepStrictEqual(await parquetReadObjects({ file }), rows)) {
    throw new Error('its other rows would not be what they were, it was left alone');
  }
  return new Uint8Array(file);
}

/** What Hive calls a timestamp is deprecated and written by few; the log's times have milliseconds, so nothing is lost. */
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
