import { runMonitorStep } from '../../../lambda/monitor/monitor';
import type { MonitorPlan, PlanResult } from '../../../lambda/monitor/plan';
import type { WindowReport } from '../../../lambda/monitor/report';
import { featureRow, labelRows, World } from './world';

const MODEL = 'rain';

/** Runs the steps as the state machine does. */
async function monitor(world: World, periodStart: string, labelled = true): Promise<MonitorPlan> {
  const { plan, featureQuery, labelQuery } = (await runMonitorStep(
    { step: 'plan', input: { model: MODEL, periodStart } },
    world,
  )) as PlanResult;
  if (featureQuery !== undefined) {
    await runMonitorStep({ step: 'collect', plan, queryExecutionId: `features ${periodStart}` }, world);
  }
  await runMonitorStep(
    {
      step: 'score',
      plan,
      labelQueryExecutionId: labelQuery === undefined || !labelled ? null : `labels ${periodStart}`,
    },
    world,
  );
  return plan;
}

function report(world: World, windowStart: string): WindowReport {
  return world.objects.get(`reports/model=rain/${windowStart}.json`) as WindowReport;
}

/** A world whose hours hold 300 rows each. */
function servedWorld(cold = 150, low = 210): World {
  const world = new World();
  for (const hour of ['02', '03', '05'].map(each => `2026-11-24T${each}:00:00Z`)) {
    world.queries.set(`features ${hour}`, [featureRow(300, cold, low)]);
  }
  return world;
}

describe('plan', () => {
  const plan = async (world: World, input: object): Promise<PlanResult> =>
    (await runMonitorStep({ step: 'plan', input }, world)) as PlanResult;

  test('counts the period that is asked for, of the version that serves', async () => {
    const {
      plan: planned,
      featureQuery,
      labelQuery,
    } = await plan(new World(), {
      model: MODEL,
      periodStart: '2026-11-24T02:00:00Z',
    });

    expect(planned).toMatchObject({ judgesWindow: false, serving: { version: '2' } });
    expect(featureQuery).toContain("AND version = '2'");
    expect(labelQuery).toBeUndefined();
  });

  test('joins labels when the period closes its window', async () => {
    const { labelQuery } = await plan(new World(), { model: MODEL, periodStart: '2026-11-24T03:00:00Z' });

    expect(labelQuery).toContain('LEFT JOIN');
    // the version serves since the 20th, within the horizon
    expect(labelQuery).toContain("day BETWEEN '2026-11-20' AND '2026-11-24'");
  });

  test.each([
    [{ scheduledTime: '2026-11-24T03:20:00Z' }, '2026-11-24T02:00:00Z'],
    [{}, '2026-11-24T03:00:00Z'],
  ])('finds the last closed period by %j', async (input, start) => {
    const { plan: planned } = await plan(new World(), { model: MODEL, ...input });

    expect(planned.period.start).toBe(Date.parse(start));
  });

  test('counts rows from the activation on, within the period too', async () => {
    const world = new World();
    world.service = { version: '2', activatedAt: '2026-11-24T02:30:00.000Z' };

    const { featureQuery } = await plan(world, { model: MODEL, periodStart: '2026-11-24T02:00:00Z' });

    expect(featureQuery).toContain(`event_time_ms >= ${Date.parse('2026-11-24T02:30:00Z')}`);
  });

  test.each([undefined, { version: '3', activatedAt: '2026-11-24T03:00:00.000Z' }])(
    'counts nothing when %j served only later',
    async service => {
      const world = new World();
      world.service = service;

      const result = await plan(world, { model: MODEL, periodStart: '2026-11-24T02:00:00Z' });

      expect(result.featureQuery).toBeUndefined();
      expect(result.plan.serving).toBeUndefined();
    },
  );

  test('fails for a period that has not ended', async () => {
    await expect(plan(new World(), { model: MODEL, periodStart: '2026-11-24T04:00:00Z' })).rejects.toThrow(
      'must be one that has ended',
    );
  });

  test('fails for an input that is none', async () => {
    await expect(plan(new World(), { model: MODEL, period: 'last' })).rejects.toThrow('period');
  });
});

