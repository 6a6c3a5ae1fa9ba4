import { day, hourAndMinute } from '../words';

/** A stretch of the axis: from a time and a place to a time and a place. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly x0: number;
  readonly x1: number;
}

/** A mark on the axis; `day` is there where the date is worth saying. */
export interface Tick {
  readonly x: number;
  readonly label: string;
  readonly day?: string;
}

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEPS = [1, 2, 5, 10, 15, 30]
  .map(n => n * MINUTE)
  .concat(
    [1, 2, 3, 6, 12].map(n => n * HOUR),
    DAY,
    7 * DAY,
  );
const MIN_STRETCH_WIDTH = 36;

/**
 * Time along the page. A model's life is a few busy hours with days between them in which nothing happens, so a gap
 * longer than `breakAfter` is folded to the width `fold` and drawn as a break.
 */
export class TimeScale {
  /** The scale over some moments (milliseconds), from `left` to `right` on the page. */
  static over(moments: readonly number[], left: number, right: number, breakAfter: number, fold: number): TimeScale {
    const busy = busyStretches(moments, breakAfter);
    const breaks = busy.length - 1;
    const room = Math.max(0, right - left - breaks * fold - busy.length * MIN_STRETCH_WIDTH);
    const total = busy.reduce((sum, [from, to]) => sum + to - from, 0);
    let x = left;
    const stretches = busy.map(([from, to]) => {
      const share = total > 0 ? (to - from) / total : 1 / busy.length;
      const stretch = { from, to, x0: x, x1: x + MIN_STRETCH_WIDTH + room * share };
      x = stretch.x1 + fold;
      return stretch;
    });
    return new TimeScale(stretches);
  }

  private constructor(readonly stretches: readonly Stretch[]) {}

  /** The folded gaps. */
  get breaks(): Stretch[] {
    return this.stretches.slice(1).map((next, index) => {
      const before = this.stretches[index] ?? next;
      return { from: before.to, to: next.from, x0: before.x1, x1: next.x0 };
    });
  }

  get left(): number {
    return this.stretches.at(0)?.x0 ?? 0;
  }

  get right(): number {
    return this.stretches.at(-1)?.x1 ?? 0;
  }

  /** Where a moment lies; one outside the scale lies at its end. */
  x(time: number): number {
    const pieces = [...this.stretches, ...this.breaks];
    const piece = pieces.find(({ from, to }) => from <= time && time <= to);
    if (piece === undefined) {
      return time < (this.stretches.at(0)?.from ?? 0) ? this.left : this.right;
    }
    const share = piece.to > piece.from ? (time - piece.from) / (piece.to - piece.from) : 0;
    return piece.x0 + share * (piece.x1 - piece.x0);
  }

  /** Whether a folded gap lies between two moments. */
  isBroken(from: number, to: number): boolean {
    return this.breaks.some(gap => from <= gap.from && gap.to <= to);
  }

  /** Round times, at least `spacing` apart; each stretch has one at least, and its first names the day. */
  ticks(spacing: number): Tick[] {
    return this.stretches.flatMap(({ from, to, x0, x1 }) => {
      const step = STEPS.find(candidate => (candidate / (to - from)) * (x1 - x0) >= spacing) ?? to - from;
      const times: number[] = [];
      for (let time = Math.ceil(from / step) * step; time <= to; time += step) {
        times.push(time);
      }
      if (times.length === 0) {
        times.push((from + to) / 2);
      }
      return times.map((time, index) => ({
        x: this.x(time),
        label: hourAndMinute(time),
        ...(index === 0 || day(time) !== day(times[index - 1] ?? time) ? { day: day(time) } : {}),
      }));
    });
  }
}

/** The moments in groups with no gap over `breakAfter` inside, each with some air around it. */
function busyStretches(moments: readonly number[], breakAfter: number): [from: number, to: number][] {
  const sorted = [...moments].filter(Number.isFinite).sort((a, b) => a - b);
  const groups: [number, number][] = [];
  for (const moment of sorted) {
    const last = groups.at(-1);
    if (last !== undefined && moment - last[1] <= breakAfter) {
      last[1] = moment;
    } else {
      groups.push([moment, moment]);
    }
  }
  const air = breakAfter / 12;
  return groups.map(([from, to]) => [from - air, to + air]);
}
