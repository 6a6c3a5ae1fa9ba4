import { react } from '../../../lambda/reaction/react';
import { sweep } from '../../../lambda/reaction/sweep';
import type { ReactionSettings } from '../../../lambda/shared/contracts';
import type { ReleaseRecord } from '../../../lambda/shared/ledger';
import { ago, alarm, heldUntil, release, SETTINGS, transition, windows, World } from './world';

/** Version 2 serves for two hours under a quality alarm that has been red for `hours`, with bad windows of its own. */
function redFor(hours: number): World {
  const world = new World();
  world.red.set('quality', alarm('quality', true, ago(hours)));
  world.values.set('rain-quality', windows(0.5, 0.3, 0.3));
  return world;
}

test('a bad successor of a red champion is rolled back, though the alarm makes no new transition', async () => {
  const world = redFor(50);

  await sweep(world);

  expect([...world.releasesStarted.values()]).toEqual([
    expect.objectContaining({ action: 'rollback', from: '2', version: '1', requestedBy: 'alarm:rain-quality' }),
  ]);
});

test('an event that was lost is made up for', async () => {
  const world = redFor(0.5);

  await sweep(world);

  expect(world.records).toMatchObject([{ decision: 'roll-back', alarmAt: ago(0.5) }]);
});

test('however often it sweeps, it decides once for one activation', async () => {
  // GIVEN nothing to roll back to, so that a person is paged
  const world = redFor(50);
  world.ledger = { ...world.ledger, healthy: ['2'] };

  // WHEN
  await sweep(world);
  await sweep(world);

  // THEN
  expect(world.records).toMatchObject([{ decision: 'page' }]);
  expect(world.told).toHaveLength(1);
});

test('and again for the next one', async () => {
  const world = redFor(50);
  world.ledger = { ...world.ledger, healthy: ['2'] };
  await sweep(world);

  world.time += 2 * 3_600_000;
  world.ledger = { ...world.ledger, current: '3', activatedAt: ago(-1), healthy: ['3', '2'] };
  world.values.set('rain-quality', windows(-2, 0.3, 0.3));
  await sweep(world);

  expect(world.records.map(({ decision }) => decision)).toEqual(['page', 'roll-back']);
});

test('a sweep that died after its record acts upon it when it comes again', async () => {
  const world = redFor(50);
  const start = world.startRelease.bind(world);
  world.startRelease = () => Promise.reject(new Error('throttled'));
  expect(await sweep(world)).toEqual(["'rain': Error: throttled"]);
  world.startRelease = start;

  await sweep(world);

  expect(world.releasesStarted.size).toBe(1);
});

describe('it leaves alone', () => {
  test('an alarm that went red just now, whose own event is on its way', async () => {
    const world = redFor(0.1);
    await sweep(world);
    expect(world.records).toEqual([]);
  });

  test('what was decided since the version serves', async () => {
    const world = redFor(1);
    world.holding = heldUntil(-1);
    await react(transition('quality', ago(1)), world);
    world.holding = { model: 'rain', generation: 2 };

    await sweep(world);

    expect(world.records).toMatchObject([{ decision: 'page' }]);
  });

  test('an alarm that is red about the version before, until its windows speak of this one', async () => {
    // GIVEN its event was decided upon when one window alone was of version 2
    const world = redFor(1.95);
    world.values.set('rain-quality', windows(1.95, 0.3, 0.3));
    await react(transition('quality', ago(1.95)), world);

    // WHEN / THEN
    await sweep(world);
    expect(world.records.map(({ decision }) => decision)).toEqual(['nothing']);

    // WHEN / THEN
    world.values.set('rain-quality', windows(1.85, 0.3, 0.3, 0.3));
    await sweep(world);
    expect(world.records.map(({ decision }) => decision)).toEqual(['nothing', 'roll-back']);
  });

  test('a model while a release of it is under way', async () => {
    const world = redFor(50);
    world.ledger = { ...world.ledger, lockOwner: 'e', lockExpiresAt: ago(-1) };
    await sweep(world);
    expect(world.records).toEqual([]);
  });

  test('a model that has no reaction or serves nothing', async () => {
    const removed = redFor(50);
    removed.reaction = undefined;
    await sweep(removed);
    const fresh = redFor(50);
    fresh.ledger = { model: 'rain', healthy: [], generation: 1 };
    await sweep(fresh);
    expect([...removed.records, ...fresh.records]).toEqual([]);
  });
});

