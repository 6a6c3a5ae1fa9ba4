import { iso } from './period';

/** Where the monitor keeps things in the monitoring bucket. */
export const monitorKeys = {
  /** Counts of one period of one version over one set of bins. */
  counts: (model: string, version: string, edgesId: string, periodStart: number): string =>
    `counts/model=${model}/version=${version}/edges=${edgesId}/${iso(periodStart)}.json`,
  /** Labels that had come when the windows of one service of a version were judged. */
  labels: (model: string, version: string, activatedAt: string): string =>
    `counts/model=${model}/version=${version}/labels/since=${activatedAt}/`,
  labelsOfWindow: (model: string, version: string, activatedAt: string, windowStart: number): string =>
    `${monitorKeys.labels(model, version, activatedAt)}${iso(windowStart)}.json`,
  report: (model: string, windowStart: number): string => `reports/model=${model}/${iso(windowStart)}.json`,
};
