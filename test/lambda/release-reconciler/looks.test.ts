import { reconcile } from '../../../lambda/release-reconciler/reconcile';
import { WEEKDAYS } from '../../../lambda/shared/contracts';
import { reconcilerPorts } from '../release-model/reconciler-ports';
import { release, rollBack, start } from '../release-step/support/machine';
import { MODEL, SETTINGS, World } from '../release-step/support/world';

const MINUTE = 60;
const HOUR = 60 * MINUTE;

/** Up from seven to twenty by the clocks of UTC. */
const IDLE = { awake: { days: [...WEEKDAYS], from: '07:00', to: '20:00', timeZone: 'UTC' } };

/** Version 2 serves after version 1, on Tuesday the 24th at one. */
async function released(): Promise<World> {
  const world = new World();
  for (const version of ['1', '2']) {
    world.register(version);
    await release(world, version);
  }
  world.now = Date.parse('2026-11-24T01:00:00.000Z');
  return world;
}

/** Version 2 sleeps since one, and its hours want it up from seven on. */
async function asleep(): Promise<World> {
  const world = await released();
  world.settings = { ...SETTINGS, idle: IDLE };
  await start(world, 'sleep', { action: 'sleep', model: MODEL, requestedBy: 'ann', reason: 'because' }).run();
  world.notifications.length = 0;
  return world;
}

/** When executions began, in minutes since the first look: the reconciler looks every five minutes, and each comes to its end. */
async function looks(world: World, seconds: number, names = new Set<string>()): Promise<number[]> {
  const first = world.now;
  const began: number[] = [];
  for (let due = first; due < first + seconds * 1000; due += 5 * MINUTE * 1000) {
    world.now = Math.max(world.now, due);
    const started: (() => Promise<unknown>)[] = [];
    await reconcile(
      reconcilerPorts(world, (name, input) => {
        // as Step Functions: the second start under one name does nothing
        if (!names.has(name)) started.push(() => start(world, name, input).run());
        names.add(name);
        expect(name).toMatch(/^[\w-]{1,80}$/);
      }),
    );
    for (const run of started) {
      began.push((world.now - first) / 60_000);
      await run();
    }
  }
  return began;
}

const gaps = (times: readonly number[]): number[] => times.slice(1).map((time, index) => time - (times[index] ?? 0));

describe('hours that cannot be kept', () => {
  test('since the version was rejected in the night are tried, and told of, once an hour', async () => {
    // GIVEN
    const world = await asleep();
    world.setApproval('2', 'Rejected');
    // not at the full hour, so that nothing but the first attempt says when the next one is
    world.now = Date.parse('2026-11-24T07:03:00.000Z');

    // WHEN
    const began = await looks(world, 4 * HOUR);

    // THEN
    expect(world.releases.filter(({ action }) => action === 'wake')).toHaveLength(began.length);
    expect(world.notifications).toHaveLength(began.length);
    expect(began).toHaveLength(4);
    expect(Math.min(...gaps(began))).toBeGreaterThanOrEqual(55);
    expect(world.serving.look().state).toBe('absent');
  });

  test('since what serves cannot be taken down are tried once an hour', async () => {
    // GIVEN
    const world = await released();
    world.settings = { ...SETTINGS, idle: IDLE };
    world.now = Date.parse('2026-11-24T20:00:00.000Z');
    world.fault = call => (call === 'target.rest' ? 'before' : undefined);

    // WHEN
    const began = await looks(world, 3 * HOUR);

    // THEN
    expect(began).toHaveLength(3);
    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
  });

  test('are kept by the next attempt once they can', async () => {
    const world = await asleep();
    world.setApproval('2', 'Rejected');
    world.now = Date.parse('2026-11-24T07:00:00.000Z');
    const names = new Set<string>();
    await looks(world, 10 * MINUTE, names);

    world.setApproval('2', 'Approved');
    await looks(world, 2 * HOUR, names);

    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
    expect(names.size).toBe(2);
  });
});

describe('hours that changed while what they had asked for came about', () => {
  test('in the morning have the model up all the same', async () => {
    // GIVEN a night through which nobody looked
    const world = await released();
    world.settings = { ...SETTINGS, idle: IDLE };
    world.target.movementSeconds = 5 * MINUTE;
    world.now = Date.parse('2026-11-25T06:58:00.000Z');

    // WHEN
    await looks(world, HOUR);

    // THEN
    expect(world.releases.slice(-2)).toMatchObject([{ action: 'sleep' }, { action: 'wake', outcome: 'succeeded' }]);
    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
  });

  test('in the evening have it asleep all the same', async () => {
    // GIVEN a day through which nobody looked
    const world = await asleep();
    world.target.movementSeconds = 5 * MINUTE;
    world.now = Date.parse('2026-11-24T19:58:00.000Z');

    // WHEN
    await looks(world, HOUR);

    // THEN
    const [woke] = world.releases.slice(-2);
    expect(world.releases.slice(-2)).toMatchObject([{ action: 'wake' }, { action: 'sleep', outcome: 'succeeded' }]);
    // alarms are silent since then
    expect(world.state().wokenAt).toBe(woke?.endedAt);
    expect(world.serving.look().state).toBe('absent');
  });
});

describe('a version that a rollback left out of its place', () => {
  /** No instance is to be had: the machine tries, and all stays where it is. */
  async function leftOut(): Promise<World> {
    const world = await released();
    world.target.force({ ...world.target.look(), outOfPlace: true });
    world.notifications.length = 0;
    return world;
  }

  test('is brought home every six hours, and told of as often, while no instance is to be had', async () => {
    const world = await leftOut();

    const began = await looks(world, 18 * HOUR);

    expect(began).toHaveLength(3 + 1);
    expect(world.notifications).toHaveLength(began.length);
    expect(Math.min(...gaps(began.slice(1)))).toBeGreaterThanOrEqual(6 * 60 - 5);
  });

  test('is brought home at once when yet another rollback left it there', async () => {
    // GIVEN
    const world = await leftOut();
    const names = new Set<string>();
    await looks(world, 10 * MINUTE, names);
    expect(names.size).toBe(1);

    // WHEN
    await rollBack(world, '2', '1');
    world.target.force({ ...world.target.look(), outOfPlace: true });
    await looks(world, 10 * MINUTE, names);

    // THEN
    expect(names.size).toBe(2);
  });
});

test('a shadow that cannot be ended is tried once an hour', async () => {
  // GIVEN
  const world = await released();
  const shadowed = { ...world.target.look(), shadow: { id: 'd-3', version: '3' } };
  world.target.force(shadowed);
  world.target.tidy = () => Promise.resolve();
  world.fault = call => (call === 'target.shift' ? 'before' : undefined);

  // WHEN
  const began = await looks(world, 6 * HOUR);

  // THEN
  expect(world.target.look()).toEqual(shadowed);
  expect(began.length).toBeGreaterThan(1);
  expect(Math.min(...gaps(began.slice(1)))).toBeGreaterThanOrEqual(55);
});
