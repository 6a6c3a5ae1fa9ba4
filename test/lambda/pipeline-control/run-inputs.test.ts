import fc from 'fast-check';
import { planRun } from '../../../lambda/pipeline-control/run-inputs';
import { runInputs } from '../../../lambda/shared/contracts';
import { inputOf, SETTINGS, SNAPSHOT } from './fixtures';

describe('planRun', () => {
  test('is named by its inputs, whoever starts it and whenever', () => {
    const byHand = planRun(inputOf('manual'), SETTINGS, SNAPSHOT);
    const byData = planRun(inputOf('new-data'), SETTINGS, SNAPSHOT);

    expect(byHand).toEqual(byData);
    expect(byHand.runId).toMatch(/^[0-9a-f]{64}$/);
    expect(runInputs.parse(byHand.inputs)).toEqual(byHand.inputs);
  });

  test.each([
    ['data', inputOf(), SETTINGS, 'e'.repeat(64)],
    ['code', inputOf('manual', { code: { uri: 's3://a/b', digest: 'x' } }), SETTINGS, SNAPSHOT],
    ['hyperparameters', inputOf('manual', { hyperparameters: { trees: '10' } }), SETTINGS, SNAPSHOT],
    ['a seed', inputOf(), { ...SETTINGS, seed: 0 }, SNAPSHOT],
    ['an image', inputOf(), { ...SETTINGS, image: 'other' }, SNAPSHOT],
  ])('has another name for other %s', (_what, input, settings, digest) => {
    expect(planRun(input, settings, digest).runId).not.toBe(planRun(inputOf(), SETTINGS, SNAPSHOT).runId);
  });

  test('is blind to what does not change the model', () => {
    const calmer = { ...SETTINGS, gate: { minAuc: 0.9, minImprovement: 0 }, maxRuntimeSeconds: 60 };

    expect(planRun(inputOf(), calmer, SNAPSHOT).runId).toBe(planRun(inputOf(), SETTINGS, SNAPSHOT).runId);
  });

  test('is blind to the order of the hyperparameters', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.string()), hyperparameters => {
        const reversed = Object.fromEntries(Object.entries(hyperparameters).reverse());
        expect(planRun(inputOf('manual', { hyperparameters: reversed }), SETTINGS, SNAPSHOT).runId).toBe(
          planRun(inputOf('manual', { hyperparameters }), SETTINGS, SNAPSHOT).runId,
        );
      }),
    );
  });

  test('lets a start replace one hyperparameter and keep the others', () => {
    const settings = { ...SETTINGS, hyperparameters: { trees: '150', depth: '3' } };

    expect(
      planRun(inputOf('manual', { hyperparameters: { depth: '5' } }), settings, SNAPSHOT).inputs.hyperparameters,
    ).toEqual({ trees: '150', depth: '5' });
  });
});
