import type { ModelPackageModelCard } from '@aws-sdk/client-sagemaker';
import type { Evaluation, TrainingSettings } from '../shared/contracts';
import type { VersionDigests } from './model-package';
import type { RunRecord } from './records';

/** Most hyperparameters that the schema of SageMaker's model cards takes. */
const MAX_HYPERPARAMETERS = 100;

/** Longest value of a hyperparameter in a card. */
const MAX_VALUE = 255;

/** Longest description of a data set, and longest note. */
const MAX_TEXT = 1024;

/**
 * The card of a version: the words of the model's file, and what its run did. A model package's card is SageMaker's
 * smaller one, whose overview knows a creator and an artifact alone; it is shut against fields that are not of its schema.
 */
export function modelCard(
  run: RunRecord,
  settings: TrainingSettings,
  evaluation: Evaluation,
  digests: VersionDigests,
): ModelPackageModelCard {
  const { card } = settings;
  const content = {
    model_overview: {
      ...(card?.owner !== undefined && { model_creator: card.owner }),
      model_artifact: [run.modelDataUri],
    },
    intended_uses: {
      ...(card?.purpose !== undefined && { purpose_of_model: card.purpose }),
      ...(card?.intendedUses !== undefined && { intended_uses: card.intendedUses }),
      ...(card?.limits !== undefined && { factors_affecting_model_efficiency: card.limits }),
      risk_rating: card?.riskRating ?? 'Unknown',
      ...(card?.riskExplanation !== undefined && { explanations_for_risk_rating: card.riskExplanation }),
    },
    training_details: {
      training_job_details: {
        training_datasets: [
          ...(card?.dataSource === undefined ? [] : [card.dataSource]),
          `snapshot ${run.inputs.snapshotDigest}`,
        ].map(text => text.slice(0, MAX_TEXT)),
        training_environment: { container_image: [run.inputs.image] },
        user_provided_hyper_parameters: hyperparameters(run),
      },
    },
    evaluation_details: [evaluationDetails(run, evaluation)],
    additional_information: {
      custom_details: {
        'run id': run.runId,
        attempt: String(run.attempt),
        // a merge names its commit here
        'started by': run.trigger.slice(0, MAX_TEXT),
        'training job': run.jobName,
        'code digest': run.inputs.codeDigest,
        'snapshot digest': run.inputs.snapshotDigest,
        'schema digest': run.schemaDigest,
        'serving image': digests.image.uri,
        'model data sha256': digests.modelData.sha256,
        seed: String(run.inputs.seed),
      },
    },
  };
  return { ModelCardContent: JSON.stringify(content), ModelCardStatus: 'PendingReview' };
}

function hyperparameters({ inputs }: RunRecord): { name: string; value: string }[] {
  return Object.entries(inputs.hyperparameters)
    .slice(0, MAX_HYPERPARAMETERS)
    .map(([name, value]) => ({ name: name.slice(0, MAX_VALUE), value: value.slice(0, MAX_VALUE) }));
}

/** Each number says on how many rows it was measured: without that it means little. */
function evaluationDetails(run: RunRecord, { rows, challenger, champion }: Evaluation): Record<string, unknown> {
  const notes = `n = ${rows} held-out rows`;
  const group = (name: string, quality: Evaluation['challenger']): Record<string, unknown> => ({
    name,
    metric_data: Object.entries(quality).map(([metric, value]) => ({ name: metric, type: 'number', value, notes })),
  });
  return {
    name: 'held-out rows',
    evaluation_observation: `passed the gate on ${rows} rows that were kept out of training`,
    datasets: [`holdout of snapshot ${run.inputs.snapshotDigest}`],
    metric_groups: [
      group('this version', challenger),
      ...(champion === undefined ? [] : [group('version that served, on the same rows', champion)]),
    ],
  };
}
