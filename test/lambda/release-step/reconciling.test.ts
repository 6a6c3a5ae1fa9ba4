import type { Execution } from '../../support/state-machine';
import { release, request, start } from './support/machine';
import { MODEL, World } from './support/world';

const LEASE = 4500;

/** Versions 1 and 2 have served; 3 is registered and approved. */
async function worldOfThree(): Promise<World> {
  const world = new World();
  for (const version of ['1', '2', '3']) world.register(version);
  await release(world, '1');
  await release(world, '2');
  world.setApproval('3', 'Approved');
  return world;
}

const ROLLBACK = request({
  action: 'rollback',
  version: '1',
  from: '2',
  requestedBy: 'alarm:drift',
  reason: 'drifted',
});

/** An execution that dies when it comes to a state; its lock expires. */
async function dies(world: World, name: string, input: unknown, at: string): Promise<void> {
  const execution = start(world, name, input);
  while (execution.state !== at) await execution.advance();
  world.pass(LEASE);
}

async function reconcile(world: World, name = 'reconcile'): Promise<Execution> {
  const input = { action: 'reconcile', model: MODEL, requestedBy: 'reconciler', reason: 'it died' };
  return start(world, name, input).run();
}

/** The end of all work: what serves is what the ledger says, nobody has the lock, and nothing has two records. */
function expectWhole(world: World, current: string): void {
  expect(world.state()).toMatchObject({ current });
  expect(world.state().lockOwner).toBeUndefined();
  expect(world.target.look()).toMatchObject({ state: 'serving', deployment: { version: current } });
  const ids = world.releases.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
}

describe('a rollback that died', () => {
  test.each(['Eligible', 'Prepare', 'Shift', 'Settle', 'Verify', 'Record'])(
    'before %s is finished: the word against the version still stands',
    async at => {
      const world = await worldOfThree();
      await dies(world, 'dead', ROLLBACK, at);

      const execution = await reconcile(world);

      expect(execution.output).toMatchObject({ outcome: 'succeeded', action: 'rollback', version: '1' });
      expectWhole(world, '1');
      expect(world.versions.get('2')).toMatchObject({ status: 'quarantined', by: 'alarm:drift' });
      expect(world.packages.get('2')?.approval).toBe('Rejected');
      expect(world.releases.slice(-2)).toMatchObject([
        { id: 'dead', outcome: 'failed', detail: expect.stringContaining("'reconcile' took over") as string },
        { id: 'reconcile', outcome: 'succeeded', evidence: { finishes: 'dead' } },
      ]);
    },
  );

  test.each(['Conclude', 'Finish'])('before %s is tidied up, with its own record', async at => {
    const world = await worldOfThree();
    await dies(world, 'dead', ROLLBACK, at);

    const execution = await reconcile(world);

    expect(execution.output).toMatchObject({ outcome: 'succeeded' });
    expectWhole(world, '1');
    expect(world.packages.get('2')?.approval).toBe('Rejected');
    expect(world.releases.filter(({ version }) => version === '1').at(-1)).toMatchObject({ id: 'dead' });
  });

  test('is finished in spite of a hold that was set meanwhile: it was under way already', async () => {
    const world = await worldOfThree();
    await dies(world, 'dead', ROLLBACK, 'Shift');
    await start(world, 'hold', { action: 'hold', model: MODEL, requestedBy: 'ann', reason: 'audit' }).run();

    expect((await reconcile(world)).output).toMatchObject({ outcome: 'succeeded', version: '1' });
  });

  test('and whose reconciliation died too is finished by the next one', async () => {
    const world = await worldOfThree();
    await dies(world, 'dead', ROLLBACK, 'Shift');
    await dies(world, 'r1', { action: 'reconcile', model: MODEL, requestedBy: 'reconciler', reason: 'r' }, 'Verify');

    const execution = await reconcile(world, 'r2');

    expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '1' });
    expectWhole(world, '1');
  });
});

describe('a release that died', () => {
  test.each(['Eligible', 'Prepare', 'Shift'])('before %s moved nothing, and moves nothing hours later', async at => {
    const world = await worldOfThree();
    await dies(world, 'dead', request({ version: '3' }), at);
    const { length } = world.shifts;

    const execution = await reconcile(world);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ReleaseUndone' });
    expect(world.shifts).toHaveLength(length);
    expectWhole(world, '2');
    expect(world.notifications.at(-1)?.youMay.join()).toContain('"action":"release","model":"rain","version":"3"');
  });

  test.each(['Settle', 'Verify', 'Record'])(
    'before %s, when its version serves, lacks proof and record alone',
    async at => {
      const world = await worldOfThree();
      await dies(world, 'dead', request({ version: '3' }), at);
      const { length } = world.shifts;

      const execution = await reconcile(world);

      expect(execution.output).toMatchObject({ outcome: 'succeeded', action: 'release', version: '3' });
      expect(world.shifts).toHaveLength(length);
      expectWhole(world, '3');
    },
  );

  test('of a version that does not answer is taken back', async () => {
    const world = await worldOfThree();
    world.natures.set('3', 'mute');
    await dies(world, 'dead', request({ version: '3' }), 'Verify');

    const execution = await reconcile(world);

    expect(execution).toMatchObject({ status: 'FAILED', error: 'ReleaseUndone' });
    expectWhole(world, '2');
  });

  test('of a version that was rejected meanwhile is taken back', async () => {
    const world = await worldOfThree();
    await dies(world, 'dead', request({ version: '3' }), 'Verify');
    world.setApproval('3', 'Rejected');

    await reconcile(world);

    expectWhole(world, '2');
  });
});

