import { pipelineInput, type PipelineOutput, type TrainingSettings } from '../shared/contracts';
import { newRowsNeeded, newRowsRefusal, trainingRefusal, triggerRefusal } from './guard';
import { countNewRows } from './new-rows';
import { pinnedImage } from './pinned-image';
import type { Ports } from './ports';
import { endExecution, issuesOf, type Failed } from './step-context';

/** What the guard answers: the settings by which the whole execution goes, images by digest, or why it ends. */
export type GuardAnswer = { outcome: 'continue'; settings: TrainingSettings } | PipelineOutput | Failed;

/**
 * First step: reads the settings once, and refuses a training that is too soon, too often or without new rows. From here
 * on images are their digests: a tag that moves while the execution is on its way changes nothing of it.
 */
export async function guardStep(request: unknown, execution: string, ports: Ports): Promise<GuardAnswer> {
  const parsed = pipelineInput.safeParse(request);
  if (!parsed.success) {
    return { outcome: 'failed', reason: `the input does not have the agreed shape (${issuesOf(parsed.error)})` };
  }
  const input = parsed.data;
  const settings = await ports.settings(input.model);
  if ('problem' in settings) {
    return { outcome: 'failed', reason: settings.problem };
  }

  const { kind } = input.trigger;
  const state = await ports.runs.state(input.model);
  const refusal =
    triggerRefusal(settings, kind) ??
    trainingRefusal(settings.guard, kind, state, ports.now()) ??
    newRowsRefusal(
      settings.guard,
      kind,
      await countNewRows(ports.batches, input.model, state.seenThrough, newRowsNeeded(settings.guard, kind)),
    );
  if (refusal !== undefined) {
    return endExecution({ input, execution, settings }, ports, {
      outcome: 'skipped',
      model: input.model,
      reason: refusal,
    });
  }
  const image = await pinnedImage(settings.image, ports);
  if ('problem' in image) return { outcome: 'failed', reason: image.problem };
  const inferenceImage = await pinnedImage(settings.inferenceImage, ports);
  if ('problem' in inferenceImage) return { outcome: 'failed', reason: inferenceImage.problem };
  return { outcome: 'continue', settings: { ...settings, image: image.uri, inferenceImage: inferenceImage.uri } };
}
