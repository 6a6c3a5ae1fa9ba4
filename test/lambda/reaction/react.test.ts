import { pipelineInput, releaseInput } from '../../../lambda/shared/contracts';
import { react } from '../../../lambda/reaction/react';
import type { Signal } from '../../../lambda/reaction/signal';
import { ago, alarm, heldUntil, release, SETTINGS, transition, windows, World } from './world';

/** Version 2 serves for four days. */
function longServing(): World {
  const world = new World();
  world.ledger = { ...world.ledger, activatedAt: ago(96) };
  return world;
}

describe('the table of signals, versions and reactions', () => {
  test.each<[Signal[], Signal]>([
    [['predictionDrift'], 'predictionDrift'],
    [['quality'], 'quality'],
    [['inputDrift', 'predictionDrift'], 'inputDrift'],
    [['predictionDrift', 'samples'], 'predictionDrift'],
  ])('%j of a new version rolls back', async (red, trigger) => {
    const world = new World().turnRed(...red);

    const record = await react(transition(trigger), world);

    expect(record).toMatchObject({ decision: 'roll-back', evidence: { from: '2', to: '1', trigger } });
    expect([...world.releasesStarted.keys()]).toEqual([transition(trigger).id]);
    expect(world.pipelinesStarted.size).toBe(0);
  });

  test.each<[Signal[], Signal, Signal]>([
    [['quality'], 'quality', 'quality'],
    [['predictionDrift'], 'predictionDrift', 'predictionDrift'],
    [['inputDrift'], 'inputDrift', 'inputDrift'],
    [['inputDrift', 'predictionDrift', 'quality'], 'inputDrift', 'quality'],
  ])('%j of a long-serving version trains again', async (red, trigger, winner) => {
    const world = longServing().turnRed(...red);

    const record = await react(transition(trigger), world);

    expect(record).toMatchObject({ decision: 'retrain', evidence: { signal: winner } });
    expect(world.pipelinesStarted.size).toBe(1);
    expect(world.releasesStarted.size).toBe(0);
    expect(world.told[0]?.did).toContain('A training run was started');
  });

  const ASLEEP = { since: ago(9), requestedBy: 'schedule:idle', reason: 'it is night' };

  test('too little traffic of what sleeps is nothing, and a silent monitor is something all the same', async () => {
    const world = new World().turnRed('samples', 'heartbeat');
    world.ledger = { ...world.ledger, asleep: ASLEEP };

    const record = await react(transition('samples'), world);
    expect(record).toMatchObject({ decision: 'nothing', reason: expect.stringContaining('it is night') as string });
    expect(world.told).toEqual([]);
    expect((await react(transition('heartbeat'), world))?.decision).toBe('page');
  });

  test.each([
    // three windows of five minutes, and the one in which it woke
    [0.3, 'nothing'],
    [0.4, 'page'],
  ])('too little traffic %d h after it woke is decided upon as %s', async (hours, decision) => {
    const world = new World().turnRed('samples');
    world.ledger = { ...world.ledger, wokenAt: ago(hours) };

    expect((await react(transition('samples'), world))?.decision).toBe(decision);
  });

  test('input drift alone of a new version pages', async () => {
    const world = new World().turnRed('inputDrift');

    const record = await react(transition('inputDrift'), world);

    expect(record?.decision).toBe('page');
    expect(record?.reason).toContain('it was perhaps trained on other data than it meets');
    expect(world.told).toHaveLength(1);
  });

  test.each<Signal>(['samples', 'heartbeat'])(
    '%s pages, whatever else is red and however new the version',
    async trigger => {
      const world = new World().turnRed(trigger, 'quality', 'predictionDrift');

      const record = await react(transition(trigger), world);

      expect(record?.decision).toBe('page');
      expect(world.releasesStarted.size + world.pipelinesStarted.size).toBe(0);
    },
  );

  test('the other red alarms are recorded with the decision', async () => {
    const world = new World().turnRed('inputDrift', 'predictionDrift');

    const record = await react(transition('inputDrift'), world);

    expect(record?.evidence['red']).toEqual([
      expect.objectContaining({ signal: 'predictionDrift', since: ago(0.1), threshold: 0.02 }),
      expect.objectContaining({ signal: 'inputDrift' }),
    ]);
  });

  test('at the very end of the rollback window a version is no longer new', async () => {
    const world = new World().turnRed('quality');
    world.ledger = { ...world.ledger, activatedAt: ago(72) };

    expect((await react(transition('quality'), world))?.decision).toBe('retrain');
  });
});

