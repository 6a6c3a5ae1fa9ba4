import { type TimeZone, Token } from 'aws-cdk-lib';
import { timeZoneProblem } from '../private/schedule-rules';
import type { Problems } from '../private/validation';

/** A day of the week. */
export enum Weekday {
  /** Monday. */
  MONDAY = 'MON',

  /** Tuesday. */
  TUESDAY = 'TUE',

  /** Wednesday. */
  WEDNESDAY = 'WED',

  /** Thursday. */
  THURSDAY = 'THU',

  /** Friday. */
  FRIDAY = 'FRI',

  /** Saturday. */
  SATURDAY = 'SAT',

  /** Sunday. */
  SUNDAY = 'SUN',
}

/** Days of hours that name none. */
export const DEFAULT_DAYS = [Weekday.MONDAY, Weekday.TUESDAY, Weekday.WEDNESDAY, Weekday.THURSDAY, Weekday.FRIDAY];
const ALL_DAYS = Object.values(Weekday).length;

/** Hours in which a model is up; outside of them it sleeps. */
export interface AwakeHours {
  /**
   * Days on which it is up.
   *
   * @default - Monday to Friday
   */
  readonly days?: Weekday[];

  /** When it wakes, as `HH:MM` by the clocks of the time zone. */
  readonly from: string;

  /** When it falls asleep, as `HH:MM` of the same day; `24:00` at the latest. */
  readonly to: string;

  /** Zone of these times. */
  readonly timeZone: TimeZone;
}

/**
 * That a model may sleep: nothing of it runs and nothing answers, while the released version stays the released one, until
 * it wakes at its hours, on a person's word, or by a release. Not for production, whose callers come at any hour.
 */
export interface IdlePolicy {
  /**
   * When it is up.
   *
   * @default - it sleeps and wakes on a person's word alone
   */
  readonly awake?: AwakeHours;
}

/** Notes what is wrong with a policy. */
export function checkIdle(problems: Problems, { awake }: IdlePolicy): void {
  if (awake !== undefined) checkAwake(problems, awake, { property: 'idle.awake', leftOut: 'idle' });
}

/** What the hours are for, as whoever gave them named it. */
interface HoursName {
  readonly property: string;
  /** What to leave out for no hours. */
  readonly leftOut: string;
}

/** Notes what is wrong with hours. */
export function checkAwake(problems: Problems, awake: AwakeHours, { property, leftOut }: HoursName): void {
  const { days, from, to, timeZone } = awake;
  if (days !== undefined) {
    problems.require(
      days.length > 0 && new Set(days).size === days.length,
      `'${property}.days' is [${days.join(', ')}], must name at least one day, and each once; leave it out for Monday to Friday`,
    );
  }
  if (!Token.isUnresolved(from) && !Token.isUnresolved(to)) {
    problems.require(
      /^([01]\d|2[0-3]):[0-5]\d$/.test(from),
      `'${property}.from' is '${from}', must be a time of day from '00:00' to '23:59', such as '07:00'`,
    );
    problems.require(
      /^(([01]\d|2[0-3]):[0-5]\d|24:00)$/.test(to) && to > from,
      `'${property}.to' is '${to}', must be a time of the same day after 'from', which is '${from}', '24:00' at the latest`,
    );
    problems.require(
      !(from === '00:00' && to === '24:00' && (days ?? DEFAULT_DAYS).length === ALL_DAYS),
      `'${property}' is all the week, must leave time for sleep; leave '${leftOut}' out for what never sleeps`,
    );
  }
  const zone = timeZone.timezoneName;
  const problem = Token.isUnresolved(zone) ? undefined : timeZoneProblem(zone);
  if (problem !== undefined) problems.add(`'${property}.timeZone' is '${zone}', ${problem}`);
}

/** Whether hours lie in others, as far as they are known at synth. */
export function isWithin(hours: AwakeHours, others: AwakeHours): boolean {
  const { days = DEFAULT_DAYS, from, to, timeZone } = hours;
  const otherDays = others.days ?? DEFAULT_DAYS;
  return (
    timeZone.timezoneName === others.timeZone.timezoneName &&
    days.every(day => otherDays.includes(day)) &&
    (Token.isUnresolved(from) || from >= others.from) &&
    (Token.isUnresolved(to) || to <= others.to)
  );
}

/** The shape is `idle` of `servingSettings` in `lambda/shared/contracts.ts`. */
export function idleSettings({ awake }: IdlePolicy): object {
  if (awake === undefined) return {};
  const { days, from, to, timeZone } = awake;
  return { awake: { days: days ?? DEFAULT_DAYS, from, to, timeZone: timeZone.timezoneName } };
}
