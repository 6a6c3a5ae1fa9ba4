import { Token } from 'aws-cdk-lib';
import type { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import type { Problems } from './validation';

/** A field of cron as EventBridge Scheduler takes it. */
interface CronField {
  readonly name: string;
  readonly min: number;
  readonly max: number;
  /** Words instead of numbers, beginning with that of `min`. */
  readonly words?: readonly string[];
  /** What else may stand there. */
  readonly also?: RegExp;
}

const MONTHS = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC'];
const DAYS = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT'];
const DAY_OF_MONTH = 2;
const DAY_OF_WEEK = 4;
const FIELDS: readonly CronField[] = [
  { name: 'minutes', min: 0, max: 59 },
  { name: 'hours', min: 0, max: 23 },
  { name: 'day of the month', min: 1, max: 31, also: /^(\?|L|LW|([1-9]|[12]\d|3[01])W)$/ },
  { name: 'month', min: 1, max: 12, words: MONTHS },
  {
    name: 'day of the week',
    min: 1,
    max: 7,
    words: DAYS,
    also: /^(\?|L|[1-7]L|([1-7]|SUN|MON|TUE|WED|THU|FRI|SAT)#[1-5])$/,
  },
  { name: 'year', min: 1970, max: 2199 },
];

/** What EventBridge Scheduler would refuse in an expression, with what it takes; nothing if it takes it. */
export function scheduleProblem(expression: string): string | undefined {
  const [, kind = '', body = ''] = /^(rate|cron|at)\((.*)\)$/.exec(expression) ?? [];
  switch (kind) {
    case 'rate':
      return rateProblem(body);
    case 'cron':
      return cronProblem(body);
    case 'at':
      return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d$/.test(body) && !Number.isNaN(Date.parse(`${body}Z`))
        ? undefined
        : "must be a time without a zone, such as 'at(2027-01-31T03:00:00)'";
    default:
      return "must be 'rate(…)', 'cron(…)' or 'at(…)', such as 'rate(7 days)'";
  }
}

/** What is wrong with a time zone's name; nothing if there is such a zone. */
export function timeZoneProblem(name: string): string | undefined {
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return undefined;
  } catch {
    return "must be the name of a zone in the IANA database, such as 'Europe/Berlin'";
  }
}

/** Notes an expression, or its time zone, that EventBridge Scheduler would refuse. */
export function requireSchedule(problems: Problems, property: string, schedule: ScheduleExpression | undefined): void {
  if (schedule === undefined) return;
  const { expressionString: expression, timeZone } = schedule;
  if (!Token.isUnresolved(expression)) {
    const problem = scheduleProblem(expression);
    if (problem !== undefined) problems.add(`'${property}' is '${expression}', ${problem}`);
  }
  const zone = timeZone?.timezoneName;
  if (zone !== undefined && !Token.isUnresolved(zone)) {
    const problem = timeZoneProblem(zone);
    if (problem !== undefined) problems.add(`the time zone of '${property}' is '${zone}', ${problem}`);
  }
}

function rateProblem(body: string): string | undefined {
  return /^[1-9]\d* (minute|hour|day)s?$/.test(body)
    ? undefined
    : "must be a whole number of minutes, hours or days, at least one minute, such as 'rate(15 minutes)'";
}

function cronProblem(body: string): string | undefined {
  const fields = body.split(' ');
  if (fields.length !== FIELDS.length) {
    return `has ${fields.length} fields, must have the six ${FIELDS.map(({ name }) => name).join(', ')}, such as 'cron(0 3 ? * MON *)'`;
  }
  const wrong = FIELDS.find((field, index) => !isFieldOf(field, fields[index] ?? ''));
  if (wrong !== undefined) {
    const got = fields[FIELDS.indexOf(wrong)] ?? '';
    const words = wrong.words === undefined ? '' : `, or ${wrong.words[0] ?? ''} to ${wrong.words.at(-1) ?? ''}`;
    return `has '${got}' as its ${wrong.name}, must be from ${wrong.min} to ${wrong.max}${words}`;
  }
  return (fields[DAY_OF_MONTH] === '?') === (fields[DAY_OF_WEEK] === '?')
    ? "must have '?' as its day of the month or as its day of the week, and something else as the other"
    : undefined;
}

function isFieldOf(field: CronField, text: string): boolean {
  return text.split(',').every(part => field.also?.test(part) === true || isRange(field, part));
}

/** `*`, `5`, `5-10`, each with a step behind it or none. */
function isRange({ min, max, words }: CronField, part: string): boolean {
  const [range = '', ...steps] = part.split('/');
  const [from = '', ...to] = range.split('-');
  const number = (text: string): number => {
    const word = words?.indexOf(text) ?? -1;
    if (word >= 0) return word + min;
    return /^\d+$/.test(text) ? Number(text) : NaN;
  };
  const within = (text: string): boolean => number(text) >= min && number(text) <= max;
  if (steps.length > 1 || steps.some(step => !/^[1-9]\d*$/.test(step))) return false;
  if (from === '*') return to.length === 0;
  return (
    within(from) &&
    (to.length === 0 || (to.length === 1 && to.every(end => within(end) && number(from) <= number(end))))
  );
}