describe('metrics', () => {
  test('a period within a window is counted and gives a heartbeat only', async () => {
    const world = servedWorld();

    await monitor(world, '2026-11-24T02:00:00Z');

    expect(world.published).toEqual([{ name: 'MonitorHeartbeat', value: 1, at: world.time.getTime() }]);
    expect(world.objects.get('counts/model=rain/version=2/edges=e1/2026-11-24T02:00:00.000Z.json')).toMatchObject({
      counts: { rows: 300, features: { temp: [150, 150, 0] }, prediction: [210, 90, 0] },
    });
  });

  test('a quiet window has zeros, timed within its last minute', async () => {
    const world = servedWorld();

    await monitor(world, '2026-11-24T02:00:00Z');
    await monitor(world, '2026-11-24T03:00:00Z');

    const at = Date.parse('2026-11-24T03:59:00Z');
    expect(world.published).toEqual(
      expect.arrayContaining([
        { name: 'SampleCount', value: 600, at },
        { name: 'PredictionPsiExcess', value: 0, at },
        { name: 'DriftedFeatureShare', value: 0, at },
      ]),
    );
    expect(world.metric('QualityDelta')).toEqual([]);
  });

  test('drifted predictions show their excess, drifted inputs their share', async () => {
    const world = servedWorld(280, 300);

    await monitor(world, '2026-11-24T02:00:00Z');
    await monitor(world, '2026-11-24T03:00:00Z');

    expect(world.metric('PredictionPsiExcess')[0]).toBeGreaterThan(0.3);
    expect(world.metric('DriftedFeatureShare')).toEqual([1]);
    expect(report(world, '2026-11-24T02:00:00.000Z')).toMatchObject({ driftedFeatures: ['temp'], periodsCounted: 2 });
  });

  test('of a version that left while they were counted are no evidence against the one that came', async () => {
    const world = servedWorld(280, 300);
    await monitor(world, '2026-11-24T02:00:00Z');
    const { plan } = (await runMonitorStep(
      { step: 'plan', input: { model: MODEL, periodStart: '2026-11-24T03:00:00Z' } },
      world,
    )) as PlanResult;
    await runMonitorStep({ step: 'collect', plan, queryExecutionId: 'features 2026-11-24T03:00:00Z' }, world);

    world.service = { version: '3', activatedAt: '2026-11-24T04:10:00.000Z' };
    await runMonitorStep({ step: 'score', plan, labelQueryExecutionId: null }, world);

    expect(world.metric('PredictionPsiExcess')).toEqual([]);
    expect(world.metric('MonitorHeartbeat')).toEqual([1, 1]);
  });

  test('too few rows give their number and a heartbeat, and nothing is judged', async () => {
    const world = new World();
    world.queries.set('features 2026-11-24T03:00:00Z', [featureRow(99, 99, 99)]);

    await monitor(world, '2026-11-24T03:00:00Z');

    expect(world.published.map(metric => metric.name)).toEqual(['SampleCount', 'MonitorHeartbeat']);
    expect(world.metric('SampleCount')).toEqual([99]);
  });

  test('without a version that serves there is a heartbeat only', async () => {
    const world = new World();
    world.service = undefined;

    await monitor(world, '2026-11-24T03:00:00Z');

    expect(world.published.map(metric => metric.name)).toEqual(['MonitorHeartbeat']);
    expect([...world.objects.keys()]).toEqual([]);
  });
});

describe('rows of an earlier service', () => {
  test('of another version do not enter the window', async () => {
    // GIVEN version 2 drifted in the first hour, then version 1 came back
    const world = servedWorld(280, 300);
    await monitor(world, '2026-11-24T02:00:00Z');
    world.service = { version: '1', activatedAt: '2026-11-24T03:00:00.000Z' };
    world.queries.set('features 2026-11-24T03:00:00Z', [featureRow(300, 150, 210)]);

    // WHEN
    await monitor(world, '2026-11-24T03:00:00Z');

    // THEN
    expect(world.metric('SampleCount')).toEqual([300]);
    expect(world.metric('PredictionPsiExcess')).toEqual([0]);
  });

  test('of the same version do not either', async () => {
    // GIVEN the hour was counted while version 2 served for the first time
    const world = servedWorld(280, 300);
    await monitor(world, '2026-11-24T02:00:00Z');

    // WHEN it serves again since the middle of that hour, which is not counted again
    world.service = { version: '2', activatedAt: '2026-11-24T02:30:00.000Z' };
    await monitor(world, '2026-11-24T03:00:00Z');

    // THEN
    expect(world.metric('SampleCount')).toEqual([300]);
  });

  test('a period that is counted again replaces what was counted', async () => {
    const world = servedWorld();
    await monitor(world, '2026-11-24T02:00:00Z');
    await monitor(world, '2026-11-24T02:00:00Z');

    await monitor(world, '2026-11-24T03:00:00Z');

    expect(world.metric('SampleCount')).toEqual([600]);
  });
});

