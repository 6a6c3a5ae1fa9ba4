import { TargetRefusedError } from '../../../lambda/release-step/errors';
import { release, request, rollBack, start } from './support/machine';
import { MODEL, World, type Nature } from './support/world';
import { containing } from '../../support/matching';

const STEPS_WITH_FAULTS = [
  'registry.artifact',
  'target.prepare',
  'target.shift',
  'target.verify',
  'registry.describe',
] as const;

async function serving1(nature: Nature = 'sound'): Promise<World> {
  const world = new World();
  world.register('1');
  await release(world, '1');
  world.register('2', nature);
  return world;
}

describe('a release that fails', () => {
  test('by a version that answers wrongly is undone, and its makings go', async () => {
    // GIVEN
    const world = await serving1('mute');

    // WHEN
    const execution = await release(world, '2');

    // THEN
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ReleaseUndone' });
    expect(execution.cause).toBe('it answered wrongly; version 1 serves, as before');
    expect(world.target.look()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
    expect(world.target.has('2')).toBe(false);
    expect(world.state()).toMatchObject({ current: '1', healthy: ['1'] });
    expect(world.state().lockOwner).toBeUndefined();
    expect(world.releases.at(-1)).toMatchObject({ outcome: 'undone', version: '2', from: '1' });
    expect(world.notifications.at(-1)?.subject).toBe('rain: release of version 2 failed and was undone');
  });

  test('goes back at once and without alarms, which the bad version may have turned red', async () => {
    const world = await serving1('mute');
    await release(world, '2');
    expect(world.shifts.at(-1)).toMatchObject({ policy: { type: 'ALL_AT_ONCE', alarmNames: [] } });
  });

  test("by a guardrail is told of with the guardrail's reason", async () => {
    const world = await serving1('crashing');
    const execution = await release(world, '2');
    expect(execution.cause).toBe(
      'the serving target went back to version 1 by itself: alarm errors went off; version 1 serves, as before',
    );
    expect(world.shifts).toHaveLength(2);
  });

  test('as the first one leaves nothing behind', async () => {
    // GIVEN
    const world = new World();
    world.register('1', 'mute');

    // WHEN
    const execution = await release(world, '1');

    // THEN
    expect(execution.cause).toBe('it answered wrongly; nothing served before, and nothing serves now');
    expect(world.target.look().state).toBe('absent');
    expect(world.target.has('1')).toBe(false);
  });

  test('as the first one, broken, does not stand in the way of the next', async () => {
    const world = new World();
    world.register('1', 'crashing');
    await release(world, '1');
    world.register('2');
    expect((await release(world, '2')).output).toMatchObject({ outcome: 'succeeded' });
  });

  test('because the target refuses it is not tried again', async () => {
    // GIVEN
    const world = await serving1();
    let tries = 0;
    jest.spyOn(world.target, 'prepare').mockImplementation(() => {
      tries += 1;
      return Promise.reject(new TargetRefusedError('no such instance type'));
    });

    // WHEN
    const execution = await release(world, '2');

    // THEN
    expect(tries).toBe(1);
    expect(execution.cause).toBe('no such instance type; version 1 serves, as before');
  });

  test('and cannot be undone is told of as failed', async () => {
    // GIVEN
    const world = await serving1('mute');
    const shift = world.target.shift.bind(world.target);
    jest
      .spyOn(world.target, 'shift')
      .mockImplementation((deployment, policy) =>
        deployment.version === '1' ? Promise.reject(new Error('no capacity')) : shift(deployment, policy),
      );

    // WHEN
    const execution = await release(world, '2');

    // THEN
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ReleaseFailed' });
    expect(execution.cause).toBe('it answered wrongly; then Error: no capacity');
    expect(world.notifications.at(-1)?.subject).toBe('rain: release of version 2 FAILED, please look');
    expect(world.state().lockOwner).toBeUndefined();
  });

  test('and could not be undone is put right by whatever is asked next', async () => {
    // GIVEN
    const world = await serving1('mute');
    const shift = world.target.shift.bind(world.target);
    const failing = jest
      .spyOn(world.target, 'shift')
      .mockImplementation((deployment, policy) =>
        deployment.version === '1' ? Promise.reject(new Error('no capacity')) : shift(deployment, policy),
      );
    await release(world, '2');
    failing.mockRestore();
    expect(world.target.look()).toMatchObject({ deployment: { version: '2' } });

    // WHEN
    const execution = await start(world, 'anything', request({ version: '9' })).run();

    // THEN
    expect(execution.output).toMatchObject({
      outcome: 'refused',
      detail: containing('version 2 served, which an earlier release had left, so traffic was moved back to version 1'),
    });
    expect(world.target.look()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
  });
});

test('a failure is put right by its own letter: the version before is back at once, and stays trusted', async () => {
  // GIVEN: version 2 serves although its release failed, and version 1 by the ledger
  const world = await serving1('mute');
  const shift = world.target.shift.bind(world.target);
  const failing = jest
    .spyOn(world.target, 'shift')
    .mockImplementation((deployment, policy) =>
      deployment.version === '1' ? Promise.reject(new Error('no capacity')) : shift(deployment, policy),
    );
  await release(world, '2');
  failing.mockRestore();
  expect(world.notifications.at(-1)?.youMay.join()).toContain('bring version 1 back, at once');

  // WHEN
  const back = request({ action: 'rollback', version: '1', from: '1' });
  const execution = await start(world, 'back', back).run();

  // THEN
  expect(execution.output).toMatchObject({ outcome: 'succeeded', detail: containing('version 1 serves') });
  expect(world.shifts.at(-1)).toMatchObject({ policy: { type: 'ALL_AT_ONCE', alarmNames: [] } });
  expect(world.state()).toMatchObject({ current: '1', healthy: ['1'] });
  expect(world.notifications.at(-1)?.subject).toBe('rain: version 1 serves again');
});

test('a rollback that cannot reach its version wakes people with the other versions that were healthy', async () => {
  // GIVEN: version 2 does not answer any more, version 1 would
  const world = await serving1();
  await release(world, '2');
  world.register('3');
  await release(world, '3');
  world.natures.set('2', 'mute');

  // WHEN
  const execution = await rollBack(world, '3', '2');

  // THEN
  expect(execution).toMatchObject({ error: 'ReleaseUndone' });
  const letter = world.notifications.at(-1);
  expect(letter?.subject).toBe('rain: rollback to version 2 FAILED, version 3 serves on');
  expect(letter?.youMay.join('\n')).toMatch(
    /Act now: version 3, which the alarm speaks against, serves on.*Or go back to version 1, .*rollback rain --to 1/s,
  );
});

describe('each call that fails for good', () => {
  test.each(STEPS_WITH_FAULTS)('%s: version 1 still serves, the lock is free, a person is told', async call => {
    // GIVEN
    const world = await serving1();
    world.setApproval('2', 'Approved');
    let broken = true;
    world.fault = name => (broken && name === call ? 'before' : undefined);

    // WHEN
    const execution = start(world, 'release-2', request({ version: '2' }));
    while (execution.status === 'RUNNING') {
      if (execution.state === 'Undo') broken = false;
      await execution.advance();
    }

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(execution.cause).toContain(`${call} failed`);
    expect(world.target.look()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
    expect(world.state().lockOwner).toBeUndefined();
    expect(world.notifications).toHaveLength(2);
  });

  test('registry.reject: the rollback stands, and what is left to do is told', async () => {
    // GIVEN
    const world = await serving1();
    await release(world, '2');
    world.fault = name => (name === 'registry.reject' ? 'before' : undefined);

    // WHEN
    const execution = await rollBack(world, '2', '1');

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded' });
    expect(world.versions.get('2')?.status).toBe('quarantined');
    expect(world.notifications.at(-1)?.did).toContain('Not tidied up: Error: registry.reject failed.');
  });

  test('ledger.commit, after it has recorded the release: nothing is undone', async () => {
    // GIVEN
    const world = await serving1();
    world.setApproval('2', 'Approved');
    const execution = start(world, 'release-2', request({ version: '2' }));
    world.fault = name => {
      if (execution.state !== 'Record' || name !== 'ledger.commit') return undefined;
      // the first commit of the step renews the lease, the second one records
      return world.state().underway?.recorded === true ? 'before' : commits++ === 0 ? undefined : 'after';
    };
    let commits = 0;

    // WHEN
    await execution.run();

    // THEN
    expect(execution.path).toContain('Undo');
    expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '2' });
    expect(world.target.look()).toMatchObject({ deployment: { version: '2' } });
  });

  test('notifier.tell: the execution fails, so that its alarm tells', async () => {
    const world = await serving1();
    world.fault = name => (name === 'notifier.tell' ? 'before' : undefined);
    const execution = await release(world, '2');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'NotTold' });
    expect(world.state()).toMatchObject({ current: '2' });
  });
});

