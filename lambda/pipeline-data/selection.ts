/** A snapshot names each of its batches; past this many, batches should land in larger pieces. */
export const MAX_BATCHES = 1000;

/** Whole batches, the newest first, until the rows are enough. */
export class Selection {
  private readonly batchIds: string[] = [];
  private rows = 0;
  private closed = false;

  constructor(private readonly maxRows: number) {}

  /** Whether a further, older batch could still be taken. */
  get open(): boolean {
    return !this.closed && this.rows < this.maxRows && this.batchIds.length < MAX_BATCHES;
  }

  /**
   * Takes the next older batch, or closes the selection: a batch that does not fit ends it even if an older one would
   * fit, since a gap in time would train on a past that never was. The newest batch always fits.
   */
  offer(batchId: string, validRows: number): void {
    if (!this.open || validRows === 0) return;
    if (this.batchIds.length > 0 && this.rows + validRows > this.maxRows) {
      this.closed = true;
      return;
    }
    this.batchIds.push(batchId);
    this.rows += validRows;
  }

  /** The batches taken, the oldest first, and how many valid rows they have. */
  result(): { batchIds: string[]; rows: number } {
    return { batchIds: [...this.batchIds].reverse(), rows: this.rows };
  }
}
