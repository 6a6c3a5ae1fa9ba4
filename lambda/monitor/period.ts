/** A stretch of time, from `start` inclusive to `end` exclusive, in milliseconds since the epoch. */
export interface TimeRange {
  readonly start: number;
  readonly end: number;
}

/** How time is divided for one model. */
export interface Calendar {
  readonly periodSeconds: number;
  readonly windowPeriods: number;
  readonly graceSeconds: number;
}

/** The period that starts at `start`, which must be a multiple of its length since the epoch. */
export function periodAt(start: string, calendar: Calendar): TimeRange {
  const length = calendar.periodSeconds * 1000;
  const time = parseTime('periodStart', start);
  if (time % length !== 0) {
    throw new RangeError(
      `'periodStart' is '${start}', must be a multiple of ${calendar.periodSeconds} seconds since the epoch, such as '${iso(time - (time % length))}'`,
    );
  }
  return { start: time, end: time + length };
}

/** The newest period that had ended, grace included, at `time`. */
export function lastClosedPeriod(time: number, calendar: Calendar): TimeRange {
  const length = calendar.periodSeconds * 1000;
  const end = Math.floor((time - calendar.graceSeconds * 1000) / length) * length;
  return { start: end - length, end };
}

/** The window that holds a period. Windows start at multiples of their length since the epoch: they never overlap. */
export function windowOf(period: TimeRange, calendar: Calendar): TimeRange {
  const length = calendar.periodSeconds * calendar.windowPeriods * 1000;
  const start = Math.floor(period.start / length) * length;
  return { start, end: start + length };
}

/** The periods of a window, in order. */
export function periodsOf(window: TimeRange, calendar: Calendar): TimeRange[] {
  const length = calendar.periodSeconds * 1000;
  return Array.from({ length: calendar.windowPeriods }, (_, index) => ({
    start: window.start + index * length,
    end: window.start + (index + 1) * length,
  }));
}

/** Milliseconds since the epoch of an ISO 8601 time; an error names the property. */
export function parseTime(property: string, value: string): number {
  const time = Date.parse(value);
  if (Number.isNaN(time)) {
    throw new RangeError(`'${property}' is '${value}', must be an ISO 8601 time such as '2026-11-24T03:00:00Z'`);
  }
  return time;
}

/** A time as text. */
export function iso(time: number): string {
  return new Date(time).toISOString();
}
