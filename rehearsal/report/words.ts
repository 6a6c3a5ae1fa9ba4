const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const COUNT = new Intl.NumberFormat('en-US');
const UNITS: readonly (readonly [seconds: number, name: string])[] = [
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
];

/** `12,345`. */
export function count(value: number): string {
  return COUNT.format(value);
}

/** `1 window`, `3 windows`. */
export function plural(value: number, noun: string): string {
  return `${count(value)} ${noun}${value === 1 ? '' : 's'}`;
}

/** Seconds as a person says them, the two largest units only: `0.4 s`, `58.3 s`, `2 minutes 5 s`, `3 days 4 hours`. */
export function duration(seconds: number): string {
  if (seconds < 60) {
    return `${seconds.toFixed(1)} s`;
  }
  const whole = Math.round(seconds);
  const largest = UNITS.findIndex(([unit]) => whole >= unit);
  const [unit, name] = UNITS[largest] ?? [1, 's'];
  const [next, nextName] = UNITS[largest + 1] ?? [1, 's'];
  const rest = Math.floor((whole % unit) / next);
  const head = plural(Math.floor(whole / unit), name);
  return rest === 0 ? head : `${head} ${nextName === 's' ? `${rest} s` : plural(rest, nextName)}`;
}

/** Seconds from one time to another. */
export function secondsBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / 1000;
}

/** `24 Nov`. */
export function day(time: number): string {
  const date = new Date(time);
  return `${date.getUTCDate()} ${MONTHS[date.getUTCMonth()]}`;
}

/** `03:04`. */
export function hourAndMinute(time: number): string {
  return new Date(time).toISOString().slice(11, 16);
}

/** `24 Nov 2026, 03:04:05 UTC`. */
export function moment(at: string): string {
  const time = Date.parse(at);
  if (Number.isNaN(time)) {
    return at;
  }
  const iso = new Date(time).toISOString();
  return `${day(time)} ${iso.slice(0, 4)}, ${iso.slice(11, 19)} UTC`;
}

/** `0.83`; `—` for a value that is not there. */
export function decimal(value: number | null | undefined, digits = 2): string {
  return value === undefined || value === null ? '—' : value.toFixed(digits);
}

/** A camelCase or kebab-case name as words: `runId` is `run id`. */
export function asWords(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replace(/[-_]+/g, ' ')
    .toLowerCase();
}