describe('the windows that are judged', () => {
  test('are of the serving version alone: one of the version before does not speak against it', async () => {
    // GIVEN an alarm on 2 of 3 windows, of which one ended before version 2 was activated
    const world = new World();
    world.red.set('quality', alarm('quality', true, ago(1.95)));
    world.values.set('rain-quality', windows(1.95, 0.3, 0.3));

    // WHEN
    const record = await react(transition('quality', ago(1.95)), world);

    // THEN
    expect(record).toMatchObject({
      decision: 'nothing',
      reason: `of the 2 bad windows that the alarm asks for, 1 are of version 2, which serves since ${ago(2)}: it speaks of the version before`,
    });
  });

  test('may turn an alarm against the version that was red before it came', async () => {
    const world = new World();
    world.red.set('quality', alarm('quality', true, ago(50)));
    world.values.set('rain-quality', windows(1, 0.1, 0.1, 0.3, 0.3));

    expect((await react(transition('quality', ago(50)), world))?.decision).toBe('roll-back');
  });

  test('are recorded with the decision', async () => {
    const world = new World().turnRed('quality');
    world.values.set('rain-quality', windows(0.1, 0.3, 0.4));

    const record = await react(transition('quality'), world);

    expect(record?.evidence['red']).toEqual([expect.objectContaining({ windows: windows(0.1, 0.3, 0.4) })]);
  });
});

describe('a version that follows one that was red itself', () => {
  /** Version 2 serves for two hours; version 1, which was red before it, since 100. */
  function successor(before: number, now: number): World {
    const world = new World().turnRed('quality');
    world.history = [
      release('1', { startedAt: ago(100), endedAt: ago(100) }),
      release('2', { from: '1', trafficMovedAt: ago(2), endedAt: ago(1.99) }),
    ];
    world.values.set('rain-quality', [...windows(2.1, before, before), ...windows(0.1, now, now)]);
    world.red.set('quality', alarm('quality', true, ago(3)));
    return world;
  }

  test('is rolled back when it is worse', async () => {
    expect((await react(transition('quality'), successor(0.1, 0.3)))?.decision).toBe('roll-back');
  });

  test('is not rolled back when it is no worse: then the world has changed', async () => {
    const world = successor(0.3, 0.1);

    const record = await react(transition('quality'), world);

    expect(record?.decision).toBe('page');
    expect(record?.reason).toContain(
      'version 1, to which it would go back, was no better in its own last windows (0.3 on average, now 0.1): the world has changed',
    );
    expect(world.told[0]?.youMay.join()).toContain('roll back to version 1');
  });

  test('is rolled back when the other was good in its last windows', async () => {
    expect((await react(transition('quality'), successor(0, 0.1)))?.decision).toBe('roll-back');
  });
});

describe('nothing is done', () => {
  test('when the alarm is not red any more', async () => {
    const world = new World();

    expect(await react(transition('quality'), world)).toMatchObject({
      decision: 'nothing',
      reason: expect.stringContaining('not red any more') as string,
    });
  });

  test('when the alarm went red about the version before', async () => {
    const world = new World();
    world.red.set('quality', alarm('quality', true, ago(3)));

    expect(await react(transition('quality', ago(3)), world)).toMatchObject({
      decision: 'nothing',
      reason: expect.stringContaining('it speaks of the version before') as string,
    });
  });

  test('while nothing serves', async () => {
    const world = new World().turnRed('heartbeat');
    world.ledger = { model: 'rain', healthy: [], generation: 0 };

    expect(await react(transition('heartbeat'), world)).toMatchObject({
      decision: 'nothing',
      reason: 'no version serves',
    });
  });

  test('when a rollback was asked for already', async () => {
    const world = new World().turnRed('predictionDrift', 'quality');
    await react(transition('predictionDrift'), world);

    const second = await react(transition('quality'), world);

    expect(second?.decision).toBe('nothing');
    expect(second?.reason).toContain(
      "a rollback of it was asked for already, at 2026-11-24T12:00:00.000Z by alarm 'rain-prediction-drift'",
    );
    expect(world.releasesStarted.size).toBe(1);
  });

  test('when training was asked for already', async () => {
    const world = longServing().turnRed('inputDrift', 'quality');
    await react(transition('inputDrift'), world);

    expect((await react(transition('quality'), world))?.reason).toContain('a training run was asked for already');
    expect(world.pipelinesStarted.size).toBe(1);
  });

  test('when the model was removed', async () => {
    const world = new World().turnRed('quality');
    world.reaction = undefined;

    expect((await react(transition('quality'), world))?.reason).toContain('the model has no reaction');
  });

  test('by an alarm that is none of the five', async () => {
    const world = new World().turnRed('quality');

    const record = await react({ ...transition('quality'), alarmName: 'another' }, world);

    expect(record).toMatchObject({ decision: 'nothing', reason: 'the alarm is none of the model' });
  });

  test('and nothing recorded when an alarm returns to OK', async () => {
    const world = new World();

    expect(await react(transition('quality', ago(0.1), 'OK'), world)).toBeUndefined();
    expect(world.records).toEqual([]);
  });
});