test('the lift of a quarantine that died is to be asked for again', async () => {
  const world = await worldOfThree();
  await start(world, 'back', ROLLBACK).run();
  await dies(world, 'dead', request({ action: 'lift-quarantine', version: '2' }), 'Record');

  await reconcile(world);

  expectWhole(world, '1');
  expect(world.versions.get('2')?.status).toBe('quarantined');
  expect(world.notifications.at(-1)?.youMay.join()).toContain('"action":"lift-quarantine"');
});

describe('a reconciliation finds nothing to do', () => {
  test('where no lock is held', async () => {
    const world = await worldOfThree();
    const { generation } = world.state();
    expect((await reconcile(world)).output).toMatchObject({
      outcome: 'refused',
      detail: "no release of 'rain' was left half done",
    });
    expect(world.state().generation).toBe(generation);
  });

  test('while the lock’s owner may live, and takes nothing from it', async () => {
    const world = await worldOfThree();
    const living = start(world, 'living', request({ version: '3' }));
    while (living.state !== 'Verify') await living.advance();

    expect((await reconcile(world)).output).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('is under way') as string,
    });
    expect((await living.run()).output).toMatchObject({ outcome: 'succeeded', version: '3' });
  });
});

test('an owner that was thought dead finds its lock lost, and stops', async () => {
  // GIVEN a rollback that slept through its lease
  const world = await worldOfThree();
  const sleeper = start(world, 'sleeper', ROLLBACK);
  while (sleeper.state !== 'Shift') await sleeper.advance();
  world.pass(LEASE);
  await reconcile(world);

  // WHEN
  await sleeper.run();

  // THEN
  expect(sleeper.status).toBe('FAILED');
  expect(sleeper.cause).toContain('is lost');
  expectWhole(world, '1');
});

describe('what is asked for before the reconciler has come to a dead rollback', () => {
  const asked = request({ version: '3' });

  test.each(['Eligible', 'Prepare', 'Shift', 'Settle', 'Verify', 'Record', 'Conclude', 'Finish'])(
    'before %s waits, and is done after it: version 2 is quarantined and rejected',
    async at => {
      // GIVEN
      const world = await worldOfThree();
      await dies(world, 'dead', ROLLBACK, at);
      const impatient = start(world, 'impatient', asked);
      while (impatient.state !== 'WaitForLock') await impatient.advance();

      // WHEN
      await reconcile(world);
      await impatient.run();

      // THEN
      expect(impatient.output).toMatchObject({ outcome: 'succeeded', version: '3' });
      expectWhole(world, '3');
      expect(world.versions.get('2')).toMatchObject({ status: 'quarantined', by: 'alarm:drift' });
      expect(world.packages.get('2')?.approval).toBe('Rejected');
      expect(world.state().lastAutomaticRollbackAt).toBeDefined();
      expect(world.releases.filter(({ outcome }) => outcome === 'succeeded').slice(-2)).toMatchObject([
        { action: 'rollback', version: '1', from: '2' },
        { id: 'impatient', version: '3', from: '1' },
      ]);
    },
  );

  test('of the version that was to leave is refused, and goes nowhere', async () => {
    const world = await worldOfThree();
    await dies(world, 'dead', ROLLBACK, 'Verify');
    const impatient = start(world, 'impatient', request({ version: '2' }));
    while (impatient.state !== 'WaitForLock') await impatient.advance();

    await reconcile(world);
    await impatient.run();

    expect(impatient.output).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining('quarantined') as string,
    });
    expectWhole(world, '1');
  });

  test('does not wait for ever where the reconciler does not come, and has the command that does its work', async () => {
    // GIVEN
    const world = await worldOfThree();
    await dies(world, 'dead', ROLLBACK, 'Verify');

    // WHEN
    const impatient = await start(world, 'impatient', asked).run();

    // THEN
    expect(impatient.output).toMatchObject({
      outcome: 'refused',
      detail: "the execution of the rollback 'dead' of 'rain' died, and nobody has finished it",
    });
    expect(world.notifications.at(-1)?.youMay.join()).toContain('"action":"reconcile","model":"rain"');
    await reconcile(world);
    expectWhole(world, '1');
  });
});
