import fc from 'fast-check';
import type { LedgerState } from '../../../lambda/shared/ledger';
import { react } from '../../../lambda/reaction/react';
import type { Signal } from '../../../lambda/reaction/signal';
import { ago, alarm, heldUntil, release, SETTINGS, transition, World } from './world';

const SIGNALS: Signal[] = ['predictionDrift', 'quality', 'inputDrift', 'heartbeat', 'samples'];
const hours = fc.double({ min: 0, max: 200, noNaN: true });
const signal = fc.constantFrom(...SIGNALS);

const ledger: fc.Arbitrary<LedgerState> = fc
  .record({
    current: fc.constantFrom('1', '2', '3', undefined),
    activated: hours,
    healthy: fc.uniqueArray(fc.constantFrom('1', '2', '3')),
    rolledBack: fc.option(hours, { nil: undefined }),
  })
  .map(({ current, activated, healthy, rolledBack }) => ({
    model: 'rain',
    healthy,
    generation: 1,
    ...(current === undefined ? {} : { current, activatedAt: ago(activated) }),
    ...(rolledBack === undefined ? {} : { lastAutomaticRollbackAt: ago(rolledBack) }),
  }));

const red = fc.array(fc.record({ signal, changed: hours }), { maxLength: 5 });
const deliveries = fc.array(
  fc.record({ signal, at: fc.nat(3), state: fc.constantFrom('ALARM' as const, 'OK' as const) }),
  {
    maxLength: 12,
  },
);

/** A world, and transitions that come twice, late and in any order. */
const hold = fc.option(fc.double({ min: -5, max: 5, noNaN: true }), { nil: undefined });
const stories = fc.record({ ledger, hold, red, deliveries, cameByRollback: fc.boolean() });

async function live(story: typeof stories extends fc.Arbitrary<infer T> ? T : never): Promise<World> {
  const world = new World();
  world.ledger = story.ledger;
  if (story.hold !== undefined) world.holding = heldUntil(story.hold);
  world.history = [
    release(story.ledger.current ?? '1', {
      action: story.cameByRollback ? 'rollback' : 'release',
      trafficMovedAt: story.ledger.activatedAt,
      endedAt: story.ledger.activatedAt,
    }),
  ];
  story.red.forEach(each => world.red.set(each.signal, alarm(each.signal, true, ago(each.changed))));
  for (const delivery of story.deliveries) {
    await react(transition(delivery.signal, ago(delivery.at), delivery.state), world);
  }
  return world;
}

function holds(
  property: (world: World, story: typeof stories extends fc.Arbitrary<infer T> ? T : never) => void,
): Promise<void> {
  return fc.assert(
    fc.asyncProperty(stories, async story => {
      property(await live(story), story);
    }),
    { numRuns: 500 },
  );
}

test('each transition leaves one record, and at most one execution, under its own name', () =>
  holds((world, story) => {
    const transitions = new Set(
      story.deliveries
        .filter(delivery => delivery.state === 'ALARM')
        .map(delivery => transition(delivery.signal, ago(delivery.at)).id),
    );
    expect(world.records.map(record => record.id).sort()).toEqual([...transitions].sort());
    for (const name of [...world.releasesStarted.keys(), ...world.pipelinesStarted.keys()]) {
      expect(transitions).toContain(name);
    }
  }));

test('one service of a version is rolled back once', () =>
  holds(world => {
    expect(world.releasesStarted.size).toBeLessThanOrEqual(1);
  }));

test('a rollback goes to a healthy version other than the one that serves', () =>
  holds(world => {
    for (const input of world.releasesStarted.values()) {
      expect(input.action).toBe('rollback');
      expect(input.from).toBe(world.ledger.current);
      expect(world.ledger.healthy).toContain(input.version);
      expect(input.version).not.toBe(input.from);
    }
  }));

test('a rollback takes a regression in windows of the serving version alone, within the rollback window', () =>
  holds(world => {
    if (world.releasesStarted.size === 0) return;
    const activated = Date.parse(world.ledger.activatedAt ?? '');
    const windowMs = 300_000;
    // an alarm of these worlds goes red at the end of the second of two bad windows
    const regressions = (['predictionDrift', 'quality'] as const).filter(
      each => Date.parse(world.red.get(each)?.changedAt ?? '') - windowMs > activated,
    );
    expect(regressions).not.toEqual([]);
    expect((world.time - activated) / 1000).toBeLessThan(SETTINGS.rollbackWindowSeconds);
  }));

