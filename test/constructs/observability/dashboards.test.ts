import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { alarmsOf, dashboardsOf, metricsOf, named, type Widget } from '../../support/dashboards';
import { type SynthesisedStack, synthesise } from '../../support/platform';
import { isKnown } from './known-metrics';

const ROOT = join(__dirname, '..', '..', '..');
const DOCUMENTATION = /https:\/\/github\.com\/mlops-blueprint\/mlops-blueprint\/blob\/main\/([\w./-]+)/g;
/** One environment served by SageMaker, and the same by EKS. */
const platform = synthesise({ environmentNames: ['local', 'localeks'] });

function stackOf(environment: string, id: string): SynthesisedStack {
  const stack = platform.get(environment)?.find(each => each.id === id);
  if (stack === undefined) throw new Error(`no stack '${id}' in '${environment}'`);
  return stack;
}

function widgetsOf(environment: string, id: string): Widget[] {
  return dashboardsOf(stackOf(environment, id)).flatMap(({ widgets }) => widgets);
}

const DASHBOARDS = ['local', 'localeks'].flatMap(environment =>
  ['Observability', 'Model-rain'].map(id => ({ environment, id })),
);

describe.each(DASHBOARDS)('the dashboard in $id of $environment', ({ environment, id }) => {
  const widgets = widgetsOf(environment, id);
  const graphs = widgets.filter(({ type }) => type === 'metric');

  test('has a name by which a person finds it', () => {
    const model = id === 'Observability' ? '' : '-rain';
    expect(dashboardsOf(stackOf(environment, id)).map(({ name }) => name)).toEqual([`mlops-${environment}${model}`]);
  });

  test('shows only metrics that AWS documents or that our code puts, with exactly their dimensions', () => {
    const shown = graphs.flatMap(metricsOf);
    const unknown = shown.filter(metric => !isKnown(metric));

    expect(shown.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  });

  test('has no graph without a title, a metric, and the unit of each axis that it uses', () => {
    for (const graph of graphs) {
      const { title, yAxis } = graph.properties;
      const metrics = metricsOf(graph);
      const unlabelled = metrics.filter(metric => (yAxis?.[metric.yAxis]?.label ?? '') === '');

      expect(title).toMatch(/^[A-Z]/);
      expect(metrics).not.toEqual([]);
      expect({ title, unlabelled }).toEqual({ title, unlabelled: [] });
    }
  });

  test('has no two graphs of one title', () => {
    const titles = graphs.map(({ properties }) => properties.title);
    expect(new Set(titles).size).toBe(titles.length);
  });

  test('lays its widgets beside each other on 24 columns', () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of widgets) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column += 1) {
        for (let row = y; row < y + height; row += 1) {
          expect(taken).not.toContain(`${column},${row}`);
          taken.add(`${column},${row}`);
        }
      }
    }
  });

  test('begins with words that lead to pages that there are', () => {
    const [first] = widgets;
    const pages = [...(first.properties.markdown ?? '').matchAll(DOCUMENTATION)].map(([, page]) => page);

    expect(first.type).toBe('text');
    expect(pages).toContain('docs/runbook.md');
    expect(pages.filter(page => !existsSync(join(ROOT, page)))).toEqual([]);
  });
});

describe.each(['local', 'localeks'])('in %s', environment => {
  test.each([
    ['Observability', 'Platform'],
    ['Model-rain', 'Model-rain'],
  ])('the alarms of %s are all those of %s', (id, owner) => {
    const shown = widgetsOf(environment, id).flatMap(({ properties }) => properties.alarms ?? []);
    const there = alarmsOf(stackOf(environment, owner)).map(([logicalId]) => logicalId);

    // an output's name has the logical id in it
    const missing = there.filter(logicalId => !shown.some(arn => arn.includes(logicalId)));
    expect(missing).toEqual([]);
    expect(shown).toHaveLength(there.length);
  });

  test("each of the model's alarms has its threshold as a line in the graph of its metric", () => {
    const graphs = widgetsOf(environment, 'Model-rain').filter(({ type }) => type === 'metric');
    const alarms = alarmsOf(stackOf(environment, 'Model-rain'));

    expect(alarms).toHaveLength(8);
    for (const [, { MetricName, Namespace, Threshold, Dimensions, Statistic, ExtendedStatistic }] of alarms) {
      const dimensions = (Dimensions as { Name: string; Value: unknown }[])
        .map(({ Name, Value }) => `${Name}=${named(Value)}`)
        .sort();
      const graph = graphs.find(each =>
        metricsOf(each).some(
          metric =>
            metric.metricName === MetricName &&
            metric.namespace === Namespace &&
            metric.stat === (Statistic ?? ExtendedStatistic) &&
            Object.entries(metric.dimensions)
              .map(pair => pair.join('='))
              .sort()
              .join() === dimensions.join(),
        ),
      );
      const lines = graph?.properties.annotations?.horizontal?.map(({ value }) => value) ?? [];

      // a period that the monitor missed is seen by itself
      if (MetricName === 'MonitorHeartbeat') expect(graph).toBeDefined();
      else expect(lines).toContain(Threshold);
    }
  });

  test('the dashboard of the environment holds no stack back: nothing is exported for it, and no model is referred to', () => {
    const text = JSON.stringify(stackOf(environment, 'Observability').template);

    expect(text).not.toContain('Fn::ImportValue');
    expect(text).not.toContain(`"StackName":"mlops-${environment}-model-`);
  });
});
