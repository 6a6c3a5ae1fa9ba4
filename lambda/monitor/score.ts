import type { Baseline, MetricName, MonitoringSettings } from '../shared/contracts';
import { binnedAuc, type BinnedAuc } from './auc';
import type { FeatureCounts } from './counts';
import { judgeFeatures, judgePrediction, type FeatureVerdict, type PredictionVerdict } from './drift/verdict';
import { rowsIn, type LabelCell } from './label-counts';

/**
 * Labels of each class below which an AUC is noise, whatever the number of labels: with 20 its standard error is about
 * a tenth at worst.
 */
const MIN_LABELS_OF_A_CLASS = 20;

/** What a window is judged by. */
export interface Evidence {
  readonly baseline: Baseline;
  readonly counts: FeatureCounts;
  /** Labels that have come since quality was last judged. */
  readonly labels: readonly LabelCell[];
  readonly settings: Pick<MonitoringSettings, 'minSamples' | 'minLabels' | 'q' | 'minExcess'>;
}

/** Quality from labels, held against the version's own baseline. */
export interface QualityVerdict extends BinnedAuc {
  /** The baseline's AUC minus this one; positive is worse. */
  delta: number;
}

/** What is known of a window; a part is absent where there was too little to judge by. */
export interface Score {
  samples: number;
  labels: number;
  features?: Record<string, FeatureVerdict>;
  prediction?: PredictionVerdict;
  driftedFeatureShare?: number;
  quality?: QualityVerdict;
}

/** Judges a window. */
export function scoreWindow({ baseline, counts, labels, settings }: Evidence): Score {
  const score: Score = { samples: counts.rows, labels: rowsIn(labels) };
  if (counts.rows >= settings.minSamples) {
    const verdicts = judgeFeatures(
      new Map(
        Object.entries(counts.features).map(([name, current]) => [
          name,
          { reference: baseline.features[name].counts, current },
        ]),
      ),
      settings,
    );
    score.features = Object.fromEntries(verdicts);
    score.driftedFeatureShare = [...verdicts.values()].filter(verdict => verdict.drifted).length / verdicts.size;
    score.prediction = judgePrediction({ reference: baseline.prediction.counts, current: counts.prediction }, settings);
  }
  const auc = score.labels >= settings.minLabels ? binnedAuc(labels) : undefined;
  if (auc !== undefined && Math.min(auc.positives, auc.negatives) >= MIN_LABELS_OF_A_CLASS) {
    score.quality = { ...auc, delta: baseline.quality.auc - auc.auc };
  }
  return score;
}

/** The values that become metrics of the window. */
export function windowMetrics(score: Score): { name: MetricName; value: number }[] {
  const values: [MetricName, number | undefined][] = [
    ['SampleCount', score.samples],
    ['PredictionPsiExcess', score.prediction?.excess],
    ['DriftedFeatureShare', score.driftedFeatureShare],
    ['QualityDelta', score.quality?.delta],
  ];
  return values.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
}
