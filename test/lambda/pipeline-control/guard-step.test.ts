import { guardStep } from '../../../lambda/pipeline-control/guard-step';
import { INITIAL_STATE } from '../../../lambda/pipeline-control/records';
import { EXECUTION, inputOf, NOW, SETTINGS, World } from './fixtures';

describe('guardStep', () => {
  test('answers the settings by which the execution goes', async () => {
    const world = new World();
    world.land('b', 100, 1);

    expect(await guardStep(inputOf('new-data'), EXECUTION, world)).toEqual({ outcome: 'continue', settings: SETTINGS });
  });

  test('skips a start with too few new rows, and records why', async () => {
    // GIVEN
    const world = new World();
    world.land('b', 99, 1);

    // WHEN
    const answer = await guardStep(inputOf('new-data'), EXECUTION, world);

    // THEN
    const reason = "99 rows have landed since the last training, a start by 'new-data' needs 100";
    expect(answer).toEqual({ outcome: 'skipped', model: 'rain', reason });
    expect(world.executions.get('first')).toEqual({
      name: 'first',
      at: NOW.toISOString(),
      trigger: 'new-data t',
      requestedBy: 'ada',
      startReason: 'why not',
      outcome: 'skipped',
      reason,
    });
  });

  test('skips a start by what starts no training of this model, and records why', async () => {
    const world = new World();

    const answer = await guardStep(inputOf('merge'), EXECUTION, world);

    expect(answer).toMatchObject({ outcome: 'skipped', reason: expect.stringMatching(/^a merge starts no/) as string });
    expect(world.executions.get('first')).toMatchObject({ trigger: 'merge t', outcome: 'skipped' });
  });

  test('tells a person when an alarm asked for the training that is skipped', async () => {
    // GIVEN
    const world = new World();
    world.state = { ...INITIAL_STATE, trainings: [NOW.toISOString(), NOW.toISOString(), NOW.toISOString()] };

    // WHEN
    const answer = await guardStep(inputOf('retrain'), EXECUTION, world);

    // THEN
    expect(answer).toMatchObject({ outcome: 'skipped' });
    expect(world.told).toEqual([
      expect.objectContaining({
        subject: 'rain: a retraining was asked for and made no new version',
        what: 'ada asked for a training: why not.',
      }),
    ]);
  });

  test('tells nobody of a start on new data that is skipped: the next batch starts again', async () => {
    const world = new World();
    await guardStep(inputOf('new-data'), EXECUTION, world);
    expect(world.told).toEqual([]);
  });

  test('lets a person start without new rows', async () => {
    expect(await guardStep(inputOf('manual'), EXECUTION, new World())).toMatchObject({ outcome: 'continue' });
  });

  test("holds a person's start to the cap", async () => {
    const world = new World();
    world.state = { ...INITIAL_STATE, trainings: [NOW.toISOString(), NOW.toISOString(), NOW.toISOString()] };

    expect(await guardStep(inputOf('manual'), EXECUTION, world)).toMatchObject({ outcome: 'skipped' });
  });

  test.each([
    ['nothing', undefined],
    ['no trigger', { model: 'rain' }],
    ['an unknown kind', { ...inputOf(), trigger: { ...inputOf().trigger, kind: 'whim' } }],
    ['a misspelt property', { ...inputOf(), hyperparameter: {} }],
  ])('fails on an input with %s', async (_what, request) => {
    expect(await guardStep(request, EXECUTION, new World())).toEqual({
      outcome: 'failed',
      reason: expect.stringMatching(/^the input does not have the agreed shape/) as string,
    });
  });

  test('fails for a model without settings', async () => {
    const world = new World();
    world.settingsProblem = 'parameter not found';

    expect(await guardStep(inputOf(), EXECUTION, world)).toEqual({ outcome: 'failed', reason: 'parameter not found' });
  });
});
