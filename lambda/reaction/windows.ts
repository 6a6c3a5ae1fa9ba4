/** How CloudWatch compares a value with an alarm's threshold. */
export type Comparison =
  'GreaterThanThreshold' | 'GreaterThanOrEqualToThreshold' | 'LessThanThreshold' | 'LessThanOrEqualToThreshold';

/** When an alarm goes red: so many of its last windows beyond a threshold. */
export interface AlarmRule {
  readonly comparison: Comparison;
  readonly threshold: number;
  /** Length of a window. */
  readonly periodSeconds: number;
  /** The last windows that it looks at, and how many of them must be bad. */
  readonly evaluationWindows: number;
  readonly alarmingWindows: number;
}

/** Value of a metric in one window. */
export interface WindowValue {
  /** End of the window, ISO 8601. */
  readonly end: string;
  readonly value: number;
}

/** Bad windows among so many as the alarm looks at. */
export interface BadWindows {
  readonly bad: number;
  /** Mean of the bad ones. */
  readonly mean?: number;
}

const BREACHES: Record<Comparison, (value: number, threshold: number) => boolean> = {
  GreaterThanThreshold: (value, threshold) => value > threshold,
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/**
 * Counts the bad windows again, those alone that ended while one version served: after `since`, and until `until`.
 *
 * An alarm knows no versions. Its M of N windows may belong in part to the version before. The monitor judges a window
 * after its end and by the rows of the version that serves then, so a window that ended after the ledger named a version
 * is about that version alone, be its activation in the middle of it. Counted are as many windows as the alarm looks at,
 * up to the newest bad one: later ones, which may not be judged yet, take nothing from it.
 */
export function badWindows(
  rule: AlarmRule,
  windows: readonly WindowValue[],
  { since, until = Infinity }: { since: number; until?: number },
): BadWindows {
  const bad = windows
    .map(({ end, value }) => ({ end: Date.parse(end), value }))
    .filter(({ end, value }) => end > since && end <= until && BREACHES[rule.comparison](value, rule.threshold));
  const newest = Math.max(...bad.map(({ end }) => end));
  const looked = bad.filter(({ end }) => end > newest - rule.evaluationWindows * rule.periodSeconds * 1000);
  if (looked.length === 0) return { bad: 0 };
  return { bad: looked.length, mean: looked.reduce((sum, { value }) => sum + value, 0) / looked.length };
}

/** Whether one mean of bad windows is further beyond the threshold than another. */
export function isWorse({ comparison }: AlarmRule, mean: number, than: number): boolean {
  return comparison.startsWith('Greater') ? mean > than : mean < than;
}
