import { digestOf } from '../shared/canonical-json';
import type { PipelineInput, RunInputs, TrainingSettings } from '../shared/contracts';

/** A run's inputs, their hash, and where its code lies. */
export interface PlannedRun {
  runId: string;
  inputs: RunInputs;
  codeUri: string;
}

/** What a run would be made from: the deployed settings, and what this start asks for instead. */
export function planRun(input: PipelineInput, settings: TrainingSettings, snapshotDigest: string): PlannedRun {
  const code = input.code ?? settings.code;
  const inputs: RunInputs = {
    model: input.model,
    codeDigest: code.digest,
    snapshotDigest,
    image: settings.image,
    hyperparameters: { ...settings.hyperparameters, ...input.hyperparameters },
    seed: settings.seed,
    instanceType: settings.instanceType,
    instanceCount: settings.instanceCount,
  };
  return { runId: digestOf(inputs), inputs, codeUri: code.uri };
}
