import { claimStep } from '../../../lambda/pipeline-control/claim-step';
import { digestOf, sha256 } from '../../../lambda/shared/canonical-json';
import { pipelineOutput, runSchema } from '../../../lambda/shared/contracts';
import {
  contextOf,
  EXECUTION,
  inputOf,
  NOW,
  OTHER_EXECUTION,
  SETTINGS,
  SNAPSHOT,
  SURROUNDINGS,
  World,
} from './fixtures';
import { runOf } from './run-fixture';

const FROZEN = { snapshotDigest: SNAPSHOT, seenThrough: 'here' };
const RUN = runOf();
const claim = (world: World, context = contextOf()) => claimStep(context, FROZEN, SURROUNDINGS, world);

function worldWith(change: Parameters<typeof runOf>[0]): World {
  const world = new World();
  world.runRecords.set(RUN.runId, runOf(change));
  return world;
}

describe('claimStep', () => {
  test('claims new inputs and answers both requests', async () => {
    // GIVEN
    const world = new World();

    // WHEN
    const answer = await claim(world);

    // THEN
    expect(answer).toMatchObject({
      outcome: 'continue',
      runId: RUN.runId,
      attempt: 1,
      trainingJob: { TrainingJobName: RUN.jobName },
      processingJob: { ProcessingJobName: RUN.jobName },
    });
    expect(world.runRecords.get(RUN.runId)).toEqual({ ...RUN, seenThrough: 'here' });
    expect(world.state).toMatchObject({
      generation: 1,
      trainings: [NOW.toISOString()],
      lastTrainingAt: NOW.toISOString(),
    });
    expect(world.executions.get('first')).toMatchObject({ outcome: 'claimed', runId: RUN.runId });
  });

  test('writes down what the run is made from', async () => {
    const world = new World();

    await claim(world);

    const run = runSchema.parse(JSON.parse(world.files.get(`s3://artifacts/rain/runs/${RUN.runId}/run.json`) ?? ''));
    expect(digestOf(run.inputs)).toBe(RUN.runId);
    expect(run.recorded).toEqual({
      codeUri: SETTINGS.code.uri,
      snapshotUri: `s3://snapshots/rain/${SNAPSHOT}`,
      execution: EXECUTION,
      trigger: 'manual t',
      startedAt: NOW.toISOString(),
    });
  });

  test('writes down the commit of a merge', async () => {
    const world = new World();
    const trigger = { kind: 'merge', id: 't', requestedBy: 'ci', reason: 'merged', commit: 'abc' } as const;

    await claim(world, contextOf({ input: inputOf('merge', { trigger }) }));

    const run = runSchema.parse(JSON.parse(world.files.get(`s3://artifacts/rain/runs/${RUN.runId}/run.json`) ?? ''));
    expect(run.recorded).toMatchObject({ commit: 'abc', trigger: 'merge t' });
  });

  test('names the version that the same inputs have become, and trains nothing', async () => {
    // GIVEN
    const world = worldWith({ status: 'succeeded', version: '1', modelPackageArn: 'arn:1', auc: 0.85 });
    world.addVersion({ properties: {} });

    // WHEN
    const answer = await claim(world);

    // THEN
    expect(pipelineOutput.parse(answer)).toEqual({
      outcome: 'exists',
      model: 'rain',
      runId: RUN.runId,
      snapshotDigest: SNAPSHOT,
      version: '1',
      modelPackageArn: 'arn:1',
      auc: 0.85,
      reason: 'these inputs were trained before, they are version 1; change data, code or settings',
    });
    expect(world.state.trainings).toEqual([]);
    expect(world.executions.get('first')).toMatchObject({ outcome: 'exists' });
  });

  test('says so when another execution trains the same inputs', async () => {
    const world = worldWith({ execution: OTHER_EXECUTION });
    world.runningExecutions.add(OTHER_EXECUTION);

    expect(await claim(world)).toMatchObject({ outcome: 'in-progress', execution: OTHER_EXECUTION });
  });

  test('takes over from an execution that died', async () => {
    const world = worldWith({ execution: OTHER_EXECUTION });

    expect(await claim(world)).toMatchObject({ outcome: 'continue', attempt: 2 });
    expect(world.runRecords.get(RUN.runId)).toMatchObject({ execution: EXECUTION, attempt: 2, status: 'running' });
  });

  test('retries a failed run under another job name', async () => {
    const answer = await claim(worldWith({ status: 'failed' }));

    expect(answer).toMatchObject({ trainingJob: { TrainingJobName: RUN.jobName.replace(/-1$/, '-2') } });
  });

  test('does not train again what lost at the gate', async () => {
    const world = worldWith({ status: 'not-better', reason: 'AUC 0.7', auc: 0.7 });

    expect(await claim(world)).toMatchObject({
      outcome: 'not-better',
      auc: 0.7,
      reason:
        'these inputs were trained before and lost at the gate: AUC 0.7; land newer data, or change code, settings or ' +
        'gate; they are tried again when gate or champion let them win',
    });
  });

  test('trains again what lost to a champion that serves no more, and compares it with the one that does', async () => {
    // GIVEN
    const world = worldWith({ status: 'not-better', auc: 0.85, champion: '1', championAuc: 0.9 });
    for (const version of ['1', '2']) {
      world.addVersion({ properties: { schemaDigest: RUN.schemaDigest }, modelDataUri: `s3://a/${version}.tar.gz` });
    }
    world.currentChampion = '1';
    expect(await claim(world)).toMatchObject({ outcome: 'not-better' });

    // WHEN
    world.currentChampion = '2';
    const answer = await claim(world);

    // THEN
    expect(answer).toMatchObject({ outcome: 'continue', attempt: 2 });
    expect(world.runRecords.get(RUN.runId)).toMatchObject({ status: 'running', champion: '2' });
  });

  test('answers the same when the step is tried again', async () => {
    const world = new World();

    const first = await claim(world);

    expect(await claim(world)).toEqual(first);
    expect(world.state.trainings).toHaveLength(1);
  });

  test('evaluates the champion, if it reads the same columns', async () => {
    const world = new World();
    world.currentChampion = '1';
    world.addVersion({ properties: { schemaDigest: RUN.schemaDigest }, modelDataUri: 's3://a/champion.tar.gz' });

    const answer = await claim(world);

    expect(JSON.stringify(answer)).toContain('s3://a/champion.tar.gz');
    expect(world.runRecords.get(RUN.runId)).toMatchObject({ champion: '1' });
  });

  test('compares with no champion that reads other columns or is gone', async () => {
    const other = new World();
    other.currentChampion = '1';
    other.addVersion({ properties: { schemaDigest: 'other' }, modelDataUri: 's3://a/champion.tar.gz' });
    const gone = new World();
    gone.currentChampion = '1';

    expect(JSON.stringify([await claim(other), await claim(gone)])).not.toContain('champion');
  });

  test('two executions with the same inputs at once make one training', async () => {
    // GIVEN
    const world = new World();
    world.runningExecutions.add(OTHER_EXECUTION);
    world.beforeCommit = () => {
      world.state = { ...world.state, generation: 1, trainings: [NOW.toISOString()] };
      world.runRecords.set(RUN.runId, runOf({ execution: OTHER_EXECUTION }));
    };

    // WHEN
    const answer = await claim(world);

    // THEN
    expect(answer).toMatchObject({ outcome: 'in-progress', execution: OTHER_EXECUTION });
    expect(world.state.trainings).toHaveLength(1);
  });

  test('two executions that passed the guard together do not pass the cap together', async () => {
    const world = new World();
    world.state = { ...world.state, trainings: [NOW.toISOString(), NOW.toISOString()] };
    world.beforeCommit = () => {
      world.state = { ...world.state, generation: 1, trainings: [...world.state.trainings, NOW.toISOString()] };
    };

    expect(await claim(world)).toMatchObject({
      outcome: 'skipped',
      reason: "3 trainings were started in the last 24 hours, 'maxRunsPerDay' is 3",
    });
  });

  describe('with other code', () => {
    const uri = 's3://artifacts/rain/code/x/sourcedir.tar.gz';
    const withCode = (code: { uri: string; digest: string; commit?: string }) =>
      contextOf({ input: inputOf('manual', { code }) });

    test('trains with it and records the commit', async () => {
      const world = new World();
      world.files.set(uri, 'code');

      const answer = await claim(world, withCode({ uri, digest: sha256('code'), commit: 'abc' }));

      expect(JSON.stringify(answer)).toContain(uri);
      expect([...world.files.values()].at(-1)).toContain('"commit":"abc"');
    });

    test.each([
      ['lies elsewhere', { uri: 's3://artifacts/snow/code/x.zip', digest: 'd' }, /'code.uri' is .*, must lie under/],
      ['is not there', { uri, digest: 'd' }, /which is not there, upload the code first/],
    ])('fails when it %s', async (_what, code, message) => {
      expect(await claim(new World(), withCode(code))).toEqual({
        outcome: 'failed',
        reason: expect.stringMatching(message) as string,
      });
    });

    test('fails when it is not what its digest says', async () => {
      const world = new World();
      world.files.set(uri, 'other code');

      expect(await claim(world, withCode({ uri, digest: sha256('code') }))).toMatchObject({ outcome: 'failed' });
      expect(world.runRecords.size).toBe(0);
    });
  });
});