test('a silent monitor is told of again when a version was activated under its silence', async () => {
  const world = new World();
  world.red.set('heartbeat', alarm('heartbeat', true, ago(50)));

  await sweep(world);

  expect(world.records).toMatchObject([{ decision: 'page', evidence: { signal: 'heartbeat' } }]);
});

describe('too little traffic of a model that sleeps at night', () => {
  const ASLEEP = { since: ago(10), requestedBy: 'schedule:idle', reason: 'it is night' };
  /** So long its alarm still looks at windows of the night: three of five minutes, and the one in which it woke. */
  const LOOKS_BACK_HOURS = 0.34;

  /** Red since the night, which its own event found no reason to tell of, and swept in the night. */
  async function night(): Promise<World> {
    const world = new World();
    world.ledger = { ...world.ledger, activatedAt: ago(100), asleep: ASLEEP };
    world.red.set('samples', alarm('samples', true, ago(9)));
    await react(transition('samples', ago(9)), world);
    await sweep(world);
    return world;
  }

  /** Sweeps when it has been awake for so long, and at each five minutes of the hour after that. */
  async function wokenFor(world: World, hours: number): Promise<void> {
    world.ledger = {
      ...world.ledger,
      asleep: undefined,
      wokenAt: new Date(world.time - hours * 3_600_000).toISOString(),
    };
    await sweepForAnHour(world);
  }

  async function sweepForAnHour(world: World): Promise<void> {
    for (let sweeps = 0; sweeps < 12; sweeps += 1) {
      await sweep(world);
      world.time += 5 * 60_000;
    }
  }

  test('is told of once when it stays too little after it woke', async () => {
    // GIVEN
    const world = await night();
    expect(world.told).toEqual([]);

    // WHEN
    await wokenFor(world, 0);

    // THEN
    expect(world.told).toHaveLength(1);
    expect(world.records.map(({ decision }) => decision)).toEqual(['nothing', 'page']);
  });

  test('is not told of, nor decided upon by a sweep, while its alarm looks at windows of the night', async () => {
    const world = await night();
    world.ledger = { ...world.ledger, asleep: undefined, wokenAt: ago(LOOKS_BACK_HOURS - 0.02) };

    await sweep(world);

    expect(world.records.map(({ decision }) => decision)).toEqual(['nothing']);
  });

  test('is told of again on another day on which it goes red once more, though not each morning', async () => {
    // GIVEN a first day, of which it was told
    const world = await night();
    await wokenFor(world, LOOKS_BACK_HOURS);
    expect(world.told).toHaveLength(1);

    // WHEN it stays red through the next night
    world.time += 24 * 3_600_000;
    await wokenFor(world, LOOKS_BACK_HOURS);

    // THEN
    expect(world.told).toHaveLength(1);

    // WHEN it was in order meanwhile, and went red in the night after that
    world.time += 24 * 3_600_000;
    world.red.set('samples', alarm('samples', true, new Date(world.time - 9 * 3_600_000).toISOString()));
    await wokenFor(world, LOOKS_BACK_HOURS);

    // THEN
    expect(world.told).toHaveLength(2);
  });
});

