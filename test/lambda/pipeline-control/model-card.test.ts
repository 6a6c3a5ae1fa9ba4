import fc from 'fast-check';
import { z } from 'zod';
import { modelCard } from '../../../lambda/pipeline-control/model-card';
import type { TrainingSettings } from '../../../lambda/shared/contracts';
import { evaluationOf, SERVER_DIGEST, SETTINGS } from './fixtures';
import { runOf } from './run-fixture';

const DIGESTS = {
  image: { uri: SETTINGS.inferenceImage, digest: SERVER_DIGEST },
  modelData: { sha256: '1'.repeat(64) },
  evaluation: '2'.repeat(64),
  baseline: '3'.repeat(64),
};

/** What of the schema of SageMaker's model package cards is used: shut objects, and the longest texts. */
const text = (most: number) => z.string().min(1).max(most);
const CARD = z.strictObject({
  model_overview: z.strictObject({ model_creator: text(1024).optional(), model_artifact: z.array(text(1024)).max(15) }),
  intended_uses: z.strictObject({
    purpose_of_model: text(2048).optional(),
    intended_uses: text(2048).optional(),
    factors_affecting_model_efficiency: text(2048).optional(),
    risk_rating: z.enum(['High', 'Medium', 'Low', 'Unknown']),
    explanations_for_risk_rating: text(2048).optional(),
  }),
  training_details: z.strictObject({
    training_job_details: z.strictObject({
      training_datasets: z.array(text(1024)).max(15),
      training_environment: z.strictObject({ container_image: z.array(text(1024)).max(15) }),
      user_provided_hyper_parameters: z.array(z.strictObject({ name: text(255), value: z.string().max(255) })).max(100),
    }),
  }),
  evaluation_details: z.array(
    z.strictObject({
      name: text(63),
      evaluation_observation: text(2096),
      datasets: z.array(text(1024)).max(10),
      metric_groups: z.array(
        z.strictObject({
          name: text(63),
          metric_data: z.array(
            z.strictObject({ name: text(255), type: z.literal('number'), value: z.number(), notes: text(1024) }),
          ),
        }),
      ),
    }),
  ),
  additional_information: z.strictObject({ custom_details: z.record(text(255), z.string().max(1024)) }),
});

function cardOf(run = runOf(), settings: TrainingSettings = SETTINGS, evaluation = evaluationOf(0.86)) {
  const { ModelCardContent: content = '', ModelCardStatus: status } = modelCard(run, settings, evaluation, DIGESTS);
  return { content, status, card: CARD.parse(JSON.parse(content)) };
}

describe('modelCard', () => {
  test('repeats what people say about the model', () => {
    const { card } = cardOf(runOf(), {
      ...SETTINGS,
      card: { owner: 'weather team', purpose: 'tells rain', riskRating: 'Low', dataSource: 'stations' },
    });

    expect(card.model_overview.model_creator).toBe('weather team');
    expect(card.intended_uses).toEqual({ purpose_of_model: 'tells rain', risk_rating: 'Low' });
    expect(card.training_details.training_job_details.training_datasets).toEqual([
      'stations',
      `snapshot ${runOf().inputs.snapshotDigest}`,
    ]);
  });

  test('says of a model about which nobody says anything that its risk is unknown', () => {
    expect(cardOf().card.intended_uses).toEqual({ risk_rating: 'Unknown' });
  });

  test('says what the run did', () => {
    const run = runOf({ trigger: 'merge 0123abc' });

    const { card } = cardOf(run);

    expect(card.training_details.training_job_details).toMatchObject({
      training_environment: { container_image: [run.inputs.image] },
      user_provided_hyper_parameters: [{ name: 'trees', value: '150' }],
    });
    expect(card.additional_information.custom_details).toMatchObject({
      'run id': run.runId,
      'started by': 'merge 0123abc',
      'snapshot digest': run.inputs.snapshotDigest,
      'code digest': run.inputs.codeDigest,
      seed: '42',
    });
  });

  test('gives each number with the rows on which it was measured, and the one of what served beside it', () => {
    const { card } = cardOf(runOf({ champion: '9' }), SETTINGS, evaluationOf(0.86, 0.8));

    const [ours, served] = card.evaluation_details[0]?.metric_groups ?? [];
    expect(ours?.metric_data[0]).toEqual({
      name: 'auc',
      type: 'number',
      value: 0.86,
      notes: 'n = 1000 held-out rows',
    });
    expect(served?.metric_data[0]).toMatchObject({ name: 'auc', value: 0.8 });
  });

  test('waits for a person, as the version does', () => {
    expect(cardOf().status).toBe('PendingReview');
  });

  test('fits SageMaker whatever the hyperparameters and the trigger are', () => {
    const hyperparameters = fc.dictionary(fc.string({ minLength: 1, maxLength: 256 }), fc.string({ maxLength: 2500 }), {
      maxKeys: 120,
    });
    fc.assert(
      fc.property(hyperparameters, fc.string({ minLength: 1, maxLength: 2000 }), (given, trigger) => {
        const run = runOf();
        const { content } = cardOf({ ...run, trigger, inputs: { ...run.inputs, hyperparameters: given } });
        expect(content.length).toBeLessThanOrEqual(100_000);
        expect(content).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 30 },
    );
  });
});
