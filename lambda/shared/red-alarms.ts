/** The red alarms in a piece of evidence as lines of a letter: what was measured, against what, and since when. */
export function redAlarmNumbers(red: unknown): Record<string, string> {
  if (!Array.isArray(red)) return {};
  return Object.fromEntries(
    red
      .filter((alarm): alarm is Record<string, unknown> => typeof alarm === 'object' && alarm !== null)
      .map(alarm => [
        `${plain(alarm['metric'])} (threshold ${plain(alarm['threshold'])})`,
        `${plain(alarm['reason'])} [since ${plain(alarm['since'])}]`,
      ]),
  );
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? '');
}
