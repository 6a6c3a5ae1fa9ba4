/** What serves is not what the ledger says: brought back where the platform left it so, left alone where somebody else did. */
import type { Execution } from '../../support/state-machine';
import { release, request, start } from './support/machine';
import { MODEL, World } from './support/world';

/** Versions 1 and 2 served in turn; version 3 is registered. */
async function serving2(): Promise<World> {
  const world = new World();
  for (const version of ['1', '2', '3']) world.register(version);
  await release(world, '1');
  await release(world, '2');
  return world;
}

/** A person moves the endpoint back to version 1, past the release machine. */
async function movedByHand(): Promise<World> {
  const world = await serving2();
  world.target.force({ state: 'serving', deployment: { id: 'd-1', version: '1' } });
  return world;
}

/** Version 3 answers wrongly, and neither could the way back be gone: the endpoint serves it, and the ledger says 2. */
async function failedWayBack(): Promise<World> {
  const world = await serving2();
  world.natures.set('3', 'mute');
  const { shift } = world.target;
  const failing = jest
    .spyOn(world.target, 'shift')
    .mockImplementation((deployment, policy) =>
      policy.back === true ? Promise.reject(new Error('no capacity')) : shift.call(world.target, deployment, policy),
    );
  expect((await release(world, '3')).error).toBe('ReleaseFailed');
  failing.mockRestore();
  return world;
}

async function hold(world: World): Promise<void> {
  await start(world, 'hold', { action: 'hold', model: MODEL, requestedBy: 'ann', reason: 'an outage' }).run();
}

function approval(world: World, version: string) {
  world.setApproval(version, 'Approved');
  return request({
    version,
    requestedBy: 'registry approval',
    evidence: { approvedAt: new Date(world.now).toISOString() },
  });
}

/** Goes on until it comes to a state. */
async function until(execution: Execution, state: string): Promise<void> {
  for (let states = 0; execution.state !== state; states++) {
    if (states > 100) throw new Error(`it does not come to '${state}'`);
    await execution.advance();
  }
}

const serves = (world: World): string | undefined => world.target.look().deployment?.version;

describe('what a person moved by hand', () => {
  test('is left alone by an approval that a hold refuses', async () => {
    // GIVEN
    const world = await movedByHand();
    await hold(world);
    const { length } = world.shifts;

    // WHEN
    const execution = await start(world, 'approval', approval(world, '3')).run();

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    expect(world.shifts).toHaveLength(length);
    expect(serves(world)).toBe('1');
    expect(world.notifications.at(-1)?.did).not.toContain('serves');
    expect(world.state().lockOwner).toBeUndefined();
  });

  test.each([
    ['a release of a version that is not there', { version: '9' }],
    ['a release of a version that is not approved', { version: '3' }],
    ['a late alarm', { action: 'rollback' as const, version: '2', from: '1', requestedBy: 'alarm:drift' }],
  ])('is left alone by %s, which is refused', async (_, asked) => {
    const world = await movedByHand();
    const { length } = world.shifts;
    const execution = await start(world, 'asked', request(asked)).run();
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    expect(world.shifts).toHaveLength(length);
    expect(serves(world)).toBe('1');
  });

  test('is left alone by a release that fails before it moves any traffic', async () => {
    // GIVEN
    const world = await movedByHand();
    world.setApproval('3', 'Approved');
    world.fault = call => (call === 'target.prepare' ? 'before' : undefined);
    const { length } = world.shifts;

    // WHEN
    const execution = await start(world, 'release-3', request({ version: '3' })).run();

    // THEN
    expect(execution).toMatchObject({
      error: 'ReleaseUndone',
      cause:
        'Error: target.prepare failed; version 1 serves, which somebody moved there past the releases, and it was left so',
    });
    expect(world.shifts).toHaveLength(length);
    expect(serves(world)).toBe('1');
  });

  test('is left alone by the reconciler that undoes what an execution left that died', async () => {
    // GIVEN
    const world = await serving2();
    world.setApproval('3', 'Approved');
    const dead = start(world, 'dead', request({ version: '3' }));
    await until(dead, 'Settle');
    world.pass(24 * 3600);
    world.target.force({ state: 'serving', deployment: { id: 'd-1', version: '1' } });
    const { length } = world.shifts;

    // WHEN
    await start(world, 'reconcile', { action: 'reconcile', model: MODEL, requestedBy: 'r', reason: 'it died' }).run();

    // THEN
    expect(world.shifts).toHaveLength(length);
    expect(world.releases.at(-1)).toMatchObject({
      outcome: 'undone',
      detail: expect.stringContaining('version 1 serves, which somebody moved there past the releases') as string,
    });
    expect(world.state().lockOwner).toBeUndefined();
  });

  test('gives way to what a person asks for', async () => {
    const world = await movedByHand();
    expect((await release(world, '2', 'again')).output).toMatchObject({ outcome: 'succeeded', version: '2' });
    expect(serves(world)).toBe('2');
  });

  test('gives way to what served before when the version that was released over it fails', async () => {
    const world = await movedByHand();
    world.natures.set('3', 'mute');
    expect((await release(world, '3')).error).toBe('ReleaseUndone');
    expect(serves(world)).toBe('2');
  });
});

describe('what a release left that failed', () => {
  test('is brought back by whatever is asked next, and the letter of the refusal says that it was moved', async () => {
    const world = await failedWayBack();
    const execution = await start(world, 'anything', request({ version: '9' })).run();
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    expect(serves(world)).toBe('2');
    expect(world.notifications.at(-1)?.did).toContain(
      'version 3 served, which an earlier release had left, so traffic was moved back to version 2',
    );
  });

  test('is brought back once: what a person moves by hand after that is left alone', async () => {
    const world = await failedWayBack();
    await start(world, 'anything', request({ version: '9' })).run();
    world.target.force({ state: 'serving', deployment: { id: 'd-3', version: '3' } });
    const { length } = world.shifts;
    await start(world, 'another', request({ version: '9' })).run();
    expect(world.shifts).toHaveLength(length);
  });

  test('is not brought back by an event under a hold', async () => {
    const world = await failedWayBack();
    await hold(world);
    const { length } = world.shifts;
    world.register('4');
    const execution = await start(world, 'approval', approval(world, '4')).run();
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    expect(world.shifts).toHaveLength(length);
  });

  test('is left to the reconciler by an event under a hold where the execution died', async () => {
    // GIVEN
    const world = await serving2();
    world.setApproval('3', 'Approved');
    const dead = start(world, 'dead', request({ version: '3' }));
    await until(dead, 'Settle');
    world.pass(24 * 3600);
    await hold(world);
    world.natures.set('3', 'mute');
    world.register('4');

    // WHEN
    const waiting = start(world, 'approval', approval(world, '4'));
    await until(waiting, 'WaitForLock');
    await start(world, 'reconcile', { action: 'reconcile', model: MODEL, requestedBy: 'r', reason: 'it died' }).run();
    await waiting.run();

    // THEN
    expect(waiting.output).toMatchObject({ outcome: 'refused' });
    expect(serves(world)).toBe('2');
  });
});
