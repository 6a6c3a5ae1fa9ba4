import { reconcile } from '../../../lambda/release-reconciler/reconcile';
import type { Execution } from '../../support/state-machine';
import { reconcilerPorts } from '../release-model/reconciler-ports';
import { release, request, rollBack, start } from './support/machine';
import { EKS_SETTINGS, serveOnKubernetes } from './support/kubernetes-world';
import { MODEL, SETTINGS, World, type Nature } from './support/world';

const LEASES = 3 * 3600;

/** Two versions were released in turn, and the model may sleep. */
async function released(natures: Record<string, Nature> = {}): Promise<World> {
  const world = new World();
  world.settings = { ...SETTINGS, idle: {} };
  for (const version of ['1', '2', '3']) world.register(version, natures[version]);
  for (const version of ['1', '2']) await release(world, version);
  return world;
}

function ask(world: World, action: 'sleep' | 'wake', name: string = action, requestedBy = 'ann'): Execution {
  const input = { action, model: MODEL, requestedBy, reason: 'because' };
  return start(world, name, input);
}

async function asleep(natures?: Record<string, Nature>): Promise<World> {
  const world = await released(natures);
  await ask(world, 'sleep', 'evening').run();
  world.notifications.length = 0;
  return world;
}

describe('sleep', () => {
  test('takes down what serves, and it stays the version that is released', async () => {
    const world = await released();
    const { activatedAt } = world.state();

    await ask(world, 'sleep').run();

    expect(world.serving.look()).toEqual({ state: 'absent' });
    expect(world.state()).toMatchObject({ current: '2', activatedAt, healthy: ['2', '1'] });
    expect(world.state().asleep).toMatchObject({ requestedBy: 'ann', reason: 'because' });
    expect([world.target.has('1'), world.target.has('2')]).toEqual([true, true]);
    expect(world.releases.at(-1)).toMatchObject({ action: 'sleep', version: '2', outcome: 'succeeded' });
    expect(world.notifications.at(-1)?.youMay.join()).toContain('mlops wake rain');
  });

  test.each([
    ['its settings let it not', (world: World) => (world.settings = SETTINGS), 'may not sleep in this environment'],
    [
      'something else serves',
      (world: World) => {
        world.target.force({ state: 'serving', deployment: { id: 'd-1', version: '1' } });
      },
      'something else than version 2',
    ],
  ])('is refused where %s', async (_where, change, reason) => {
    const world = await released();
    change(world);

    await ask(world, 'sleep').run();

    expect(world.releases.at(-1)).toMatchObject({ outcome: 'refused', detail: expect.stringContaining(reason) });
    expect(world.serving.look().state).toBe('serving');
    expect(world.state().asleep).toBeUndefined();
  });

  test('is refused where nothing was ever released, and where it sleeps already', async () => {
    const world = new World();
    world.settings = { ...SETTINGS, idle: {} };
    await ask(world, 'sleep', 'first').run();
    expect(world.releases.at(-1)?.detail).toContain('no version');

    const sleeping = await asleep();
    await ask(sleeping, 'sleep').run();
    expect(sleeping.releases.at(-1)).toMatchObject({ outcome: 'refused' });
    expect(sleeping.state().asleep).toBeDefined();
  });

  test('that a person holds is kept from the hours, and not from a person', async () => {
    const world = await released();
    await start(world, 'hold', { action: 'hold', model: 'rain', requestedBy: 'ann', reason: 'r' }).run();

    await ask(world, 'sleep', 'by-hours', 'schedule:idle').run();
    expect(world.serving.look().state).toBe('serving');
    await ask(world, 'sleep', 'by-ann').run();
    expect(world.serving.look().state).toBe('absent');
  });

  test('at its hours writes nobody a letter, and what goes wrong does', async () => {
    const world = await released();
    const letters = world.notifications.length;

    await ask(world, 'sleep', 'evening', 'schedule:idle').run();
    expect(world.notifications).toHaveLength(letters);
    await ask(world, 'sleep', 'again', 'schedule:idle').run();
    expect(world.notifications).toHaveLength(letters + 1);
    expect(world.notifications.at(-1)?.what).toContain('The schedule asked to put it to sleep');
  });

  test('that cannot be brought about leaves what serves serving', async () => {
    const world = await released();
    world.fault = call => (call === 'target.rest' ? 'before' : undefined);

    await ask(world, 'sleep').run();

    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
    const { current, lockOwner, asleep: sleeps } = world.state();
    expect([current, lockOwner, sleeps]).toEqual(['2', undefined, undefined]);
  });

  test.each([5, 7, 9, 11])('whose execution dies after %d states comes to an end by the reconciler', async states => {
    const world = await released();
    const execution = ask(world, 'sleep');
    for (let left = states; left > 0; left -= 1) await execution.advance();
    world.pass(LEASES);
    const started: Execution[] = [];

    await reconcile(reconcilerPorts(world, (name, input) => started.push(start(world, name, input))));
    for (const one of started) await one.run();

    const { asleep: sleeps, lockOwner, current } = world.state();
    expect([lockOwner, current]).toEqual([undefined, '2']);
    expect(world.serving.look().state).toBe(sleeps === undefined ? 'serving' : 'absent');
  });
});

test('what the hours asked for is done as of then, though another execution finishes it', async () => {
  // GIVEN
  const world = await released();
  const decidedAt = new Date(world.now).toISOString();
  const input = { action: 'sleep', model: MODEL, requestedBy: 'schedule:idle', reason: 'r', evidence: { decidedAt } };
  const execution = start(world, 'evening', input);
  while (execution.state !== 'Record') await execution.advance();
  world.pass(LEASES);
  const started: Execution[] = [];

  // WHEN
  await reconcile(reconcilerPorts(world, (name, asked) => started.push(start(world, name, asked))));
  for (const one of started) await one.run();

  // THEN
  expect(world.state().asleep?.since).toBe(decidedAt);
  expect(world.releases.at(-1)?.evidence).toMatchObject({ decidedAt, finishes: 'evening' });
});

