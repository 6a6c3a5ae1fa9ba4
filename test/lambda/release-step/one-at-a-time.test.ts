import fc from 'fast-check';
import { leaseSeconds, movementSeconds } from '../../../lambda/release-step/lock';
import type { Execution } from '../../support/state-machine';
import { release, request, start } from './support/machine';
import { SETTINGS, World } from './support/world';

/** SageMaker's longest update, and its longest wait before it takes the old fleet away. */
const LONGEST_UPDATE = 28_800;
const LONGEST_TERMINATION_WAIT = 3600;

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
const approvalOf = (world: World, version: string) =>
  request({ version, evidence: { approvedAt: world.packages.get(version)?.approvedAt } });

async function until(execution: Execution, state: string): Promise<void> {
  while (execution.state !== state) await execution.advance();
}

test.each(['Eligible', 'Prepare', 'Shift', 'Settle', 'Verify', 'Record', 'Conclude', 'Finish'])(
  'an approval that arrives while a rollback is before %s waits for it, and moves nothing meanwhile',
  async at => {
    // GIVEN
    const world = await worldOfThree();
    const rollback = start(world, 'rollback', ROLLBACK);
    await until(rollback, at);
    const actors = new Set<string>();
    world.watch = () => actors.add(world.actor);

    // WHEN
    const approval = start(world, 'approval', approvalOf(world, '3'));
    for (let states = 0; states < 20; states++) await approval.advance();

    // THEN
    expect(actors.size).toBe(0);
    expect(['WaitForLock', 'Acquire', 'AfterAcquire']).toContain(approval.state);

    // WHEN
    await rollback.run();
    await approval.run();

    // THEN one after the other, each with its record
    expect(world.releases.slice(-2)).toMatchObject([
      { id: 'rollback', outcome: 'succeeded', version: '1' },
      { id: 'approval', outcome: 'succeeded', version: '3', from: '1' },
    ]);
    expect(world.versions.get('2')?.status).toBe('quarantined');
  },
);

test('the approval of the version that is rolled back right now is refused, with a record', async () => {
  const world = await worldOfThree();
  const rollback = start(world, 'rollback', ROLLBACK);
  await until(rollback, 'Shift');
  const approval = start(world, 'approval', approvalOf(world, '2'));
  await until(approval, 'WaitForLock');

  await rollback.run();
  await approval.run();

  expect(world.state().current).toBe('1');
  expect(world.releases.at(-1)).toMatchObject({ id: 'approval', outcome: 'refused' });
});

test('the lock’s lease is longer than the longest update, whatever the settings', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 600, max: LONGEST_UPDATE }),
      fc.integer({ min: 0, max: LONGEST_TERMINATION_WAIT }),
      (maxExecutionSeconds, terminationWaitSeconds) => {
        const settings = { ...SETTINGS, shift: { ...SETTINGS.shift, maxExecutionSeconds, terminationWaitSeconds } };
        expect(leaseSeconds(settings)).toBeGreaterThan(maxExecutionSeconds + terminationWaitSeconds);
        expect(leaseSeconds(settings)).toBeGreaterThan(movementSeconds(settings));
      },
    ),
  );
});

test('a late rollback waits for the longest update, and acts when it has ended', async () => {
  // GIVEN a release whose update takes as long as it may
  const world = await worldOfThree();
  world.settings = { ...SETTINGS, shift: { ...SETTINGS.shift, maxExecutionSeconds: LONGEST_UPDATE } };
  world.target.movementSeconds = LONGEST_UPDATE;
  const moving = start(world, 'moving', request({ version: '3' }));
  await until(moving, 'Settle');

  // WHEN the alarm of the version that still serves asks for its rollback
  const rollback = start(world, 'rollback', ROLLBACK);
  await until(rollback, 'WaitForLock');
  while (world.target.look().state === 'moving') {
    await rollback.advance();
    expect(world.state().lockOwner).toContain(':moving');
  }

  // THEN the update ends as it would have, and the rollback finds that what it is about has left
  expect((await moving.run()).output).toMatchObject({ outcome: 'succeeded', version: '3' });
  expect((await rollback.run()).output).toMatchObject({
    outcome: 'refused',
    detail: expect.stringContaining("version 2 of 'rain' does not serve any more, version 3 does") as string,
  });
});

test('a late rollback is done after an update that went back by itself', async () => {
  const world = await worldOfThree();
  world.natures.set('3', 'crashing');
  const moving = start(world, 'moving', request({ version: '3' }));
  await until(moving, 'Settle');
  const rollback = start(world, 'rollback', ROLLBACK);
  await until(rollback, 'WaitForLock');

  await moving.run();
  await rollback.run();

  expect(rollback.output).toMatchObject({ outcome: 'succeeded', version: '1' });
  expect(world.target.look().deployment?.version).toBe('1');
});
