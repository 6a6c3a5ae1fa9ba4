import { asWords } from './words';

/** What CloudFormation adds to the name of an alarm that was given none: eight hex digits, and a random part. */
const GENERATED_TAIL = /(?:Alarm)?[0-9A-F]{8}(?:-[A-Za-z0-9]+)?$/;

/**
 * An alarm's name as a person says it: without what all names share, and without what CloudFormation adds.
 * `mlops-local-model-rain-MonitorQualityAlarm0C4D2E1F-x1Y2` is `quality`.
 */
export function alarmLabel(name: string, allNames: readonly string[]): string {
  const own = name.slice(sharedPrefix(allNames)).replace(GENERATED_TAIL, '');
  const words = asWords(own)
    .replace(/^monitor /, '')
    .replace(/ alarm$/, '')
    .trim();
  return words === '' ? name : words;
}

/** How many letters all names begin with, up to a hyphen. */
function sharedPrefix(names: readonly string[]): number {
  const [first = '', ...others] = [...new Set(names)];
  if (others.length === 0) {
    return 0;
  }
  let length = 0;
  while (length < first.length && others.every(name => name[length] === first[length])) {
    length += 1;
  }
  return first.slice(0, length).lastIndexOf('-') + 1;
}
