import type { Report } from '../report';
import { decimal } from '../words';
import type { Measure } from './measure-lane';

const LOWEST_AUC_SHOWN = 0.4;
const PSI_GRID = [0.001, 0.01, 0.1, 1, 10];

/** What is drawn of the windows: quality, and drift of predictions and inputs. */
export function measuresOf({ windows, versions, thresholds }: Report): Measure[] {
  const lowestAuc = Math.min(LOWEST_AUC_SHOWN, ...windows.flatMap(({ auc }) => (auc === undefined ? [] : [auc])));
  const floor = Math.max(0, Math.floor(lowestAuc * 10) / 10);
  return [
    {
      title: 'Quality',
      hint: 'AUC once labels are in: 1 is perfect, 0.5 is guessing',
      value: window => window.auc,
      threshold: version => {
        const own = versions.find(candidate => candidate.version === version)?.auc;
        return own === undefined || own === null || thresholds.qualityDelta === undefined
          ? undefined
          : own - thresholds.qualityDelta;
      },
      badWhen: 'below',
      grid: [floor, (floor + 1) / 2, 1],
      format: decimal,
    },
    {
      title: 'Prediction drift',
      hint: 'PSI beyond chance; each line is ten times the last',
      value: window => window.predictionPsiExcess,
      threshold: () => thresholds.predictionPsiExcess,
      badWhen: 'above',
      grid: PSI_GRID,
      logarithmic: true,
      format: value => (value <= 0.001 ? '≤0.001' : String(Number(value.toPrecision(2)))),
    },
    {
      title: 'Input drift',
      hint: 'share of features that drifted',
      value: window => window.driftedFeatureShare,
      threshold: () => thresholds.driftedFeatureShare,
      badWhen: 'above',
      grid: [0, 0.5, 1],
      format: value => `${Math.round(value * 100)}%`,
    },
  ];
}