describe('what sleeps', () => {
  test('wakes as the same version, and has been activated all the time', async () => {
    const world = await asleep();
    const { activatedAt } = world.state();

    await ask(world, 'wake').run();

    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
    expect(world.state()).toMatchObject({ current: '2', activatedAt });
    expect(world.state().asleep).toBeUndefined();
    expect(world.state().wokenAt).toBe(world.releases.at(-1)?.endedAt);
    expect(world.releases.at(-1)).toMatchObject({ action: 'wake', version: '2', outcome: 'succeeded' });
    expect(world.probes.length).toBe(3);
  });

  test('and was woken by its hours the last time wakes on the word of a person as of the end of that', async () => {
    const world = await asleep();
    const decidedAt = new Date(world.now).toISOString();
    const byHours = {
      action: 'wake',
      model: MODEL,
      requestedBy: 'schedule:idle',
      reason: 'r',
      evidence: { decidedAt },
    };
    await start(world, 'morning', byHours).run();
    expect(world.state()).toMatchObject({ wakeDecidedAt: decidedAt, wokenAt: world.releases.at(-1)?.endedAt });
    await ask(world, 'sleep').run();

    await ask(world, 'wake').run();

    expect(world.state().wakeDecidedAt).toBeUndefined();
    expect(world.state().wokenAt).toBe(world.releases.at(-1)?.endedAt);
  });

  test('that was rejected in the night does not wake', async () => {
    const world = await asleep();
    world.setApproval('2', 'Rejected');

    await ask(world, 'wake').run();

    expect(world.releases.at(-1)).toMatchObject({ action: 'wake', outcome: 'refused' });
    expect(world.serving.look().state).toBe('absent');
  });

  test('that does not come up sleeps on, and a person is told', async () => {
    const world = await asleep();
    world.natures.set('2', 'crashing');

    await ask(world, 'wake', 'wake', 'schedule:idle').run();

    expect(world.serving.look().state).toBe('absent');
    expect(world.state().asleep).toBeDefined();
    expect(world.notifications.at(-1)?.did).toContain('version 2 sleeps, as before');
    expect(world.notifications.at(-1)?.youMay.join()).toContain('mlops wake rain');
  });

  test('comes up with a version that is released', async () => {
    const world = await asleep();

    await release(world, '3');

    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '3' } });
    expect(world.state().current).toBe('3');
    expect(world.state().asleep).toBeUndefined();
  });

  test('sleeps on as the version before when the one that was released does not come up', async () => {
    const world = await asleep({ '3': 'crashing' });

    await release(world, '3');

    expect(world.serving.look().state).toBe('absent');
    expect(world.state()).toMatchObject({ current: '2' });
    await ask(world, 'wake').run();
    expect(world.serving.look()).toMatchObject({ deployment: { version: '2' } });
  });

  test('comes up with the version before when an alarm rolls it back', async () => {
    const world = await asleep();

    await rollBack(world, '2', '1');

    expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
    expect(world.versions.get('2')?.status).toBe('quarantined');
    expect(world.state().current).toBe('1');
    expect(world.state().asleep).toBeUndefined();
  });

  test('is not said to serve on when its rollback fails', async () => {
    const world = await asleep();
    world.natures.set('1', 'crashing');

    await rollBack(world, '2', '1');

    expect(world.notifications.at(-1)?.subject).not.toContain('serves on');
    expect(world.serving.look().state).toBe('absent');
  });

  test('is left alone where somebody brought something up by hand and a release is refused', async () => {
    const world = await asleep();
    world.target.force({ state: 'serving', deployment: { id: 'd-1', version: '1' } });

    await start(world, 'unapproved', request({ version: '3' })).run();

    expect(world.serving.look()).toMatchObject({ deployment: { version: '1' } });
    expect(world.releases.at(-1)).toMatchObject({ outcome: 'refused' });
  });

  test('cannot be rolled back to itself, and is told how to wake', async () => {
    const world = await asleep();

    await start(world, 'back', request({ action: 'rollback', version: '2', from: '2' })).run();

    expect(world.releases.at(-1)).toMatchObject({ outcome: 'refused' });
    expect(world.notifications.at(-1)?.youMay.join()).toContain('mlops wake rain');
  });

  test('is no reason to wake what is awake', async () => {
    const world = await released();

    await ask(world, 'wake').run();

    expect(world.releases.at(-1)).toMatchObject({ outcome: 'refused' });
    expect(world.releases.at(-1)?.detail).toContain('does not sleep');
  });
});

test('on a cluster, sleep gives up the pods of all versions, and waking makes those of the released one anew', async () => {
  // GIVEN
  const world = new World();
  const room = serveOnKubernetes(world);
  room.deploy({ ...EKS_SETTINGS, idle: {} });
  for (const version of ['1', '2']) {
    world.register(version);
    await release(world, version);
  }

  // WHEN
  await ask(world, 'sleep').run();

  // THEN
  expect(room.traffic()?.backends).toEqual([]);
  expect(await world.serving.prepared()).toEqual([]);
  expect(world.state().asleep).toBeDefined();

  // WHEN
  await ask(world, 'wake').run();

  // THEN
  expect(world.serving.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
  expect((await world.serving.prepared()).map(({ version }) => version)).toEqual(['2']);
});
