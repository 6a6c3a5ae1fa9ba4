import type { Baseline, MonitoringSettings } from '../shared/contracts';
import type { FeatureVerdict } from './drift/verdict';
import { iso } from './period';
import type { MonitorPlan } from './plan';
import type { Serving } from './ports';
import type { QualityVerdict, Score } from './score';

/** What a window was judged to be, and by which numbers: an object in the monitoring bucket. */
export interface WindowReport {
  model: string;
  version: string;
  activatedAt: string;
  /** End of the window. */
  at: string;
  windowStart: string;
  writtenAt: string;
  /** Periods of the window that were counted, of how many there are. */
  periodsCounted: number;
  periods: number;
  samples: number;
  minSamples: number;
  /** Labels that were new in this window. */
  labels: number;
  minLabels: number;
  /** Of the predictions within the label horizon, how many have a label. */
  labelledShare: number;
  q: number;
  minExcess: number;
  predictionPsiExcess?: number;
  driftedFeatureShare?: number;
  qualityDelta?: number;
  auc?: number;
  baselineAuc: number;
  driftedFeatures?: string[];
  prediction?: { significant: boolean; pValue?: number; psi?: number; excess?: number };
  features?: Record<string, FeatureVerdict>;
  quality?: QualityVerdict;
}

/** What a report is made of. */
export interface ReportParts {
  readonly plan: MonitorPlan;
  readonly serving: Serving;
  readonly settings: MonitoringSettings;
  readonly baseline: Baseline;
  readonly score: Score;
  readonly periodsCounted: number;
  readonly labelledShare: number;
  readonly writtenAt: string;
}

/** The report of a window; values that were not judged are absent. */
export function windowReport({ plan, serving, settings, baseline, score, ...rest }: ReportParts): WindowReport {
  const { prediction, features, quality } = score;
  return {
    model: plan.model,
    ...serving,
    at: iso(plan.window.end),
    windowStart: iso(plan.window.start),
    ...rest,
    periods: settings.windowPeriods,
    samples: score.samples,
    minSamples: settings.minSamples,
    labels: score.labels,
    minLabels: settings.minLabels,
    q: settings.q,
    minExcess: settings.minExcess,
    baselineAuc: baseline.quality.auc,
    ...(score.driftedFeatureShare === undefined ? {} : { driftedFeatureShare: score.driftedFeatureShare }),
    ...(features === undefined
      ? {}
      : {
          features,
          driftedFeatures: Object.entries(features).flatMap(([name, verdict]) => (verdict.drifted ? [name] : [])),
        }),
    ...(prediction === undefined
      ? {}
      : {
          predictionPsiExcess: prediction.excess,
          prediction: { significant: prediction.significant, ...prediction.comparison },
        }),
    ...(quality === undefined ? {} : { qualityDelta: quality.delta, auc: quality.auc, quality }),
  };
}
