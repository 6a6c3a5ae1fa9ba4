import { isKnown } from '../constructs/observability/known-metrics';
import { dashboardsOf, metricsOf } from '../support/dashboards';
import { CLUSTERS, synthesise, synthesiseEverything } from '../support/platform';

/** Of every environment here, of the one that has everything, and of clusters of every kind. */
const dashboards = [...synthesiseEverything(), ...synthesise({ root: CLUSTERS })].flatMap(([environment, stacks]) =>
  stacks.flatMap(stack => dashboardsOf(stack).map(dashboard => ({ environment, ...dashboard }))),
);

test('each environment has a dashboard, and so has each of its models', () => {
  expect(dashboards.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['mlops-dev', 'mlops-prod', 'mlops-prod-rain', 'mlops-full', 'mlops-full-snow']),
  );
});

test.each(dashboards)('$name shows only metrics that AWS documents or that our code puts', ({ widgets }) => {
  const shown = widgets.filter(({ type }) => type === 'metric').flatMap(metricsOf);

  expect(shown.length).toBeGreaterThan(0);
  expect(shown.filter(metric => !isKnown(metric))).toEqual([]);
});