describe('each call that times out after it has worked, once', () => {
  const calls = [
    'ledger.commit',
    'target.prepare',
    'target.shift',
    'target.verify',
    'target.retire',
    'registry.reject',
    'notifier.tell',
  ];

  test.each(calls)('%s: a release and a rollback come out the same', async call => {
    // GIVEN
    const world = await serving1();
    const failed = new Set<string>();
    world.fault = name => {
      const key = `${world.actor} ${name} ${String(world.releases.length)}`;
      if (name !== call || failed.has(key)) return undefined;
      failed.add(key);
      return 'after';
    };

    // WHEN
    const released = await release(world, '2');
    const back = await rollBack(world, '2', '1');

    // THEN
    expect(failed.size).toBeGreaterThan(0);
    expect(released.output).toMatchObject({ outcome: 'succeeded' });
    expect(back.output).toMatchObject({ outcome: 'succeeded' });
    expect(world.state()).toMatchObject({ current: '1', healthy: ['1'], generation: 3 });
    expect(world.state().lockOwner).toBeUndefined();
    expect(world.releases.map(record => record.outcome)).toEqual(['succeeded', 'succeeded', 'succeeded']);
    expect(world.packages.get('2')?.approval).toBe('Rejected');
  });
});

describe('a late writer', () => {
  test('stops at its next act when its lock expired and somebody took it', async () => {
    // GIVEN an execution that stops before it shifts
    const world = await serving1();
    world.setApproval('2', 'Approved');
    const late = start(world, 'late', request({ version: '2' }));
    while (late.state !== 'Shift') await late.advance();
    world.pass(24 * 3600);
    world.register('3');
    await release(world, '3');

    // WHEN
    await late.run();

    // THEN
    expect(late).toMatchObject({ status: 'FAILED', error: 'ReleaseFailed' });
    expect(late.cause).toBe(
      "the lock of 'rain' with generation 2 is lost, it is held by nobody with generation 3; it stopped and left everything to its successor",
    );
    expect(late.path).not.toContain('Undo');
    expect(world.state().current).toBe('3');
    expect(world.target.look()).toMatchObject({ deployment: { version: '3' } });
  });

  test('that nobody followed may go on after its lease', async () => {
    const world = await serving1();
    world.setApproval('2', 'Approved');
    const late = start(world, 'late', request({ version: '2' }));
    while (late.state !== 'Shift') await late.advance();
    world.pass(24 * 3600);
    expect((await late.run()).output).toMatchObject({ outcome: 'succeeded' });
  });

  test('leaves a record although it died: its successor writes it', async () => {
    // GIVEN an execution that dies with the lock
    const world = await serving1();
    world.setApproval('2', 'Approved');
    const dead = start(world, 'dead', request({ version: '2' }));
    while (dead.state !== 'Settle') await dead.advance();
    world.pass(24 * 3600);

    // WHEN
    await release(world, '1', 'next');

    // THEN
    expect(world.releases.slice(1)).toMatchObject([
      { id: 'dead', version: '2', outcome: 'failed', detail: containing('its execution died') },
      { id: 'next', version: '1', outcome: 'succeeded' },
    ]);
    expect(world.target.look()).toMatchObject({ deployment: { version: '1' } });
  });
});

