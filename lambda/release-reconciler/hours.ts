import { WEEKDAYS, type AwakeHours } from '../shared/contracts';

const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const WEEK_DAYS = 7;

/** Whether the hours want a model up, and since when they do, as `wallClock` tells the time. */
export interface Wanted {
  readonly up: boolean;
  readonly since: number;
}

/**
 * A time as the clocks of a zone show it, in minutes since the epoch of a zone without any offset. Hours are compared so:
 * a model that is up from seven on is so in summer and in winter, and the hour that a night has twice or not at all needs
 * no thought.
 */
export function wallClock(at: Date, timeZone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(at);
  const part = (type: Intl.DateTimeFormatPartTypes): number => Number(parts.find(one => one.type === type)?.value);
  return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute')) / MINUTE_MS;
}

/** What the hours want now; from the end of one day to the beginning of the next, where these meet, it stays up. */
export function wantedAt({ days, from, to, timeZone }: AwakeHours, at: Date): Wanted {
  const now = wallClock(at, timeZone);
  const today = Math.floor(now / DAY_MINUTES);
  let started = -Infinity;
  let ended = -Infinity;
  // a week back lies the last change
  for (let day = today - WEEK_DAYS; day <= today; day += 1) {
    const weekday = weekdayOf(day);
    if (weekday === undefined || !days.includes(weekday)) continue;
    const [start, end] = [from, to].map(time => day * DAY_MINUTES + minutesOf(time)) as [number, number];
    if (start > now) break;
    if (start !== ended) started = start;
    ended = end;
  }
  return ended > now ? { up: true, since: started } : { up: false, since: ended };
}

function weekdayOf(day: number): (typeof WEEKDAYS)[number] | undefined {
  return WEEKDAYS[new Date(day * DAY_MINUTES * MINUTE_MS).getUTCDay()];
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}
