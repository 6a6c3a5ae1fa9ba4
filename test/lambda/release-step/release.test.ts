import { releaseInput } from '../../../lambda/shared/contracts';
import { release, request, rollBack, start } from './support/machine';
import { MODEL, SCHEMA, World } from './support/world';
import { containing, matching } from '../../support/matching';

const WIND = { name: 'wind', type: 'double', nullable: false } as const;

function worldWith(...versions: string[]): World {
  const world = new World();
  for (const version of versions) world.register(version);
  return world;
}

describe('a release', () => {
  test('makes an approved version serve, and says so', async () => {
    // GIVEN
    const world = worldWith('1');

    // WHEN
    const execution = await release(world, '1');

    // THEN
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.output).toEqual({
      outcome: 'succeeded',
      action: 'release',
      model: MODEL,
      version: '1',
      detail: 'version 1 serves; it answered',
      generation: 1,
      trafficMovedAt: matching(/^2026-11-24T/),
    });
    expect(world.target.look()).toMatchObject({ state: 'serving', deployment: { version: '1' } });
    expect(world.notifications).toHaveLength(1);
    expect(world.notifications[0]?.subject).toBe('rain: version 1 serves');
  });

  test('leaves the version healthy, the lock free and one record', async () => {
    // GIVEN
    const world = worldWith('1');

    // WHEN
    const execution = await release(world, '1');

    // THEN
    const { trafficMovedAt } = execution.output as { trafficMovedAt: string };
    expect(world.state()).toEqual({
      model: MODEL,
      current: '1',
      activatedAt: trafficMovedAt,
      healthy: ['1'],
      generation: 1,
    });
    expect(world.versions.get('1')).toMatchObject({ status: 'healthy', by: 'ann', reason: 'because' });
    expect(world.releases).toMatchObject([
      { id: 'release-1', action: 'release', version: '1', outcome: 'succeeded', generation: 1, trafficMovedAt },
    ]);
  });

  test('goes forward by the policy of the model, watched by its alarms', async () => {
    const world = worldWith('1', '2');
    await release(world, '1');
    await release(world, '2');
    expect(world.shifts[1]?.policy).toMatchObject({ type: 'CANARY', stepPercent: 10, alarmNames: ['errors'] });
  });

  test('of the version that serves already moves nothing and keeps its activation', async () => {
    // GIVEN
    const world = worldWith('1');
    await release(world, '1');
    const { activatedAt } = world.state();
    world.pass(1000);

    // WHEN
    const execution = await release(world, '1', 'again');

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded', detail: 'version 1 served already; it answered' });
    expect(world.state().activatedAt).toBe(activatedAt);
    expect(world.shifts).toHaveLength(1);
  });

  test('frees what is older than the version before', async () => {
    const world = worldWith('1', '2', '3');
    for (const version of ['1', '2', '3']) await release(world, version);
    expect(['1', '2', '3'].map(version => world.target.has(version))).toEqual([false, true, true]);
  });
});

