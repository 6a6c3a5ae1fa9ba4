import { rejectedAt } from './benjamini-hochberg';
import { exactShareTest } from './exact-share';
import { compare, MIN_EXPECTED_ROWS, poolRareBins, sum, type Comparison, type TwoSamples } from './two-samples';

/** When a difference is called drift. */
export interface DriftRule {
  /** False-discovery rate over all tests made together. */
  readonly q: number;
  /** PSI excess up to which even a significant difference is a trifle. */
  readonly minExcess: number;
}

/** What the rule says of one feature. */
export interface FeatureVerdict {
  drifted: boolean;
  /** Over all its bins, missing values among them; absent when reference and current hold one bin only. */
  values?: Comparison & { significant: boolean };
  /** Over the two bins present and missing; absent while neither sample misses any. */
  missing?: Comparison & { significant: boolean; referenceShare: number; currentShare: number };
}

/** What the rule says of the predictions. */
export interface PredictionVerdict {
  significant: boolean;
  /** The excess if significant, else 0: what becomes the metric. */
  excess: number;
  comparison?: Comparison;
}

/**
 * Which features drifted. Counts end with the bin of missing values, which is never pooled and is also judged by
 * itself: pooled into a reference without any, a jump from none to 5 % missing stays under the effect threshold.
 */
export function judgeFeatures(features: ReadonlyMap<string, TwoSamples>, rule: DriftRule): Map<string, FeatureVerdict> {
  const tests = [...features].flatMap(([name, samples]) => [
    { name, kind: 'values' as const, comparison: compareValues(samples) },
    { name, kind: 'missing' as const, comparison: compareMissing(samples) },
  ]);
  const made = tests.flatMap(test => (test.comparison === undefined ? [] : [{ ...test, comparison: test.comparison }]));
  const rejected = rejectedAt(
    made.map(test => test.comparison.pValue),
    rule.q,
  );

  const verdicts = new Map<string, FeatureVerdict>([...features.keys()].map(name => [name, { drifted: false }]));
  made.forEach(({ name, kind, comparison }, index) => {
    const verdict = verdicts.get(name);
    const samples = features.get(name);
    if (verdict === undefined || samples === undefined) return;
    const significant = rejected[index] ?? false;
    if (kind === 'values') {
      verdict.values = { ...comparison, significant };
    } else {
      verdict.missing = {
        ...comparison,
        significant,
        referenceShare: missingShare(samples.reference),
        currentShare: missingShare(samples.current),
      };
    }
    verdict.drifted = verdict.drifted || (significant && comparison.excess > rule.minExcess);
  });
  return verdicts;
}

/** Whether the scores drifted: one feature with a false-discovery rate of its own. */
export function judgePrediction(samples: TwoSamples, rule: DriftRule): PredictionVerdict {
  const comparison = compareValues(samples);
  if (comparison === undefined) return { significant: false, excess: 0 };
  const significant = comparison.pValue <= rule.q;
  return { significant, excess: significant ? Math.max(0, comparison.excess) : 0, comparison };
}

/**
 * All bins, the rare ones pooled. The bin of missing values is left as it is, or left out while it is too rare for χ²:
 * measured, one missing row of 200 against a reference with one in a thousand then called drift in 35 % of windows.
 */
function compareValues(samples: TwoSamples): Comparison | undefined {
  const pooled = poolRareBins({ reference: samples.reference.slice(0, -1), current: samples.current.slice(0, -1) });
  if (isMissingRare(samples)) return compare(pooled);
  return compare({
    reference: [...pooled.reference, missing(samples.reference)],
    current: [...pooled.current, missing(samples.current)],
  });
}

/** Present against missing; an exact test while missing is too rare for χ². */
function compareMissing(samples: TwoSamples): Comparison | undefined {
  const [referenceRows, currentRows] = [sum(samples.reference), sum(samples.current)];
  const [referenceHits, currentHits] = [missing(samples.reference), missing(samples.current)];
  const comparison = compare({
    reference: [referenceRows - referenceHits, referenceHits],
    current: [currentRows - currentHits, currentHits],
  });
  if (comparison === undefined || !isMissingRare(samples)) return comparison;
  return { ...comparison, pValue: exactShareTest({ referenceRows, referenceHits, currentRows, currentHits }) };
}

function isMissingRare(samples: TwoSamples): boolean {
  const [n, m] = [sum(samples.reference), sum(samples.current)];
  return (m * (missing(samples.reference) + missing(samples.current))) / (n + m) < MIN_EXPECTED_ROWS;
}

function missing(counts: readonly number[]): number {
  return counts.at(-1) ?? 0;
}

function missingShare(counts: readonly number[]): number {
  const rows = sum(counts);
  return rows === 0 ? 0 : missing(counts) / rows;
}
