import { UsageError } from './errors';

/** What is asked of a batch: to begin, or how one goes. */
export type AskedBatch =
  | {
      readonly input: string;
      readonly output: string;
      readonly version?: string;
      /** The same request with the same id begins one batch, however often it is asked. */
      readonly requestId?: string;
    }
  | { readonly job: string };

export const BATCH_OPTIONS = {
  input: { type: 'string' },
  output: { type: 'string' },
  version: { type: 'string' },
  'request-id': { type: 'string' },
  job: { type: 'string' },
} as const;

/** Reads the options of `batch`. */
export function readBatch(
  text: (option: string) => string | undefined,
  versionOf: (argument: string, text: string) => string,
): AskedBatch {
  const [input, output, version, requestId] = ['input', 'output', 'version', 'request-id'].map(text);
  const job = text('job');
  if (job !== undefined) {
    if ([input, output, version, requestId].every(value => value === undefined)) return { job };
    throw new UsageError("'--job' tells how a batch goes and takes nothing beside it, leave it out to begin one");
  }
  if (input === undefined || output === undefined) {
    const got = input ?? output;
    throw new UsageError(
      `'--input' and '--output' must be given to begin a batch, got ${got === undefined ? 'none' : `only '${got}'`}: prefixes such as 's3://bucket/rain/input/'; or '--job NAME' to see how one goes`,
    );
  }
  return {
    input,
    output,
    version: version === undefined ? undefined : versionOf('--version', version),
    requestId,
  };
}
