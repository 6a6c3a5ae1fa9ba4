import { gateStep } from '../../../lambda/pipeline-control/gate-step';
import { pipelineOutput } from '../../../lambda/shared/contracts';
import { contextOf, evaluationOf, inputOf, OTHER_EXECUTION, World } from './fixtures';
import { runOf } from './run-fixture';

const RUN = runOf();
const EVALUATION = `${RUN.evaluationUri}/evaluation.json`;

function worldWith(evaluation: unknown, change: Parameters<typeof runOf>[0] = {}): World {
  const world = new World();
  world.runRecords.set(RUN.runId, runOf(change));
  if (evaluation !== undefined) world.files.set(EVALUATION, JSON.stringify(evaluation));
  return world;
}

const gate = (world: World) => gateStep(contextOf(), RUN.runId, world);

describe('gateStep', () => {
  test('lets a good challenger go on, and keeps its numbers', async () => {
    const world = worldWith(evaluationOf(0.86, 0.8), { champion: '1' });

    expect(await gate(world)).toMatchObject({ outcome: 'continue', auc: 0.86 });
    expect(world.runRecords.get(RUN.runId)).toMatchObject({ status: 'running', auc: 0.86, championAuc: 0.8 });
  });

  test('ends with the reason when the challenger lost, and counts it', async () => {
    // GIVEN
    const world = worldWith(evaluationOf(0.86, 0.86), { champion: '1' });

    // WHEN
    const answer = await gate(world);

    // THEN
    expect(pipelineOutput.parse(answer)).toMatchObject({
      outcome: 'not-better',
      runId: RUN.runId,
      auc: 0.86,
      champion: { version: '1', auc: 0.86 },
    });
    expect(world.state).toMatchObject({ lostChallengers: 1, seenThrough: RUN.seenThrough });
    expect(world.runRecords.get(RUN.runId)).toMatchObject({ status: 'not-better' });
    expect(world.executions.get('first')).toMatchObject({ outcome: 'not-better' });
    expect(world.told).toEqual([]);
  });

  test('tells a person when an alarm asked for the challenger that lost', async () => {
    const world = worldWith(evaluationOf(0.7));

    await gateStep({ ...contextOf(), input: inputOf('retrain') }, RUN.runId, world);

    expect(world.told.map(({ subject }) => subject)).toEqual([
      'rain: a retraining was asked for and made no new version',
    ]);
  });

  test('counts a challenger once when the step is tried again', async () => {
    const world = worldWith(evaluationOf(0.7));

    const first = await gate(world);

    expect(await gate(world)).toEqual(first);
    expect(world.state.lostChallengers).toBe(1);
  });

  test('tells a person when the next training is stopped', async () => {
    const world = worldWith(evaluationOf(0.7));
    world.state = { ...world.state, lostChallengers: 1 };

    await gate(world);

    expect(world.told).toEqual([
      expect.objectContaining({ subject: 'rain: retraining stops after 2 lost challengers' }),
    ]);
  });

  test.each([
    ['is not there', undefined, {}, /is not there, the evaluation must write it/],
    ['has another shape', { rows: 0 }, {}, /does not have the agreed shape/],
    ['leaves the champion out', evaluationOf(0.9), { champion: '1' }, /does not judge the champion, version 1/],
  ])('fails when the evaluation %s', async (_what, evaluation, change, message) => {
    expect(await gate(worldWith(evaluation, change))).toEqual({
      outcome: 'failed',
      reason: expect.stringMatching(message) as string,
    });
  });

  test('fails when another execution has taken the run over', async () => {
    expect(await gate(worldWith(evaluationOf(0.9), { execution: OTHER_EXECUTION }))).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/was taken over by/) as string,
    });
  });

  test('writes nothing when the run is taken over at the last moment', async () => {
    const world = worldWith(evaluationOf(0.9));
    world.beforeCommit = () => {
      world.state = { ...world.state, generation: 9 };
      world.runRecords.set(RUN.runId, runOf({ execution: OTHER_EXECUTION, attempt: 2 }));
    };

    await expect(gate(world)).rejects.toThrow(/was taken over/);
    expect(world.runRecords.get(RUN.runId)).toMatchObject({ attempt: 2 });
  });

  test('fails for a run that was never claimed', async () => {
    await expect(gateStep(contextOf(), 'nobody', new World())).rejects.toThrow(/run 'nobody' of 'rain' not found/);
  });
});