describe('a release is refused', () => {
  const refusedBecause = async (world: World, input: unknown, name = 'asked') => {
    const execution = await start(world, name, input).run();
    expect(execution.status).toBe('SUCCEEDED');
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    return (execution.output as { detail: string }).detail;
  };

  test('when the version waits for approval, with the command that approves it', async () => {
    const world = worldWith('1');
    expect(await refusedBecause(world, request({ version: '1' }))).toBe(
      "version 1 of 'rain' is PendingManualApproval, only an Approved version serves",
    );
    expect(world.notifications[0]?.youMay[0]).toContain(
      'aws sagemaker update-model-package --model-package-arn arn:package/1 --model-approval-status Approved',
    );
    expect(world.state().lockOwner).toBeUndefined();
    expect(world.releases).toMatchObject([{ outcome: 'refused', version: '1' }]);
  });

  test('when the version was rejected', async () => {
    const world = worldWith('1');
    world.setApproval('1', 'Rejected', 'too old');
    expect(await refusedBecause(world, request({ version: '1' }))).toContain('is Rejected (too old)');
  });

  test('when the version is not in the registry', async () => {
    expect(await refusedBecause(worldWith(), request({ version: '9' }))).toContain('is not in the registry');
  });

  test('when the artifact is gone', async () => {
    const world = worldWith('1');
    world.setApproval('1', 'Approved');
    world.artifacts.clear();
    expect(await refusedBecause(world, request({ version: '1' }))).toContain('s3://artifacts/1, is gone');
  });

  test('when the artifact is not what was registered', async () => {
    const world = worldWith('1');
    world.setApproval('1', 'Approved');
    world.artifacts.set('s3://artifacts/1', { etag: '"other"' });
    expect(await refusedBecause(world, request({ version: '1' }))).toContain(
      'its entity tag is other, registered was 1',
    );
  });

  test('when the image that it was registered with is gone', async () => {
    // GIVEN
    const world = worldWith('1');
    world.setApproval('1', 'Approved');
    world.setImage('1', 'repository@sha256:registered');

    // THEN
    expect(await refusedBecause(world, request({ version: '1' }))).toContain('repository@sha256:registered, is gone');

    world.pass(60);
    world.images.set('repository@sha256:registered', { state: 'found', digest: 'sha256:registered' });
    const { output } = await start(world, 'again', request({ version: '1' })).run();
    expect(output).toMatchObject({ outcome: 'succeeded' });
  });

  test('when its baseline is gone, so that nobody could watch it', async () => {
    const world = worldWith('1');
    world.setApproval('1', 'Approved');
    world.giveSchema('1', SCHEMA);
    world.schemas.clear();
    expect(await refusedBecause(world, request({ version: '1' }))).toContain("its baseline 's3://baselines/1' is gone");
  });

  test('when an approval would serve one that cannot answer what callers send, unless a person asks', async () => {
    // GIVEN a version whose schema has a feature more
    const world = worldWith('1', '2');
    world.giveSchema('1', SCHEMA);
    world.giveSchema('2', { ...SCHEMA, features: [...SCHEMA.features, WIND] });
    await release(world, '1');
    world.setApproval('2', 'Approved');
    const evidence = { approvedAt: world.packages.get('2')?.approvedAt };

    // THEN
    expect(await refusedBecause(world, request({ version: '2', evidence }))).toContain(
      "'wind' is not sent, and must not be empty",
    );
    expect(world.state().current).toBe('1');

    // AND a person's word goes past it, and the record says so
    const { output } = await start(world, 'on-my-word', request({ version: '2' })).run();
    expect(output).toMatchObject({ outcome: 'succeeded', detail: containing("should know: 'wind' is not sent") });
    expect(world.releases.at(-1)?.evidence).toMatchObject({
      callersMeet: [
        containing("'wind' is not sent"),
        'rows sent by position (CSV, matrices) had 1 values, and must have 2',
      ],
    });
  });

  test('but not when what callers send is not known, which its record says', async () => {
    // GIVEN
    const world = worldWith('1', '2');
    world.giveSchema('1', SCHEMA);
    world.giveSchema('2', SCHEMA);
    await release(world, '1');
    world.schemas.delete('s3://baselines/1');
    world.setApproval('2', 'Approved');
    const evidence = { approvedAt: world.packages.get('2')?.approvedAt };

    // WHEN
    const { output } = await start(world, 'approved', request({ version: '2', evidence })).run();

    // THEN
    expect(output).toMatchObject({ outcome: 'succeeded', detail: containing('could not be compared') });
  });

  test('when its approval came before that of the version that serves', async () => {
    // GIVEN
    const world = worldWith('1', '2');
    world.setApproval('1', 'Approved');
    const approvedAt = world.packages.get('1')?.approvedAt;
    world.pass(60);
    await release(world, '2');

    // WHEN
    const reason = await refusedBecause(world, request({ version: '1', evidence: { approvedAt } }));

    // THEN
    expect(reason).toContain('this event came late');
    expect(world.state().current).toBe('2');
  });

  test('but not when the metadata of the version that serves was edited after both approvals', async () => {
    // GIVEN version 1 serves upon its approval, and 2 is approved
    const world = worldWith('1', '2');
    world.setApproval('1', 'Approved');
    const first = { approvedAt: world.packages.get('1')?.approvedAt };
    await start(world, 'approval-1', request({ version: '1', evidence: first })).run();
    world.setApproval('2', 'Approved');
    const second = { approvedAt: world.packages.get('2')?.approvedAt };

    // WHEN an edit of 1 moves the only time that the registry tells
    world.pass(60);
    world.setApproval('1', 'Approved');
    const execution = await start(world, 'approval-2', request({ version: '2', evidence: second })).run();

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded' });
    expect(world.versions.get('2')?.approvedAt).toBe(second.approvedAt);
  });

  test('and remembers the approval of a version to which it went back', async () => {
    // GIVEN
    const world = worldWith('1', '2');
    world.setApproval('1', 'Approved');
    const evidence = { approvedAt: world.packages.get('1')?.approvedAt };
    await start(world, 'approval-1', request({ version: '1', evidence })).run();
    await release(world, '2');

    // WHEN
    await rollBack(world, '2', '1');

    // THEN
    expect(world.versions.get('1')).toMatchObject({ by: 'alarm:drift', approvedAt: evidence.approvedAt });
  });

  test('but not when a person asks for that older version', async () => {
    const world = worldWith('1', '2');
    await release(world, '1');
    world.pass(60);
    await release(world, '2');
    const execution = await start(world, 'back', request({ version: '1' })).run();
    expect(execution.output).toMatchObject({ outcome: 'succeeded' });
  });

  test('when there is no such model', async () => {
    const world = worldWith();
    expect(await refusedBecause(world, { ...request({ version: '1' }), model: 'snow' })).toBe(
      "there is no model 'snow' in this environment",
    );
    expect(world.states.size).toBe(0);
  });

  test.each([
    [{ ...request({ version: 'two' }) }, "'version' must be a whole number in a string, e.g. '2', got 'two'"],
    [{ ...request({ version: '1' }), action: 'explode' }, "the input does not say what to do ('action'"],
    [{}, "the input does not say what to do ('action'"],
  ])('when the input is wrong: %j', async (input, reason) => {
    expect(await refusedBecause(worldWith('1'), input)).toContain(reason);
  });

  test('when another release holds the lock for longer than any release takes', async () => {
    // GIVEN
    const world = worldWith('1');
    const other = 'arn:aws:states:eu-west-1:000000000000:execution:releases:other';
    world.states.set(MODEL, {
      ...world.state(),
      generation: 1,
      lockOwner: other,
      lockExpiresAt: '2099-01-01T00:00:00.000Z',
    });

    // WHEN
    const reason = await refusedBecause(world, request({ version: '1' }));

    // THEN
    expect(reason).toBe(`another release of 'rain' has held the lock all the time: ${other}`);
    expect(world.state().lockOwner).toBe(other);
    expect(world.releases).toMatchObject([
      { id: 'asked', version: '1', outcome: 'refused', detail: reason, generation: 0 },
    ]);
  });
});