describe('a way back that was tried while the model slept', () => {
  /** Decided at night, ended with `outcome`, and the same version woke after it. */
  async function morningAfter(outcome: ReleaseRecord['outcome']): Promise<World> {
    const world = redFor(1.5);
    await sweep(world);
    const [id = ''] = world.releasesStarted.keys();
    world.history.push(release('1', { id, action: 'rollback', from: '2', outcome, endedAt: ago(0) }));
    world.time += 8 * 3_600_000;
    world.ledger = { ...world.ledger, wokenAt: new Date(world.time - 600_000).toISOString() };
    return world;
  }

  test.each(['failed', 'undone'] as const)(
    'and %s is decided upon anew once the version woke, and once only',
    async how => {
      // GIVEN
      const world = await morningAfter(how);

      // WHEN
      await sweep(world);
      await sweep(world);

      // THEN
      expect(world.records.map(({ decision }) => decision)).toEqual(['roll-back', 'roll-back']);
      expect(world.releasesStarted.size).toBe(2);
    },
  );

  test('is the last word while the model sleeps on', async () => {
    const world = await morningAfter('failed');
    world.ledger = { ...world.ledger, wokenAt: undefined };

    await sweep(world);

    expect(world.releasesStarted.size).toBe(1);
  });

  test('and was refused stays so', async () => {
    const world = await morningAfter('refused');

    await sweep(world);

    expect(world.releasesStarted.size).toBe(1);
  });
});

test('one model that fails stops none of the others', async () => {
  const world = redFor(50);
  const settings = world.settings.bind(world);
  world.models = () => Promise.resolve(['broken', 'rain']);
  world.settings = (model?: string) => (model === 'broken' ? Promise.reject(new Error('no JSON')) : settings());

  expect(await sweep(world)).toEqual(["'broken': Error: no JSON"]);

  expect(world.releasesStarted.size).toBe(1);
});

describe('a sweep tells that it looked', () => {
  test('once it has looked at every model', async () => {
    const world = redFor(50);
    expect(await sweep(world)).toEqual([]);
    expect(world.sweeps).toBe(1);
  });

  test.each<[string, (world: World) => void]>([
    ['a model has settings that nobody can read', world => (world.settings = () => Promise.reject(new Error('bad')))],
    ['the ledger does not answer', world => (world.models = () => Promise.reject(new Error('bad')))],
    ['CloudWatch does not answer', world => (world.redAlarms = () => Promise.reject(new Error('bad')))],
    ['a decision cannot be written', world => (world.appendReaction = () => Promise.reject(new Error('bad')))],
  ])('and is silent, but fails not itself, when %s', async (_, breakIt) => {
    // GIVEN
    const world = redFor(50);
    breakIt(world);

    // WHEN
    const failures = await sweep(world);

    // THEN
    expect(failures).toEqual([expect.stringMatching(/Error: bad$/)]);
    expect(world.sweeps).toBe(0);
  });

  test('and fails not itself when even that cannot be told', async () => {
    const world = new World();
    world.swept = () => Promise.reject(new Error('throttled'));
    expect(await sweep(world)).toEqual(['Error: throttled']);
  });
});

test("of models without a red alarm it asks CloudWatch once for all, and of nobody else's alarms", async () => {
  // GIVEN
  const world = new World();
  const models = ['rain', 'snow', 'hail'];
  const alarmsOf = (model: string): ReactionSettings['alarms'] => ({
    ...SETTINGS.alarms,
    quality: `${model}-quality`,
  });
  world.models = () => Promise.resolve(models);
  world.settings = (model = '') => Promise.resolve({ ...SETTINGS, alarms: alarmsOf(model) });
  const asked = { alarms: jest.spyOn(world, 'alarms'), red: jest.spyOn(world, 'redAlarms') };

  // WHEN
  await sweep(world);

  // THEN
  expect(asked.red.mock.calls).toEqual([[models.flatMap(model => Object.values(alarmsOf(model)))]]);
  expect(asked.alarms).not.toHaveBeenCalled();
});

test('a champion is judged while a release only shadows it, and not while traffic moves', async () => {
  // GIVEN
  const underway = {
    id: 'r',
    action: 'release' as const,
    version: '3',
    requestedBy: 'ann',
    reason: 'r',
    startedAt: ago(1),
  };
  const moving = redFor(50);
  moving.ledger = { ...moving.ledger, lockOwner: 'arn:r', underway };
  const shadowing = redFor(50);
  shadowing.ledger = { ...shadowing.ledger, lockOwner: 'arn:r', underway: { ...underway, shadowing: true } };

  // WHEN
  await sweep(moving);
  await sweep(shadowing);

  // THEN
  expect(moving.records).toEqual([]);
  expect(shadowing.records).toMatchObject([{ decision: 'roll-back' }]);
});