describe('a period that failed in its time and is counted later', () => {
  test('has its window judged again, since it was the last that was missing', async () => {
    // GIVEN the window was judged without its first hour
    const world = servedWorld();
    await monitor(world, '2026-11-24T03:00:00Z');
    expect(world.metric('SampleCount')).toEqual([300]);

    // WHEN
    await monitor(world, '2026-11-24T02:00:00Z');

    // THEN
    expect(world.metric('SampleCount')).toEqual([300, 600]);
    expect(report(world, '2026-11-24T02:00:00.000Z')).toMatchObject({ periodsCounted: 2 });
  });

  test('does not while another of its periods is missing', async () => {
    const world = servedWorld();
    world.monitoring = { ...world.monitoring, windowPeriods: 4, graceSeconds: 0 };
    await monitor(world, '2026-11-24T03:00:00Z');

    expect(await monitor(world, '2026-11-24T02:00:00Z')).toMatchObject({ judgesWindow: false });
    expect(world.metric('SampleCount')).toEqual([300]);
  });

  test('does not before its window has closed, grace included', async () => {
    const world = servedWorld();
    await monitor(world, '2026-11-24T03:00:00Z');
    world.time = new Date('2026-11-24T04:14:59Z');

    expect(await monitor(world, '2026-11-24T02:00:00Z')).toMatchObject({ judgesWindow: false });
  });
});

describe('quality', () => {
  const FIRST = '2026-11-24T03:00:00Z';
  const SECOND = '2026-11-24T05:00:00Z';

  function labelledWorld(): World {
    const world = servedWorld();
    world.time = new Date('2026-11-24T08:20:00Z');
    return world;
  }

  test('is the baseline minus the AUC of the labels', async () => {
    const world = labelledWorld();
    world.queries.set(`labels ${FIRST}`, labelRows('2026-11-24T02:00:00Z', 50, 20));

    await monitor(world, FIRST);

    expect(world.metric('QualityDelta')[0]).toBeCloseTo(0.86 - 0.5, 12);
    expect(report(world, '2026-11-24T02:00:00.000Z')).toMatchObject({ auc: 0.5, labels: 100, labelledShare: 1 });
  });

  test('is judged by the labels that have come since the last judgement', async () => {
    // GIVEN good labels in the first window
    const world = labelledWorld();
    world.queries.set(`labels ${FIRST}`, labelRows('2026-11-24T02:00:00Z', 50, 90));
    await monitor(world, FIRST);

    // WHEN bad ones follow, beside the good ones that are still within the horizon
    world.queries.set(`labels ${SECOND}`, [
      ...labelRows('2026-11-24T02:00:00Z', 50, 90),
      ...labelRows('2026-11-24T04:00:00Z', 60, 20),
    ]);
    await monitor(world, SECOND);

    // THEN
    expect(world.metric('QualityDelta')[0]).toBeCloseTo(0.86 - 1, 12);
    expect(world.metric('QualityDelta')[1]).toBeCloseTo(0.86 - 0.5, 12);
  });

  test('waits until enough labels have come together', async () => {
    const world = labelledWorld();
    world.queries.set(`labels ${FIRST}`, labelRows('2026-11-24T02:00:00Z', 30, 20));
    await monitor(world, FIRST);
    expect(world.metric('QualityDelta')).toEqual([]);

    world.queries.set(`labels ${SECOND}`, labelRows('2026-11-24T02:00:00Z', 55, 20));
    await monitor(world, SECOND);

    expect(report(world, '2026-11-24T04:00:00.000Z')).toMatchObject({ labels: 110, auc: 0.5 });
  });

  test('says the same when the window is judged again', async () => {
    const world = labelledWorld();
    world.queries.set(`labels ${FIRST}`, labelRows('2026-11-24T02:00:00Z', 50, 20));

    await monitor(world, FIRST);
    await monitor(world, FIRST);

    const [first, second] = world.metric('QualityDelta');
    expect(second).toBe(first);
  });

  test('is not judged by a handful of one class', async () => {
    const world = labelledWorld();
    world.queries.set(`labels ${FIRST}`, [
      { period: '494098', label: '1', bin: '10', n: '3' },
      { period: '494098', label: '0', bin: '20', n: '500' },
    ]);

    await monitor(world, FIRST);

    expect(world.metric('QualityDelta')).toEqual([]);
  });
});

test('a failure is told in words, and leaves no heartbeat', async () => {
  const world = new World();

  await runMonitorStep(
    {
      step: 'page',
      model: MODEL,
      execution: 'arn:execution',
      error: 'States.Timeout',
      cause: 'the query took too long',
    },
    world,
  );

  expect(world.told[0]?.what).toContain('States.Timeout: the query took too long');
  expect(world.published).toEqual([]);
});

test('fails when the query answered no row', async () => {
  const world = new World();
  const { plan } = (await runMonitorStep(
    { step: 'plan', input: { model: MODEL, periodStart: '2026-11-24T02:00:00Z' } },
    world,
  )) as PlanResult;

  await expect(runMonitorStep({ step: 'collect', plan, queryExecutionId: 'none' }, world)).rejects.toThrow(
    "query 'none' must answer one row of counts, got none",
  );
});
