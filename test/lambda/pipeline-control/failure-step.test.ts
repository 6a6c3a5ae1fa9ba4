import { failureStep } from '../../../lambda/pipeline-control/failure-step';
import { claimStep } from '../../../lambda/pipeline-control/claim-step';
import { contextOf, EXECUTION, inputOf, OTHER_EXECUTION, SNAPSHOT, SURROUNDINGS, World } from './fixtures';
import { runOf } from './run-fixture';

const RUN = runOf();
const CAUSE = JSON.stringify({ FailureReason: 'ValueError: no rows' });
const fail = (world: World) => failureStep(inputOf(), EXECUTION, { error: 'States.TaskFailed', cause: CAUSE }, world);

async function claimed(): Promise<World> {
  const world = new World();
  await claimStep(contextOf(), { snapshotDigest: SNAPSHOT, seenThrough: 'here' }, SURROUNDINGS, world);
  return world;
}

describe('failureStep', () => {
  test("frees the run for another attempt and tells a person the process's last lines", async () => {
    // GIVEN
    const world = await claimed();

    // WHEN
    const answer = await fail(world);

    // THEN
    const reason = 'States.TaskFailed: ValueError: no rows';
    expect(answer).toEqual({ outcome: 'failed', reason });
    expect(world.runRecords.get(RUN.runId)).toMatchObject({ status: 'failed', reason });
    expect(world.executions.get('first')).toMatchObject({ outcome: 'failed', reason, runId: RUN.runId });
    expect(world.told).toEqual([
      expect.objectContaining({ subject: 'rain: the training pipeline failed', what: reason }),
    ]);
  });

  test('leaves the data new, so that it can be trained on', async () => {
    const world = await claimed();

    await fail(world);

    expect(world.state.seenThrough).toBeUndefined();
  });

  test('records a failure before any run was claimed', async () => {
    const world = new World();

    const answer = await failureStep(inputOf(), EXECUTION, { reason: 'no batch has landed' }, world);

    expect(answer.reason).toBe('no batch has landed');
    expect(world.executions.get('first')).toMatchObject({ outcome: 'failed', reason: 'no batch has landed' });
  });

  test('tells a person of an input that nobody can read', async () => {
    const world = new World();

    await failureStep({ model: 7 }, EXECUTION, { reason: 'the input does not have the agreed shape' }, world);

    expect(world.told).toEqual([expect.objectContaining({ subject: 'a model: the training pipeline failed' })]);
    expect(world.executions.size).toBe(0);
  });

  test('leaves a run alone that another execution has taken over', async () => {
    const world = await claimed();
    world.runRecords.set(RUN.runId, runOf({ execution: OTHER_EXECUTION, attempt: 2 }));

    await fail(world);

    expect(world.runRecords.get(RUN.runId)).toMatchObject({ status: 'running', attempt: 2 });
    expect(world.told).toHaveLength(1);
  });
});