describe('the lock', () => {
  test('makes the second release wait, not fail', async () => {
    // GIVEN
    const world = await serving1();
    world.register('3');
    world.setApproval('2', 'Approved');
    world.setApproval('3', 'Approved');
    const first = start(world, 'first', request({ version: '2' }));
    const second = start(world, 'second', request({ version: '3' }));

    // WHEN
    await first.advance();
    while (first.status === 'RUNNING') {
      await second.advance();
      await first.advance();
    }
    await second.run();

    // THEN
    expect(second.path).toContain('WaitForLock');
    expect(first.output).toMatchObject({ outcome: 'succeeded', generation: 2 });
    expect(second.output).toMatchObject({ outcome: 'succeeded', generation: 3 });
    expect(world.state().current).toBe('3');
  });

  test('of one model does not stop another', async () => {
    const world = await serving1();
    world.states.set('snow', {
      model: 'snow',
      healthy: [],
      generation: 1,
      lockOwner: 'x',
      lockExpiresAt: '2099-01-01',
    });
    expect((await release(world, '2')).output).toMatchObject({ outcome: 'succeeded' });
    expect(world.states.get(MODEL)?.current).toBe('2');
  });
});

describe('a target that somebody else moves', () => {
  test('is waited for', async () => {
    // GIVEN
    const world = await serving1();
    world.setApproval('2', 'Approved');
    const { deployment } = world.target.look();
    world.target.force({ state: 'moving', deployment });
    const execution = start(world, 'patient', request({ version: '2' }));

    // WHEN
    while (execution.state !== 'WaitForOther') await execution.advance();
    world.target.force({ state: 'serving', deployment });
    await execution.run();

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded' });
  });

  test('for ever is given up, and nothing was changed', async () => {
    const world = await serving1();
    world.target.force({ state: 'moving', deployment: world.target.look().deployment });
    const execution = await release(world, '2');
    expect(execution.error).toBe('ReleaseFailed');
    expect(execution.cause).toContain("the serving target of 'rain' stays moving");
    expect(world.state()).toMatchObject({ current: '1' });
    expect(world.state().lockOwner).toBeUndefined();
  });
});
