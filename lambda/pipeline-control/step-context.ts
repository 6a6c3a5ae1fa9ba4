import type { z } from 'zod';
import type { PipelineInput, PipelineOutput, TrainingSettings } from '../shared/contracts';
import { trainByHand } from './commands';
import type { Ports } from './ports';
import type { ExecutionRecord, PipelineState, RunRecord } from './records';

/** What every step is given: why the execution runs, which it is, and the settings as they were when it began. */
export interface StepContext {
  input: PipelineInput;
  /** ARN of the execution. */
  execution: string;
  settings: TrainingSettings;
}

/** A step found that the execution must fail, for a reason that no retry changes. */
export interface Failed {
  outcome: 'failed';
  reason: string;
}

/** Tries to write before a writer gives up to the state machine's own retry. */
const MAX_TRIES = 8;

/** Name of an execution, from its ARN. */
export function executionName(execution: string): string {
  return execution.split(':').at(-1) ?? execution;
}

/** The record that an execution leaves behind. */
export function executionRecord(
  { input, execution }: Pick<StepContext, 'input' | 'execution'>,
  at: Date,
  outcome: string,
  reason: string,
  runId?: string,
): ExecutionRecord {
  return {
    name: executionName(execution),
    at: at.toISOString(),
    trigger: `${input.trigger.kind} ${input.trigger.id}`,
    requestedBy: input.trigger.requestedBy,
    startReason: input.trigger.reason,
    outcome,
    reason,
    ...(runId === undefined ? {} : { runId }),
  };
}

/**
 * Tells a person of an alarm that asked for a training and got none: it stays red, makes no new transition, and nobody
 * would look again.
 */
export async function tellOfNoRetrain(
  { input, execution }: StepContext,
  ports: Ports,
  output: PipelineOutput,
): Promise<void> {
  if (input.trigger.kind !== 'retrain') return;
  const { model } = input;
  await ports.tell({
    subject: `${model}: a retraining was asked for and made no new version`,
    what: `${input.trigger.requestedBy} asked for a training: ${input.trigger.reason}.`,
    did: `It ended without a new version: ${output.reason}. What serves goes on serving.`,
    numbers: { outcome: output.outcome, ...(output.auc === undefined ? {} : { auc: output.auc }) },
    youMay: [
      'Land newer data, which starts a training by itself once there are rows enough.',
      `Start the pipeline by hand, which needs neither rows nor an interval: ${trainByHand(execution, model)}`,
    ],
  });
}

/** Ends an execution without a change to any run: records why, tells whom it matters to, and returns its output. */
export async function endExecution(
  context: StepContext,
  ports: Ports,
  output: PipelineOutput,
): Promise<PipelineOutput> {
  await tellOfNoRetrain(context, ports, output);
  await ports.runs.recordExecution(
    context.input.model,
    executionRecord(context, ports.now(), output.outcome, output.reason, output.runId),
  );
  return output;
}

/** How a run and its model's state change; nothing where the change was made before. */
export type RunUpdate = (
  run: RunRecord,
  state: PipelineState,
) => { run: RunRecord; state: PipelineState; execution?: ExecutionRecord } | undefined;

/** Changes a run on the newest state, and tries again when another writer was faster. */
export async function updateRun(ports: Ports, model: string, runId: string, update: RunUpdate): Promise<RunRecord> {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const state = await ports.runs.state(model);
    const run = await ports.runs.run(model, runId);
    if (run === undefined) {
      throw new Error(`run '${runId}' of '${model}' not found, it must be claimed first`);
    }
    const change = update(run, state);
    if (change === undefined) return run;
    if (await ports.runs.commit(model, { seen: state.generation, ...change })) return change.run;
  }
  throw new Error(`run '${runId}' of '${model}' could not be written, ${MAX_TRIES} times another writer was faster`);
}

/** The run that this execution has claimed; another execution may have taken it over while this one was thought dead. */
export async function ownRun(context: StepContext, runId: string, ports: Ports): Promise<RunRecord | Failed> {
  const { model } = context.input;
  const run = await ports.runs.run(model, runId);
  if (run === undefined) {
    throw new Error(`run '${runId}' of '${model}' not found, it must be claimed first`);
  }
  return run.execution === context.execution
    ? run
    : { outcome: 'failed', reason: `run '${runId}' was taken over by '${run.execution}', which goes on with it` };
}

/** Stops a writer whose run another execution has taken over since it looked. */
export function requireOwner(run: RunRecord, { execution }: StepContext): void {
  if (run.execution !== execution) {
    throw new Error(`run '${run.runId}' was taken over by '${run.execution}' a moment ago`);
  }
}

/** What a validation by zod found, in one line. */
export function issuesOf(error: { issues: { path: PropertyKey[]; message: string }[] }): string {
  return error.issues.map(issue => `'${issue.path.join('.')}': ${issue.message}`).join('; ');
}

/** Parses JSON by a schema, or says in words what is wrong with it. */
export function parseJson<T>(text: string, schema: z.ZodType<T>): { value: T } | { problem: string } {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { problem: `must be JSON: ${error instanceof Error ? error.message : String(error)}` };
  }
  const parsed = schema.safeParse(json);
  return parsed.success
    ? { value: parsed.data }
    : { problem: `does not have the agreed shape (${issuesOf(parsed.error)})` };
}
