import { release, request, rollBack, start } from './support/machine';
import { MODEL, World } from './support/world';

const NOW = '2026-11-24T00:00:00.000Z';

async function ask(world: World, action: 'hold' | 'resume', more: object = {}, name: string = action) {
  return start(world, name, { action, model: MODEL, requestedBy: 'ann', reason: 'audit', ...more }).run();
}

/** Versions 1 and 2 have served; 3 is registered. */
async function worldOfThree(): Promise<World> {
  const world = new World();
  for (const version of ['1', '2', '3']) world.register(version);
  await release(world, '1');
  await release(world, '2');
  return world;
}

/** An approval's event asks for a version. */
async function approved(world: World, version: string) {
  world.setApproval(version, 'Approved');
  const evidence = { approvedAt: world.packages.get(version)?.approvedAt };
  return start(world, `approval-${version}`, request({ version, evidence })).run();
}

describe('a hold', () => {
  test('lasts a day unless it says otherwise, is recorded and told', async () => {
    const world = new World();

    const execution = await ask(world, 'hold');

    expect(execution.output).toEqual({
      outcome: 'succeeded',
      action: 'hold',
      model: MODEL,
      detail: "'rain' is held until 2026-11-25T00:00:00.000Z",
      generation: 1,
    });
    expect(world.holds.get(MODEL)).toEqual({
      model: MODEL,
      generation: 1,
      hold: { until: '2026-11-25T00:00:00.000Z', reason: 'audit', requestedBy: 'ann', since: NOW },
    });
    expect(world.holdings).toMatchObject([{ id: 'hold', action: 'hold', outcome: 'succeeded', generation: 1 }]);
    expect(world.notifications[0]?.subject).toBe('rain: held');
  });

  test.each([
    ['2026-11-30T23:59:59Z', 'succeeded'],
    ['2026-12-01T00:00:01Z', 'refused'],
    ['2026-11-23T23:59:59Z', 'refused'],
  ])('until %s is %s: seven days at most, and not in the past', async (until, outcome) => {
    const execution = await ask(new World(), 'hold', { until });
    expect(execution.output).toMatchObject({ outcome });
  });

  test('until a time that is none is refused, and changes nothing', async () => {
    const world = new World();
    const execution = await ask(world, 'hold', { until: 'tomorrow' });
    expect(execution.output).toMatchObject({ outcome: 'refused', action: 'hold' });
    expect(world.holds.size).toBe(0);
    expect(world.notifications).toHaveLength(1);
  });

  test.each([{ requestedBy: ' ' }, { reason: '' }, { requestedBy: 'alarm:drift' }])(
    'is a person’s, with a reason: %j is refused, with a record',
    async more => {
      const world = new World();
      const execution = await ask(world, 'hold', more);
      expect(execution.output).toMatchObject({ outcome: 'refused' });
      expect(world.holds.get(MODEL)?.hold).toBeUndefined();
      expect(world.holdings).toMatchObject([{ outcome: 'refused' }]);
    },
  );

  test('of a model that the environment does not have is refused', async () => {
    const execution = await ask(new World(), 'hold', { model: 'churn' });
    expect(execution.output).toMatchObject({
      outcome: 'refused',
      detail: expect.stringContaining("no model 'churn'") as string,
    });
  });

  test('that is set again takes the place of the first, and says so', async () => {
    const world = new World();
    await ask(world, 'hold', {}, 'first');
    const execution = await ask(world, 'hold', { until: '2026-11-26T00:00:00Z' }, 'second');
    expect(execution.output).toMatchObject({
      detail: expect.stringContaining('instead of until 2026-11-25') as string,
    });
    expect(world.holdings.map(({ generation }) => generation)).toEqual([1, 2]);
  });

  test('is set while a release is under way, and takes nothing from it', async () => {
    // GIVEN a release that moves traffic
    const world = await worldOfThree();
    world.setApproval('3', 'Approved');
    const evidence = { approvedAt: world.packages.get('3')?.approvedAt };
    const moving = start(world, 'moving', request({ version: '3', evidence }));
    while (moving.state !== 'Settle') await moving.advance();
    const { lockOwner, generation } = world.state();

    // WHEN
    await ask(world, 'hold');

    // THEN
    expect(world.state()).toMatchObject({ lockOwner, generation });
    expect((await moving.run()).output).toMatchObject({ outcome: 'succeeded', version: '3' });
  });

  test('is written once, though the answer to the writing got lost', async () => {
    const world = new World();
    let lost = false;
    world.fault = call => {
      if (call !== 'ledger.commitHold' || lost) return undefined;
      lost = true;
      return 'after';
    };
    const execution = await ask(world, 'hold');
    expect(execution.output).toMatchObject({ outcome: 'succeeded', generation: 1 });
    expect(world.holdings).toHaveLength(1);
  });

  test('whose writing was overtaken is written after the other', async () => {
    // GIVEN somebody else's hold between the look and the write
    const world = new World();
    let other = false;
    world.fault = call => {
      if (call === 'ledger.commitHold' && !other) {
        other = true;
        world.holds.set(MODEL, { model: MODEL, generation: 1 });
      }
      return undefined;
    };
    const execution = await ask(world, 'hold');
    expect(execution.output).toMatchObject({ outcome: 'succeeded', generation: 2 });
  });

  test('that cannot be written fails, and a person is told', async () => {
    const world = new World();
    world.fault = call => (call === 'ledger.commitHold' ? 'before' : undefined);
    const execution = await ask(world, 'hold');
    expect(execution).toMatchObject({ status: 'FAILED', error: 'ReleaseFailed' });
    expect(world.notifications[0]?.did).toContain('ledger.commitHold failed');
  });
});

