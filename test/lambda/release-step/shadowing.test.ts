/** A version that shadows before it serves: what lets it go on, what ends it, and that nobody waits for it who cannot. */
import type { Execution } from '../../support/state-machine';
import { release, request, rollBack, start } from './support/machine';
import { AGREEING, SHADOWED, World } from './support/world';

const REASONS = {
  disagrees: { ...AGREEING, disagreeing: 100 },
  few: { ...AGREEING, compared: 3, disagreeing: 0 },
};

/** Versions 1 and 2 served in turn, 2 does; then the settings ask for a shadow, and version 3 is approved. */
async function serving2(): Promise<World> {
  const world = new World();
  for (const version of ['1', '2', '3']) world.register(version);
  await release(world, '1');
  await release(world, '2');
  world.settings = SHADOWED;
  world.setApproval('3', 'Approved');
  return world;
}

/** Starts a release of version 3 and goes on until it shadows. */
async function shadowing(world: World): Promise<Execution> {
  const execution = start(world, 'release-3', request({ version: '3' }));
  for (let states = 0; world.target.look().shadow === undefined; states++) {
    if (states > 200) throw new Error('it does not come to shadow');
    await execution.advance();
  }
  return execution;
}

describe('a release of a model with a shadow policy', () => {
  test('shadows, is compared, and serves by its policy', async () => {
    // GIVEN
    const world = await serving2();

    // WHEN
    const execution = await shadowing(world);
    const { deployment, shadow } = world.target.look();
    await execution.run();

    // THEN
    expect([deployment?.version, shadow?.version]).toEqual(['2', '3']);
    expect(execution.status).toBe('SUCCEEDED');
    expect(world.target.look()).toEqual({ state: 'serving', deployment: { id: 'd-3', version: '3' } });
    expect(world.shifts.at(-1)?.policy).toMatchObject({ type: 'CANARY', alarmNames: ['errors'] });
    const [time] = world.pairings;
    expect(time).toMatchObject({ champion: '2', challenger: '3' });
    expect(Number(time?.until) - Number(time?.since)).toBe(600_000);
    const record = world.releases.at(-1);
    expect(record).toMatchObject({ outcome: 'succeeded', evidence: { shadow: AGREEING } });
    expect(record?.detail).toContain(
      'version 3 shadowed version 2 for 10 min: 812 requests compared, 1.2 % answered otherwise, scores differ by 0.01 on average',
    );
    expect(world.notifications.at(-1)?.did).toContain('812 requests compared');
  });

  test('is undone when too many answers differ, and what serves is not touched', async () => {
    const world = await serving2();
    world.comparison = REASONS.disagrees;
    const shifts = world.shifts.length;
    const execution = await start(world, 'release-3', request({ version: '3' })).run();
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ReleaseUndone' });
    expect(world.releases.at(-1)).toMatchObject({
      outcome: 'undone',
      detail: expect.stringMatching(
        /12 % were answered otherwise, more than 5 %; of all: .*; version 2 serves, as before$/,
      ) as string,
      evidence: { shadow: REASONS.disagrees },
    });
    // the only movement is the one that ends the shadow
    expect(world.shifts.slice(shifts).map(({ deployment }) => deployment.version)).toEqual(['2']);
    expect(world.target.look()).toEqual({ state: 'serving', deployment: { id: 'd-2', version: '2' } });
    expect(world.state().current).toBe('2');
    expect(world.state().lockOwner).toBeUndefined();
  });

  test('is undone when too little was compared, and says what to do', async () => {
    const world = await serving2();
    world.comparison = REASONS.few;
    await start(world, 'release-3', request({ version: '3' })).run();
    expect(world.releases.at(-1)?.detail).toContain('only 3 requests could be compared, must be at least 100');
    expect(world.notifications.at(-1)?.youMay.join('\n')).toContain('npx mlops release rain 3 --without-shadow');
  });

  test('is undone when it is rejected meanwhile', async () => {
    const world = await serving2();
    const execution = await shadowing(world);
    world.setApproval('3', 'Rejected');
    await execution.run();
    expect(world.releases.at(-1)?.detail).toContain('version 3 is Rejected since it began to shadow');
    expect(world.target.look().shadow).toBeUndefined();
  });

  test('that an approval asked for does not go past a hold that was set meanwhile', async () => {
    // GIVEN
    const world = await serving2();
    const evidence = { approvedAt: new Date(world.now).toISOString() };
    const execution = start(world, 'release-3', request({ version: '3', evidence }));
    for (let states = 0; states < 20; states++) await execution.advance();

    // WHEN
    await start(world, 'hold', { action: 'hold', model: 'rain', requestedBy: 'ann', reason: 'a feast' }).run();
    await execution.run();

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(world.releases.at(-1)?.detail).toMatch(/but meanwhile 'rain' was held until .* by ann: a feast/);
  });

  test('is undone when its shadow does not come into service', async () => {
    const world = await serving2();
    world.natures.set('3', 'crashing');
    await start(world, 'release-3', request({ version: '3' })).run();
    expect(world.releases.at(-1)?.detail).toBe(
      'version 3 could not shadow: alarm errors went off; version 2 serves, as before',
    );
  });

  test.each<[string, (world: World) => Promise<Execution>, string | undefined]>([
    [
      'when a person asks for it',
      world => start(world, 'r', request({ version: '3', withoutShadow: true })).run(),
      "'ann' asked for a release without it",
    ],
    ['with the way back', world => rollBack(world, '2', '1'), undefined],
    ['with the version that serves', world => release(world, '2', 'again'), undefined],
  ])('goes without a shadow %s', async (_, asked, skipped) => {
    const world = await serving2();
    expect((await asked(world)).status).toBe('SUCCEEDED');
    expect(world.pairings).toEqual([]);
    const { evidence } = world.releases.at(-1) ?? {};
    expect(evidence?.['shadow']).toEqual(skipped === undefined ? undefined : { skipped });
  });

  test("shadows although an event says that it need not: that is a person's word", async () => {
    const world = await serving2();
    const evidence = { approvedAt: new Date(world.now).toISOString() };
    await start(world, 'r', request({ version: '3', withoutShadow: true, evidence })).run();
    expect(world.pairings).toHaveLength(1);
  });

  test('goes without a shadow when it is the first, and says so', async () => {
    const world = new World();
    world.settings = SHADOWED;
    world.register('1');
    await release(world, '1');
    expect(world.releases.at(-1)).toMatchObject({
      outcome: 'succeeded',
      detail: expect.stringContaining('it did not shadow: nothing served that it could have shadowed') as string,
    });
  });
});