describe('instead of a rollback, a person is paged', () => {
  async function reasonOf(world: World): Promise<string> {
    const record = await react(transition('quality'), world.turnRed('quality'));
    expect(record?.decision).toBe('page');
    expect(world.releasesStarted.size).toBe(0);
    expect(world.told).toHaveLength(1);
    return record?.reason ?? '';
  }

  test('within the cooldown of the last automatic one', async () => {
    const world = new World();
    world.ledger = { ...world.ledger, lastAutomaticRollbackAt: ago(2) };

    expect(await reasonOf(world)).toContain('the last automatic rollback was 2 h ago, less than the cooldown of 6 h');
  });

  test('when the version came by a rollback', async () => {
    const world = new World();
    world.history.push(release('2', { action: 'rollback' }));
    world.ledger = { ...world.ledger, lastAutomaticRollbackAt: ago(7) };

    expect(await reasonOf(world)).toContain('it came by a rollback, so an older version is no better a guess');
  });

  test('while a person holds releases', async () => {
    const world = new World();
    world.holding = heldUntil(-1);

    expect(await reasonOf(world)).toContain(`releases are held until ${ago(-1)} by ann: audit`);
    // with the way on, which goes past the hold on the person's own word
    expect(world.told[0]?.youMay.join()).toContain('"action":"rollback","model":"rain","version":"1","from":"2"');
  });

  test('when no other version was ever healthy', async () => {
    const world = new World();
    world.ledger = { ...world.ledger, healthy: ['2'] };

    expect(await reasonOf(world)).toContain('no other version was ever healthy in this environment');
  });

  test('and instead of training where that is off', async () => {
    const world = longServing().turnRed('quality');
    world.reaction = { ...SETTINGS, retrain: false };

    const record = await react(transition('quality'), world);

    expect(record).toMatchObject({
      decision: 'page',
      reason: expect.stringContaining('automatic training is off') as string,
    });
  });
});

describe('after a rollback that failed', () => {
  test('another alarm may ask again', async () => {
    const world = new World().turnRed('predictionDrift', 'quality');
    await react(transition('predictionDrift'), world);
    world.history.push(release('1', { id: transition('predictionDrift').id, action: 'rollback', outcome: 'failed' }));

    expect((await react(transition('quality'), world))?.decision).toBe('roll-back');
  });

  test('that left no record, another alarm may ask again after an hour', async () => {
    const world = new World().turnRed('predictionDrift', 'quality');
    await react(transition('predictionDrift'), world);
    world.time += 3_601_000;

    expect((await react(transition('quality'), world))?.decision).toBe('roll-back');
  });
});

test('looks no further back than a decision needs, however long the history', async () => {
  // GIVEN a training run that was asked for longer ago than the cooldown lasts
  const world = longServing().turnRed('quality');
  const evidence = { from: '2' };
  const old = { id: 'old', alarm: 'rain-quality', alarmAt: ago(7), decidedAt: ago(7), reason: 'r', evidence };
  world.records.push({ ...old, decision: 'retrain' });
  const reactions = jest.spyOn(world, 'reactions');
  const releases = jest.spyOn(world, 'releases');

  // WHEN
  const record = await react(transition('quality'), world);

  // THEN
  expect(record?.decision).toBe('retrain');
  expect(reactions.mock.calls).toEqual([['rain', ago(6)]]);
  expect(releases.mock.calls).toEqual([['rain', 100]]);
});

describe('a delivery that comes again', () => {
  test('acts upon the record, though the world has changed since', async () => {
    // GIVEN the first delivery decided and died before it acted
    const world = new World().turnRed('quality');
    const start = world.startRelease.bind(world);
    world.startRelease = () => Promise.reject(new Error('throttled'));
    await expect(react(transition('quality'), world)).rejects.toThrow('throttled');
    world.startRelease = start;

    // WHEN it is delivered again after the alarm has turned
    world.red.clear();
    await react(transition('quality'), world);

    // THEN
    expect(world.records).toHaveLength(1);
    expect(world.releasesStarted.get(transition('quality').id)).toMatchObject({
      action: 'rollback',
      from: '2',
      version: '1',
    });
  });

  test('goes by the decision of whoever recorded first', async () => {
    // GIVEN two deliveries at once, of which the other has just recorded a page
    const world = new World().turnRed('quality');
    const other = { ...transition('quality'), alarm: 'rain-quality', alarmAt: ago(0.1), decidedAt: ago(0) };
    world.appendReaction = () => {
      world.records.push({ ...other, decision: 'page', reason: 'the other', evidence: { signal: 'quality' } });
      return Promise.resolve('already-recorded');
    };

    // WHEN
    const record = await react(transition('quality'), world);

    // THEN
    expect(record?.reason).toBe('the other');
    expect(world.releasesStarted.size).toBe(0);
  });
});

describe('what is started', () => {
  test('is a release that says from what to what, why and on whose word', async () => {
    const world = new World().turnRed('predictionDrift');

    await react(transition('predictionDrift'), world);

    const input = releaseInput.parse(world.releasesStarted.get(transition('predictionDrift').id));
    expect(input).toMatchObject({
      action: 'rollback',
      model: 'rain',
      version: '1',
      from: '2',
      requestedBy: 'alarm:rain-prediction-drift',
      reason: 'predictions drift while version 2 serves for 2 h, less than the rollback window of 72 h',
    });
  });

  test('is a training run whose trigger is the transition', async () => {
    const world = longServing().turnRed('quality');

    await react(transition('quality'), world);

    const input = pipelineInput.parse([...world.pipelinesStarted.values()][0]);
    expect(input.trigger).toMatchObject({
      kind: 'retrain',
      id: transition('quality').id,
      requestedBy: 'alarm:rain-quality',
    });
  });
});