describe('while a model is held', () => {
  async function heldWorld(): Promise<World> {
    const world = await worldOfThree();
    await ask(world, 'hold');
    return world;
  }

  test('an approval releases nothing, and the refusal tells how to go on', async () => {
    const world = await heldWorld();
    const execution = await approved(world, '3');
    expect(execution.output).toMatchObject({
      outcome: 'refused',
      detail: expect.stringMatching(/is held until 2026-11-25T.* by ann: audit/) as string,
    });
    const youMay = world.notifications.at(-1)?.youMay.join('\n');
    expect(youMay).toContain('"action":"resume","model":"rain"');
    expect(youMay).toContain('"action":"release","model":"rain","version":"3"');
  });

  test('an alarm rolls nothing back', async () => {
    const world = await heldWorld();
    const execution = await rollBack(world, '2', '1');
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    expect(world.state().current).toBe('2');
    expect(world.notifications.at(-1)?.youMay.join('\n')).toContain(
      '"action":"rollback","model":"rain","version":"1","from":"2"',
    );
  });

  test.each([
    ['release', { version: '3' }],
    ['rollback', { version: '1' }],
  ] as const)('a person’s own %s goes past it, and its record says so', async (action, asked) => {
    // GIVEN
    const world = await heldWorld();
    world.setApproval('3', 'Approved');

    // WHEN
    const execution = await start(world, 'own', request({ action, ...asked })).run();

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded', version: asked.version });
    const record = world.releases.find(({ id }) => id === 'own');
    expect(record?.evidence).toMatchObject({ passedHold: { requestedBy: 'ann', reason: 'audit' } });
    expect(record?.detail).toContain('it went past the hold of ann until');
  });

  test('it ends by itself', async () => {
    const world = await heldWorld();
    world.pass(24 * 3600);
    expect((await approved(world, '3')).output).toMatchObject({ outcome: 'succeeded' });
    expect(world.releases.at(-1)?.evidence).not.toHaveProperty('passedHold');
  });

  test('it ends by resume, which is recorded and told', async () => {
    const world = await heldWorld();
    const execution = await ask(world, 'resume', { reason: 'done' });
    expect(execution.output).toMatchObject({ outcome: 'succeeded', action: 'resume', generation: 2 });
    expect(world.holdings.map(({ action }) => action)).toEqual(['hold', 'resume']);
    expect(world.notifications.at(-1)?.subject).toContain('not held any more');
    expect((await approved(world, '3')).output).toMatchObject({ outcome: 'succeeded' });
  });
});

test('nothing is resumed that is not held', async () => {
  const world = new World();
  const execution = await ask(world, 'resume');
  expect(execution.output).toMatchObject({ outcome: 'refused', detail: "'rain' is not held" });
});
