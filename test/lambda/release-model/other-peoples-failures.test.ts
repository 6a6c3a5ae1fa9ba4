import { release } from '../release-step/support/machine';
import { World } from '../release-step/support/world';

test('flagger#639: a fix goes in while what serves is down, and by the whole way', async () => {
  // GIVEN
  const world = new World();
  world.register('1');
  await release(world, '1');
  const { deployment } = world.target.look();
  world.target.force({ state: 'broken', deployment, reason: 'out of memory' });

  // WHEN
  world.register('2');
  const execution = await release(world, '2');

  // THEN
  expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '2' });
  expect(world.target.look()).toMatchObject({ state: 'serving', deployment: { version: '2' } });
  expect(world.probes).toHaveLength(2);
  expect(world.releases.at(-1)).toMatchObject({ outcome: 'succeeded', version: '2' });
});

test('flagger#639: a fix that does not work either leaves the version before it, and says so', async () => {
  // GIVEN what serves is down, but would come up again
  const world = new World();
  world.register('1');
  await release(world, '1');
  const { deployment } = world.target.look();
  world.target.force({ state: 'broken', deployment, reason: 'out of memory' });

  // WHEN
  world.register('2', 'mute');
  const execution = await release(world, '2');

  // THEN
  expect(execution.cause).toContain('version 1 serves, as before');
  expect(world.target.look()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
});
