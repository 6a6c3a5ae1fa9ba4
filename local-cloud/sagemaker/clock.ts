import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** The file is read again after so many real milliseconds, so that thousands of reads a second cost nothing. */
const OFFSET_AGE_MS = 10;

/** How often, in real milliseconds, a sleeper looks whether the clock was moved on. */
const LOOK_EVERY_MS = 25;

/** The local cloud's time: the machine's, shifted by the milliseconds written in a file. */
export class Clock {
  private offset = 0;
  private readAt = Number.NEGATIVE_INFINITY;
  private readonly sleepers = new Set<{ readonly until: number }>();

  /** @param file file with the offset in milliseconds as text; without one, time is the machine's */
  constructor(private readonly file?: string) {}

  /** Now, in milliseconds since the epoch. */
  public millis(): number {
    return Date.now() + this.currentOffset();
  }

  /** Now. */
  public now(): Date {
    return new Date(this.millis());
  }

  /** Resolves once this clock shows `millis`; rejects when `signal` aborts. */
  public async sleepUntil(millis: number, signal?: AbortSignal): Promise<void> {
    const sleeper = { until: millis };
    this.sleepers.add(sleeper);
    try {
      for (let left = millis - this.millis(); left > 0; left = millis - this.millis()) {
        await sleep(Math.min(left, LOOK_EVERY_MS), undefined, { signal });
      }
      signal?.throwIfAborted();
    } finally {
      this.sleepers.delete(sleeper);
    }
  }

  /** When the next sleeper wakes, in milliseconds since the epoch: whoever moves the clock stops there. */
  public nextDue(): number | undefined {
    const due = Math.min(...[...this.sleepers].map(({ until }) => until));
    return Number.isFinite(due) ? due : undefined;
  }

  private currentOffset(): number {
    if (this.file !== undefined && performance.now() - this.readAt >= OFFSET_AGE_MS) {
      this.offset = readOffset(this.file);
      this.readAt = performance.now();
    }
    return this.offset;
  }
}

function readOffset(file: string): number {
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    // before the clock is first moved there is no file
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return 0;
    }
    throw error;
  }
  const offset = Number(text);
  if (!Number.isFinite(offset)) {
    throw new Error(`clock file '${file}' must hold milliseconds as a number, got '${text}'`);
  }
  return offset;
}