test('no rollback within the cooldown, under a hold, or down from a version that came by a rollback', () =>
  holds((world, story) => {
    if (world.releasesStarted.size === 0) return;
    const { lastAutomaticRollbackAt: last } = world.ledger;
    const holdUntil = world.holding.hold?.until;
    expect(last === undefined || (world.time - Date.parse(last)) / 1000 >= SETTINGS.cooldownSeconds).toBe(true);
    expect(holdUntil === undefined || Date.parse(holdUntil) <= world.time).toBe(true);
    expect(story.cameByRollback).toBe(false);
  }));

test('input drift, silence and few rows alone never roll back', () =>
  fc.assert(
    fc.asyncProperty(stories, async story => {
      const quiet = story.red.filter(each => each.signal !== 'predictionDrift' && each.signal !== 'quality');
      const world = await live({ ...story, red: quiet });
      expect(world.releasesStarted.size).toBe(0);
    }),
  ));

test('every decision tells its reason', () =>
  holds(world => {
    expect(world.records.every(record => record.reason.length > 10)).toBe(true);
    const paged = world.records.filter(record => record.decision === 'page' || record.decision === 'retrain').length;
    expect(world.told.length).toBeGreaterThanOrEqual(paged);
  }));

describe('something is done', () => {
  const REGRESSIONS = ['predictionDrift', 'quality'] as const;
  const { rollbackWindowSeconds, cooldownSeconds } = SETTINGS;
  const share = (below: number) => fc.double({ min: 0, max: below, noNaN: true });

  /** A version of any age with an older healthy one, an alarm that went red since it serves, and nothing against a rollback. */
  const regressions = (youngest: number, oldest: number) =>
    fc
      .record({
        age: fc.double({ min: youngest, max: oldest, noNaN: true }),
        changed: share(1),
        regression: fc.constantFrom(...REGRESSIONS),
        others: red,
        before: deliveries,
        healthy: fc.shuffledSubarray(['1', '3'], { minLength: 1 }),
        rolledBack: fc.option(fc.double({ min: cooldownSeconds / 3600, max: 500, noNaN: true }), { nil: undefined }),
      })
      .map(({ age, changed, regression, others, before, healthy, rolledBack }) => {
        // late enough for two windows of its own
        const went = { signal: regression, changed: Math.max(0, age - 0.2) * changed };
        return {
          regression,
          story: {
            ledger: {
              model: 'rain',
              current: '2',
              activatedAt: ago(age),
              healthy: ['2', ...healthy],
              generation: 3,
              ...(rolledBack === undefined ? {} : { lastAutomaticRollbackAt: ago(rolledBack) }),
            },
            red: [...others.filter(({ signal: other }) => other !== regression), went],
            deliveries: [...before, { signal: regression, at: 4, state: 'ALARM' as const }],
            cameByRollback: false,
            hold: undefined,
          },
        };
      });

  test('a regression of a young version is rolled back, whatever else is red or came before', () =>
    fc.assert(
      fc.asyncProperty(regressions(0.2, rollbackWindowSeconds / 3600 - 0.01), async ({ story }) => {
        const world = await live(story);
        expect([...world.releasesStarted.values()]).toEqual([
          expect.objectContaining({ action: 'rollback', from: '2', version: story.ledger.healthy[1] }),
        ]);
      }),
      { numRuns: 500 },
    ));

  test('a regression of a version of long standing is trained against', () =>
    fc.assert(
      fc.asyncProperty(regressions(rollbackWindowSeconds / 3600, 500), async ({ story }) => {
        const world = await live(story);
        expect(world.pipelinesStarted.size).toBe(1);
        expect(world.releasesStarted.size).toBe(0);
      }),
      { numRuns: 500 },
    ));

  test('a regression that nothing can be done about reaches a person', () =>
    fc.assert(
      fc.asyncProperty(regressions(0.2, rollbackWindowSeconds / 3600 - 0.01), async ({ story, regression }) => {
        const world = await live({ ...story, ledger: { ...story.ledger, healthy: ['2'] } });
        expect(world.records.find(({ id }) => id === transition(regression, ago(4)).id)?.decision).toBe('page');
        expect(world.told.length).toBeGreaterThan(0);
      }),
      { numRuns: 500 },
    ));
});
