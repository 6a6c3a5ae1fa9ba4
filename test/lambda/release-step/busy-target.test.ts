/** A target that serves and cannot be moved for a while, e.g. as it scales: it is waited for, and nothing is undone. */
import { TargetBusyError } from '../../../lambda/release-step/errors';
import type { ServingTarget } from '../../../lambda/release-step/serving-target';
import { release, rollBack } from './support/machine';
import { World } from './support/world';

async function serving1(): Promise<World> {
  const world = new World();
  world.register('1');
  await release(world, '1');
  world.register('2');
  return world;
}

/** The endpoint scales for some looks from now on, and cannot be moved meanwhile, as SageMaker says. */
function scales(world: World, looks: number): void {
  const { current, shift } = world.target;
  let left = looks;
  jest
    .spyOn(world.target, 'shift')
    .mockImplementation((deployment, policy) =>
      left > 0 && world.target.look().state === 'serving'
        ? Promise.reject(new Error('Cannot update in-progress endpoint'))
        : shift.call(world.target, deployment, policy),
    );
  jest.spyOn(world.target, 'current').mockImplementation(async () => {
    const serving = await current.call(world.target);
    return serving.state === 'serving' && left-- > 0 ? { ...serving, busy: true } : serving;
  });
}

describe('a release', () => {
  test('waits until the target has scaled, and then moves it', async () => {
    const world = await serving1();
    scales(world, 8);
    const execution = await release(world, '2');
    expect(execution.status).toBe('SUCCEEDED');
    expect(world.state().current).toBe('2');
    expect(world.shifts).toHaveLength(2);
  });

  test('waits when the target began to scale between the look and the act', async () => {
    const world = await serving1();
    jest.spyOn(world.target, 'shift').mockRejectedValueOnce(new TargetBusyError('busy'));
    const execution = await release(world, '2');
    expect(execution.status).toBe('SUCCEEDED');
    expect(world.shifts).toHaveLength(2);
  });

  test('does not wait for ever, and says what for', async () => {
    const world = await serving1();
    jest.spyOn(world.target, 'shift').mockRejectedValue(new TargetBusyError('busy with a change of its variants'));
    const execution = await release(world, '2');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ReleaseUndone' });
    expect(execution.cause).toMatch(
      /^the serving target of 'rain' stays busy with a change of its variants since .*; version 1 serves, as before$/,
    );
  });

  test('is not taken for astray while what the ledger says answers and scales', async () => {
    // GIVEN
    const world = await serving1();
    await release(world, '2');
    scales(world, Number.POSITIVE_INFINITY);

    // WHEN an alarm on a version that has left comes late
    const execution = await rollBack(world, '1', '2');

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
    expect(world.releases.at(-1)).toMatchObject({ outcome: 'refused' });
    expect(world.shifts).toHaveLength(2);
  });

  test('hands over what served before, to be kept able to serve; a rollback hands over nothing', async () => {
    // GIVEN
    const world = await serving1();
    const prepare = jest.spyOn<ServingTarget, 'prepare'>(world.target, 'prepare');

    // WHEN
    await release(world, '2');
    await rollBack(world, '2', '1');

    // THEN
    expect(prepare.mock.calls.map(([{ version }, previous]) => [version, previous?.version])).toEqual([
      ['2', '1'],
      ['1', undefined],
    ]);
  });

  test('tends what serves since it serves, and ends well when that cannot be', async () => {
    // GIVEN
    const world = await serving1();
    world.fault = call => (call === 'target.tend' ? 'before' : undefined);

    // WHEN
    const execution = await release(world, '2');

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
    expect(world.state()).toMatchObject({ current: '2' });
    expect(world.state().lockOwner).toBeUndefined();
    expect(JSON.stringify(world.notifications.at(-1))).toContain('target.tend failed');

    // WHEN
    world.fault = () => undefined;
    world.register('3');
    await release(world, '3');

    // THEN
    expect(world.target.tended.at(-1)?.activatedAt).toBe(world.state().activatedAt);
  });
});

describe('the way back', () => {
  test('waits until the target has scaled', async () => {
    // GIVEN
    const world = await serving1();
    world.natures.set('2', 'mute');
    const { shift } = world.target;
    // more often than a step is repeated
    let busy = 12;
    jest.spyOn(world.target, 'shift').mockImplementation((deployment, policy) => {
      const refused = policy.back === true && busy-- > 0;
      return refused ? Promise.reject(new TargetBusyError('busy')) : shift.call(world.target, deployment, policy);
    });

    // WHEN
    const execution = await release(world, '2');

    // THEN
    expect(execution.cause).toBe('it answered wrongly; version 1 serves, as before');
    expect(world.shifts.at(-1)).toMatchObject({ deployment: { version: '1' }, policy: { back: true } });
  });

  test('takes no first version down while it scales, which would be refused', async () => {
    // GIVEN
    const world = new World();
    world.register('1', 'mute');
    scales(world, 12);
    const { withdraw } = world.target;
    let looks = 0;
    jest.spyOn(world.target, 'withdraw').mockImplementation(async () => {
      looks += 1;
      const { busy } = await world.target.current();
      return busy === true
        ? Promise.reject(new Error('Cannot update in-progress endpoint'))
        : withdraw.call(world.target);
    });

    // WHEN
    const execution = await release(world, '1');

    // THEN
    expect(execution.cause).toBe('it answered wrongly; nothing served before, and nothing serves now');
    expect(looks).toBe(1);
  });

  test('is not spoilt by what could not be tended: a person is told of that beside', async () => {
    // GIVEN
    const world = await serving1();
    world.natures.set('2', 'mute');
    world.fault = call => (call === 'target.tend' ? 'before' : undefined);

    // WHEN
    const execution = await release(world, '2');

    // THEN
    expect(execution).toMatchObject({ error: 'ReleaseUndone' });
    expect(world.releases.at(-1)).toMatchObject({ outcome: 'undone' });
    expect(JSON.stringify(world.notifications.at(-1))).toContain('Not tidied up: Error: target.tend failed');
  });
});
