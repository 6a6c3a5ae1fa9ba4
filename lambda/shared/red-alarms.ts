import { readable } from './readable';

/** The red alarms in a piece of evidence as lines of a letter: what was measured, against what, and since when. */
export function redAlarmNumbers(red: unknown): Record<string, string> {
  if (!Array.isArray(red)) return {};
  return Object.fromEntries(
    red
      .filter((alarm): alarm is Record<string, unknown> => typeof alarm === 'object' && alarm !== null)
      .map(alarm => [
        `${plain(alarm['metric'])} (threshold ${plain(alarm['threshold'])})`,
        `${measured(alarm)} [red since ${plain(alarm['since'])}]`,
      ]),
  );
}

/** The windows that were judged, the newest last; CloudWatch's own words where none were read. */
function measured({ windows, reason }: Record<string, unknown>): string {
  const judged = (Array.isArray(windows) ? windows : []) as { end?: unknown; value?: unknown }[];
  const numbers = judged
    .slice()
    .sort((one, other) => plain(one.end).localeCompare(plain(other.end)))
    .map(({ value }) => value)
    .filter(value => typeof value === 'number');
  return numbers.length === 0 ? plain(reason) : numbers.map(readable).join(', ');
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
