import { pipelineInput, type PipelineOutput, type TrainingSettings } from '../shared/contracts';
import { newRowsNeeded, newRowsRefusal, trainingRefusal, triggerRefusal } from './guard';
import { countNewRows } from './new-rows';
import type { Ports } from './ports';
import { endExecution, issuesOf, type Failed } from './step-context';

/** What the guard answers: the settings by which the whole execution goes, or why it ends. */
export type GuardAnswer = { outcome: 'continue'; settings: TrainingSettings } | PipelineOutput | Failed;

/** First step: reads the settings once, and refuses a training that is too soon, too often or without new rows. */
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
  return { outcome: 'continue', settings };
}
