import { App, Chart } from 'cdk8s';
import { renderModelChart } from '../constructs/serving/kubernetes/model-chart';
import type { Benchmark } from './benchmark';

const CHARTS = 50;

/** A model's objects as a deploy of its stack makes them, beside what any chart costs. */
export const chartSynthesis: Benchmark = {
  name: 'chart-synthesis',
  unit: "ms for a model's chart",
  comparedTo: 'an empty cdk8s chart',
  rounds: 5,
  prepare: () =>
    Promise.resolve({
      ours: () =>
        Promise.resolve(
          each(() => {
            renderModelChart({
              modelName: 'rain',
              namespace: 'mlops-prod-rain',
              resources: { cpuMillis: 1000, memoryMebibytes: 2048, gpus: 0, modelMebibytes: 1024 },
              loadSeconds: 300,
              imageVolume: false,
              spot: false,
              replicas: 2,
              autoscaler: { namespace: 'mlops-prod-rain', minReplicas: 2, maxReplicas: 8, targetRequestsInFlight: 8 },
            });
          }),
        ),
      theirs: () =>
        Promise.resolve(
          each(() => {
            new Chart(new App(), 'Empty').toJson();
          }),
        ),
    }),
};

/** Milliseconds for one of many. */
function each(act: () => void): number {
  const began = performance.now();
  for (let made = 0; made < CHARTS; made++) act();
  return (performance.now() - began) / CHARTS;
}
