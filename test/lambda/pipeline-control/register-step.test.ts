import { registerStep } from '../../../lambda/pipeline-control/register-step';
import { pipelineOutput } from '../../../lambda/shared/contracts';
import { BASELINE, contextOf, evaluationOf, NOW, World } from './fixtures';
import { runOf } from './run-fixture';

const RUN = runOf({ auc: 0.86, champion: '9', championAuc: 0.8 });
const ARN = 'arn:aws:sagemaker:eu-west-1:111122223333:model-package/mlops-test-rain/1';

function world(): World {
  const made = new World();
  made.runRecords.set(RUN.runId, RUN);
  made.state = { ...made.state, lostChallengers: 1 };
  made.files.set(`${RUN.evaluationUri}/evaluation.json`, JSON.stringify(evaluationOf(0.86)));
  made.files.set(`${RUN.evaluationUri}/baseline.json`, JSON.stringify(BASELINE));
  made.files.set(RUN.modelDataUri, 'model');
  return made;
}

const register = (outside: World) => registerStep(contextOf(), RUN.runId, outside);

describe('registerStep', () => {
  test('makes a version that waits for approval, and tells a person', async () => {
    // GIVEN
    const outside = world();

    // WHEN
    const answer = await register(outside);

    // THEN
    expect(pipelineOutput.parse(answer)).toEqual({
      outcome: 'registered',
      model: 'rain',
      runId: RUN.runId,
      snapshotDigest: RUN.inputs.snapshotDigest,
      version: '1',
      modelPackageArn: ARN,
      auc: 0.86,
      champion: { version: '9', auc: 0.8 },
      reason: 'version 1 was registered and waits for approval',
    });
    expect(outside.created).toHaveLength(1);
    expect(outside.runRecords.get(RUN.runId)).toMatchObject({
      status: 'succeeded',
      version: '1',
      endedAt: NOW.toISOString(),
    });
    expect(outside.created[0]?.ModelCard?.ModelCardContent).toContain('n = 1000 held-out rows');
    expect(outside.told[0]?.youMay[0]).toContain(
      `describe-model-package --model-package-name ${ARN} --query ModelCard`,
    );
    expect(outside.told[0]?.youMay[1]).toContain(`--model-package-arn ${ARN} --model-approval-status Approved`);
  });

  test('sets the count of lost challengers back, and takes the data for seen', async () => {
    const outside = world();

    await register(outside);

    expect(outside.state).toMatchObject({ lostChallengers: 0, seenThrough: RUN.seenThrough });
  });

  test('makes no second version when the step is tried again', async () => {
    const outside = world();

    const first = await register(outside);

    expect(await register(outside)).toEqual(first);
    expect(outside.created).toHaveLength(1);
  });

  test('finds the version that it had made before it died', async () => {
    const outside = world();
    outside.addVersion({ properties: { runId: RUN.runId, trainingJob: RUN.jobName } });

    expect(await register(outside)).toMatchObject({ version: '1' });
    expect(outside.created).toEqual([]);
  });

  test('takes no version of another attempt for its own', async () => {
    const outside = world();
    outside.addVersion({ properties: { runId: RUN.runId, trainingJob: 'another' } });

    expect(await register(outside)).toMatchObject({ version: '2' });
  });

  test.each([
    ['the model', RUN.modelDataUri],
    ['the evaluation', `${RUN.evaluationUri}/evaluation.json`],
    ['the baseline', `${RUN.evaluationUri}/baseline.json`],
  ])('fails without %s', async (_what, uri) => {
    const outside = world();
    outside.files.delete(uri);

    expect(await register(outside)).toEqual({
      outcome: 'failed',
      reason: `'${uri}' is not there, its job must write it`,
    });
    expect(outside.created).toEqual([]);
  });

  test('fails on a baseline that no monitor could read', async () => {
    const outside = world();
    outside.files.set(`${RUN.evaluationUri}/baseline.json`, '{"rows":0}');

    expect(await register(outside)).toMatchObject({
      outcome: 'failed',
      reason: expect.stringMatching(/baseline.json' does not have the agreed shape/) as string,
    });
  });

  test('fails on an evaluation that is not the one the gate saw', async () => {
    const outside = world();
    outside.files.set(`${RUN.evaluationUri}/evaluation.json`, JSON.stringify(evaluationOf(0.99)));

    expect(await register(outside)).toEqual({
      outcome: 'failed',
      reason: `'${RUN.evaluationUri}/evaluation.json' has an AUC of 0.99, the gate saw 0.86, train again`,
    });
    expect(outside.created).toEqual([]);
  });

  test('fails for a run that did not pass the gate', async () => {
    const outside = world();
    outside.runRecords.set(RUN.runId, runOf());

    await expect(register(outside)).rejects.toThrow(/has no AUC, it must pass the gate first/);
  });
});
