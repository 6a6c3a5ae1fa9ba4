/** One file of a log, looked through. */
export interface LogFile {
  /** Rows of the person in it. */
  readonly theirs: number;
  /** Rows of which nobody can tell whose they are. */
  readonly unreadable: number;
  /** The file without the person's rows, all others as they were. */
  without(): Promise<Uint8Array>;
}

/** Looks through a file; fails if it is not of the kind that it should be. */
export type ReadLogFile = (
  key: string,
  bytes: Uint8Array,
  isTheirs: (requestId: string) => boolean,
) => Promise<LogFile>;

/** Column by which a row tells whose it is. */
export const REQUEST_ID = 'request_id';
