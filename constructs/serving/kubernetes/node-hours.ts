import { type AwakeHours, DEFAULT_DAYS, Weekday } from '../idle-policy';

/** Nodes need some minutes until they are ready, and what scales and routes on them some more. */
const MINUTES_BEFORE = 15;
/** A look of the reconciler, which puts a model to sleep, and one of the collector, which removes its pods. */
const MINUTES_AFTER = 30;
/** A call that failed is repeated for half as long, so that an end never comes after the next beginning. */
const SHORTEST_REST = 60;
const DAY = 24 * 60;

const WEEK = Object.values(Weekday);

/** Crons of EventBridge Scheduler, by the clocks of the hours' zone. */
export interface NodeHours {
  /** When nodes are started. */
  readonly begin: string;
  /** When they are ended. */
  readonly end: string;
}

/**
 * When a cluster has nodes whose models are up in these hours: from a little before to a little after. Two days between
 * which there is hardly any rest are one; without a rest in all the week there are no times.
 */
export function nodeHours({ days = DEFAULT_DAYS, from, to }: AwakeHours): NodeHours | undefined {
  const [begin, end] = [minuteOf(from) - MINUTES_BEFORE, minuteOf(to) + MINUTES_AFTER];
  const rests = begin + DAY - end >= SHORTEST_REST;
  const isUp = (day: number) => days.includes(weekday(day));
  const up = WEEK.map((_, day) => day).filter(isUp);
  const first = up.filter(day => rests || !isUp(day - 1));
  const last = up.filter(day => rests || !isUp(day + 1));
  return first.length === 0 ? undefined : { begin: cron(first, begin), end: cron(last, end) };
}

/** `24:00` is the end of the day. */
function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/** A time that may be on the day before or after. */
function cron(days: number[], minute: number): string {
  const shift = Math.floor(minute / DAY);
  const ofDay = minute - shift * DAY;
  const names = days.map(day => weekday(day + shift));
  return `cron(${ofDay % 60} ${Math.floor(ofDay / 60)} ? * ${names.join(',')} *)`;
}

function weekday(day: number): Weekday {
  return WEEK[(day + WEEK.length) % WEEK.length];
}