describe('somebody who cannot wait', () => {
  test.each<[string, object]>([
    ['a rollback', { action: 'rollback', version: '1', from: '2' }],
    ['a release without a shadow', { version: '4', withoutShadow: true }],
  ])('%s ends a shadow, and does not wait for its time', async (_, asked) => {
    // GIVEN
    const world = await serving2();
    world.register('4');
    world.setApproval('4', 'Approved');
    const shadowed = await shadowing(world);
    const began = world.now;

    // WHEN
    const urgent = start(world, 'urgent', request(asked as Parameters<typeof request>[0]));
    while (world.waiting === undefined) await urgent.advance();
    await shadowed.run();
    await urgent.run();

    // THEN
    expect(shadowed.error).toBe('ReleaseUndone');
    expect(world.releases.find(({ id }) => id === 'release-3')?.detail).toMatch(
      /^version 3 only shadowed, and gave way to the .* that 'ann' asked for \('urgent'\), which ends the shadow; version 2 served all the time$/,
    );
    expect(urgent.status).toBe('SUCCEEDED');
    const letter = world.notifications.find(({ subject }) => subject.includes('version 3'));
    expect(letter?.subject).toBe('rain: version 3 only shadowed, and gave way');
    expect(letter?.youMay[0]).toMatch(
      /^Ask again once you know why the .* was asked for: .*npx mlops release rain 3 /s,
    );
    const { version } = asked as { version: string };
    expect(world.target.look()).toEqual({ state: 'serving', deployment: { id: `d-${version}`, version } });
    expect(world.waiting).toBeUndefined();
    expect((world.now - began) / 1000).toBeLessThan(600);
  });

  test('is heard while the shadow still comes into service', async () => {
    const world = await serving2();
    const shadowed = start(world, 'release-3', request({ version: '3' }));
    while (world.target.look().state !== 'moving') await shadowed.advance();
    const rollback = start(world, 'rollback', request({ action: 'rollback', version: '1', from: '2' }));
    while (world.waiting === undefined) await rollback.advance();
    await shadowed.run();
    await rollback.run();
    expect(rollback.status).toBe('SUCCEEDED');
    expect(world.target.look()).toEqual({ state: 'serving', deployment: { id: 'd-1', version: '1' } });
  });

  test('and is refused then ends the shadow all the same', async () => {
    const world = await serving2();
    const shadowed = await shadowing(world);
    const rollback = start(world, 'rollback', request({ action: 'rollback', version: '9', from: '2' }));
    while (world.waiting === undefined) await rollback.advance();
    await shadowed.run();
    await rollback.run();
    expect(world.releases.at(-1)).toMatchObject({ id: 'rollback', outcome: 'refused' });
    expect(world.target.look()).toEqual({ state: 'serving', deployment: { id: 'd-2', version: '2' } });
  });

  test('and died long ago ends nothing', async () => {
    const world = await serving2();
    const at = new Date(world.now).toISOString();
    world.waiting = { id: 'dead', action: 'rollback', version: '1', requestedBy: 'ann', at };
    world.pass(301);
    await start(world, 'release-3', request({ version: '3' })).run();
    expect(world.state().current).toBe('3');
  });
});