describe('a rollback', () => {
  const twoServed = async (): Promise<World> => {
    const world = worldWith('1', '2');
    await release(world, '1');
    await release(world, '2');
    return world;
  };

  test('returns to the healthy version at once, whatever the alarms say', async () => {
    // GIVEN
    const world = await twoServed();

    // WHEN
    const execution = await rollBack(world, '2', '1');

    // THEN
    expect(execution.output).toMatchObject({
      outcome: 'succeeded',
      detail: containing('instead of version 2'),
    });
    expect(world.shifts[2]).toMatchObject({
      deployment: { version: '1' },
      policy: { type: 'ALL_AT_ONCE', waitSeconds: 0, terminationWaitSeconds: 0, alarmNames: [] },
    });
  });

  test('rejects and quarantines the version that left, and remembers that an alarm asked', async () => {
    const world = await twoServed();
    await rollBack(world, '2', '1');
    expect(world.packages.get('2')).toMatchObject({
      approval: 'Rejected',
      approvalDescription: 'rolled back by alarm:drift: predictions drifted',
    });
    expect(world.versions.get('2')).toMatchObject({ status: 'quarantined', reason: 'predictions drifted' });
    expect(world.state()).toMatchObject({ current: '1', healthy: ['1'] });
    expect(world.state().lastAutomaticRollbackAt).toBeDefined();
    expect(world.target.has('2')).toBe(false);
  });

  test('by a person does not start the cooldown', async () => {
    const world = await twoServed();
    await start(world, 'by-hand', request({ action: 'rollback', version: '1' })).run();
    expect(world.state()).toMatchObject({ current: '1' });
    expect(world.state().lastAutomaticRollbackAt).toBeUndefined();
  });

  test('tells a person what happened, and how the quarantine is lifted', async () => {
    const world = await twoServed();
    await rollBack(world, '2', '1');
    const { subject, what, youMay } = world.notifications[2] ?? { subject: '', what: '', youMay: [] };
    expect(subject).toBe('rain: rolled back from version 2 to version 1');
    expect(what).toBe("The alarm 'drift' asked to go back to version 1. The reason given: predictions drifted");
    expect(youMay[1]).toContain(
      `aws stepfunctions start-execution --state-machine-arn arn:aws:states:eu-west-1:000000000000:stateMachine:releases --input '{"action":"lift-quarantine","model":"rain","version":"2"`,
    );
  });

  test.each([
    ['a version that never served here', '3', '2', 'was never healthy in this environment'],
    ['the version that serves', '2', '2', 'serves already'],
    [
      'another when the alarmed version has left',
      '1',
      '7',
      "version 7 of 'rain' does not serve any more, version 2 does",
    ],
  ])('to %s is refused', async (_case, to, from, reason) => {
    // GIVEN
    const world = await twoServed();
    world.register('3');
    world.setApproval('3', 'Approved');

    // WHEN
    const execution = await rollBack(world, from, to);

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'refused', detail: containing(reason) });
    expect(world.state().current).toBe('2');
    expect(world.shifts).toHaveLength(2);
  });

  const threeServed = async (): Promise<World> => {
    const world = worldWith('1', '2', '3');
    for (const version of ['1', '2', '3']) await release(world, version);
    return world;
  };

  test.each<[string, (world: World) => void, string]>([
    [
      'was rejected',
      world => {
        world.setApproval('2', 'Rejected', 'biased');
      },
      "version 2 of 'rain' is Rejected (biased), only an Approved version serves",
    ],
    [
      'has lost its baseline',
      world => {
        world.giveSchema('2', SCHEMA);
        world.schemas.clear();
      },
      "its baseline 's3://baselines/2' is gone",
    ],
    [
      'has lost its artifact',
      world => world.artifacts.delete('s3://artifacts/2'),
      "the artifact of version 2 of 'rain', s3://artifacts/2, is gone",
    ],
    [
      'is quarantined',
      world => world.versions.set('2', { version: '2', status: 'quarantined', reason: 'r', at: 't', by: 'ann' }),
      "version 2 of 'rain' was never healthy",
    ],
  ])('that an alarm asked for passes over a version that %s', async (_case, spoil, reason) => {
    // GIVEN
    const world = await threeServed();
    spoil(world);

    // WHEN
    const execution = await rollBack(world, '3', '2');

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '1', detail: containing(reason) });
    expect(world.state()).toMatchObject({ current: '1' });
    expect(world.versions.get('3')?.status).toBe('quarantined');
    expect(world.releases.at(-1)).toMatchObject({
      version: '1',
      evidence: { passedOver: [{ version: '2', reason: containing(reason) }] },
    });
    expect(world.notifications.at(-1)).toMatchObject({
      subject: 'rain: rolled back from version 3 to version 1',
      what: containing('asked to go back to version 2.'),
      did: containing('version 2 was passed over: '),
    });
  });

  test('changes nothing and tells a person when none of the healthy versions may serve', async () => {
    // GIVEN
    const world = await threeServed();
    world.setApproval('1', 'Rejected');
    world.artifacts.delete('s3://artifacts/2');

    // WHEN
    const execution = await rollBack(world, '3', '2');

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'refused', detail: containing('is gone; version 1 of') });
    expect(world.state().current).toBe('3');
    expect(world.shifts).toHaveLength(3);
    expect(world.notifications.at(-1)?.subject).toBe('rain: rollback to version 2 refused');
  });

  test('goes back to a version that takes what the bad one did not, and says what callers may meet', async () => {
    // GIVEN version 3 has dropped a feature, and an order has changed
    const world = await threeServed();
    world.giveSchema('2', { ...SCHEMA, features: [WIND, ...SCHEMA.features] });
    world.giveSchema('3', SCHEMA);

    // WHEN
    const execution = await rollBack(world, '3', '2');

    // THEN
    expect(execution.output).toMatchObject({ outcome: 'succeeded', version: '2' });
    expect(world.releases.at(-1)?.evidence).toMatchObject({
      callersMeet: [containing("'wind' is not sent"), containing('by position')],
    });
  });

  test('that a person asked for goes to no other version', async () => {
    const world = await threeServed();
    world.setApproval('2', 'Rejected');
    const execution = await start(world, 'by-hand', request({ action: 'rollback', version: '2', from: '3' })).run();
    expect(execution.output).toMatchObject({ outcome: 'refused', version: '2' });
    expect(world.state().current).toBe('3');
  });

  test('is refused when nothing else was ever healthy, and a person is told', async () => {
    const world = worldWith('1', '2');
    await release(world, '2');
    const execution = await rollBack(world, '2', '1');
    expect(execution.output).toMatchObject({ outcome: 'refused' });
    expect(world.notifications[1]?.youMay[0]).toContain('No other version was ever healthy here');
  });

  test('is refused without the version that is to leave, when an alarm asks', async () => {
    const world = await twoServed();
    const input = request({ action: 'rollback', version: '1', requestedBy: 'alarm:drift' });
    const execution = await start(world, 'no-from', input).run();
    expect(execution.output).toMatchObject({ detail: containing("must say in 'from'") });
  });

  test('is refused a second time within the cooldown, unless a person asks', async () => {
    // GIVEN
    const world = worldWith('1', '2', '3');
    for (const version of ['1', '2', '3']) await release(world, version);
    await rollBack(world, '3', '2');
    world.pass(3600);

    // WHEN
    const second = await rollBack(world, '2', '1');

    // THEN
    expect(second.output).toMatchObject({
      outcome: 'refused',
      detail: containing('a second alarm so soon speaks of the data'),
    });
    const byHand = await start(world, 'hand', request({ action: 'rollback', version: '1', from: '2' })).run();
    expect(byHand.output).toMatchObject({ outcome: 'succeeded' });
  });

  test('two alarms of one moment make one rollback', async () => {
    // GIVEN
    const world = worldWith('1', '2', '3');
    for (const version of ['1', '2', '3']) await release(world, version);

    // WHEN
    await rollBack(world, '3', '2', 'drift');
    const second = await rollBack(world, '3', '2', 'quality');

    // THEN
    expect(second.output).toMatchObject({ outcome: 'refused' });
    expect(world.state().current).toBe('2');
  });
});

