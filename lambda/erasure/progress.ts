/** Why a person may still be somewhere. */
export interface Problem {
  /** A batch, or an object of a log. */
  readonly where: string;
  readonly reason: string;
}

/** How far an erasure has come in one place. It names batches and objects and counts; a person's key is not in it. */
export interface PlaceProgress {
  /** `continue`: time was up, ask again with `after`. */
  readonly outcome: 'done' | 'continue';
  /** The last batch or object that was looked at. */
  readonly after?: string;
  /** Batches or objects that were looked at. */
  readonly looked: number;
  /** Rows that went now; none where an earlier run got that far. */
  readonly rows: number;
  /** Versions of objects that went. */
  readonly versions: number;
  readonly problems: readonly Problem[];
}