describe('a shadow that nobody looks at', () => {
  const RECONCILE = { action: 'reconcile', model: 'rain', requestedBy: 'reconciler', reason: 'it shadows on' };

  test('of an execution that died is ended, and its release undone', async () => {
    // GIVEN
    const world = await serving2();
    await shadowing(world);
    world.pass(2 * 3600);

    // WHEN
    const execution = await start(world, 'reconcile-1', RECONCILE).run();

    // THEN
    expect(execution.error).toBe('ReleaseUndone');
    expect(world.target.look()).toEqual({ state: 'serving', deployment: { id: 'd-2', version: '2' } });
    expect(world.state().lockOwner).toBeUndefined();
  });

  test('of a release that gave way to somebody who died is ended, and a person told', async () => {
    // GIVEN
    const world = await serving2();
    const shadowed = await shadowing(world);
    const rollback = start(world, 'rollback', request({ action: 'rollback', version: '1', from: '2' }));
    while (world.waiting === undefined) await rollback.advance();
    await shadowed.run();

    // WHEN
    const execution = await start(world, 'reconcile-1', RECONCILE).run();

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
    expect(world.target.look()).toEqual({ state: 'serving', deployment: { id: 'd-2', version: '2' } });
    expect(world.state().lockOwner).toBeUndefined();
    expect(world.notifications.at(-1)).toMatchObject({
      subject: 'rain: a shadow that was left is gone',
      did: 'Version 3 shadowed although no release looked at it any more; version 2 serves, as before.',
    });
  });

  test('is no reason to reconcile where there is none', async () => {
    const world = await serving2();
    await start(world, 'reconcile-1', RECONCILE).run();
    expect(world.releases.at(-1)).toMatchObject({ outcome: 'refused' });
  });
});

test('the ledger says while a version only shadows, and no longer', async () => {
  const world = await serving2();
  const execution = await shadowing(world);
  expect(world.state().underway).toMatchObject({ id: 'release-3', shadowing: true });
  while (world.target.look().towards?.version !== '3') await execution.advance();
  expect(world.state().underway?.shadowing).toBeUndefined();
});