describe('a quarantine', () => {
  const rolledBack = async (): Promise<World> => {
    const world = worldWith('1', '2');
    await release(world, '1');
    await release(world, '2');
    await rollBack(world, '2', '1');
    return world;
  };

  test('holds when the version is approved again, and says how it is lifted', async () => {
    const world = await rolledBack();
    const execution = await release(world, '2', 'approved-again');
    expect(execution.output).toMatchObject({
      outcome: 'refused',
      detail: containing('is quarantined since'),
    });
    const { youMay } = world.notifications[3] ?? { youMay: [] };
    expect(youMay[0]).toContain('"action":"lift-quarantine","model":"rain","version":"2"');
    expect(youMay[1]).toContain('"action":"release","model":"rain","version":"2"');
    expect(world.state().current).toBe('1');
  });

  test('is lifted by a command that the notification shows', async () => {
    // GIVEN
    const world = await rolledBack();
    await release(world, '2', 'approved-again');
    const commands = (world.notifications[3]?.youMay ?? []).map(text => /--input '(.*)'$/.exec(text)?.[1]);
    const inputs = commands.filter(text => text !== undefined).map(text => releaseInput.parse(JSON.parse(text)));

    // WHEN
    for (const [index, input] of inputs.entries()) await start(world, `pasted-${String(index)}`, input).run();

    // THEN
    expect(inputs.map(input => input.action)).toEqual(['lift-quarantine', 'release']);
    expect(world.state().current).toBe('2');
    expect(world.versions.get('2')?.status).toBe('healthy');
  });

  test('when lifted does not make the version a target of a rollback', async () => {
    const world = await rolledBack();
    await start(world, 'lift', request({ action: 'lift-quarantine', version: '2' })).run();
    expect(world.versions.get('2')).toMatchObject({
      status: 'retired',
      by: 'ann',
      reason: 'quarantine lifted: because',
    });
    expect(world.state().healthy).toEqual(['1']);
    expect(world.releases.at(-1)).toMatchObject({ action: 'lift-quarantine', outcome: 'succeeded' });
  });

  test.each([
    [{ version: '1' }, 'is not quarantined here, it is healthy'],
    [{ version: '2', requestedBy: 'alarm:drift' }, 'only a person lifts a quarantine'],
    [{ version: '2', reason: ' ' }, 'only a person lifts a quarantine'],
  ])('is not lifted for %j', async (more, reason) => {
    const world = await rolledBack();
    const execution = await start(world, 'lift', request({ action: 'lift-quarantine', ...more })).run();
    expect(execution.output).toMatchObject({ outcome: 'refused', detail: containing(reason) });
  });
});
