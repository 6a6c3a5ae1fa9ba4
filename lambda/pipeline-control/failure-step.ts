import { pipelineInput } from '../shared/contracts';
import { toPaste } from '../shared/notify';
import { trainByHand } from './commands';
import { failureReason, MAX_REASON } from './failure';
import type { Ports } from './ports';
import { executionName, executionRecord, updateRun, type Failed } from './step-context';

/** What a failed state left: an error with its cause, or a step's own answer. */
export interface Failure {
  error?: string;
  cause?: string;
  reason?: string;
}

/** Last step of an execution that fails: frees the run for another attempt, records why, and tells a person. */
export async function failureStep(
  request: unknown,
  execution: string,
  failure: Failure,
  ports: Ports,
): Promise<Failed> {
  const reason = (failure.reason ?? failureReason(failure.error, failure.cause)).slice(0, MAX_REASON);
  const parsed = pipelineInput.safeParse(request);
  const model = parsed.success ? parsed.data.model : undefined;
  if (parsed.success && model !== undefined) {
    const input = parsed.data;
    const runId = (await ports.runs.execution(model, executionName(execution)))?.runId;
    const record = executionRecord({ input, execution }, ports.now(), 'failed', reason, runId);
    if (runId === undefined) {
      await ports.runs.recordExecution(model, record);
    } else {
      await updateRun(ports, model, runId, (run, state) =>
        // a run that another execution took over, or that has ended, is not this one's to fail
        run.status !== 'running' || run.execution !== execution
          ? undefined
          : {
              run: { ...run, status: 'failed', reason, endedAt: record.at },
              state: { ...state, generation: state.generation + 1 },
              execution: record,
            },
      );
    }
  }
  await ports.tell({
    subject: `${model ?? 'a model'}: the training pipeline failed`,
    what: reason,
    did: 'Nothing was registered, and what serves goes on serving.',
    youMay: [
      `Read the execution's history: ${toPaste(`aws stepfunctions get-execution-history --reverse-order --execution-arn ${execution}`)}`,
      `Put the cause right, then start the pipeline again; the same data, code and settings train under the next attempt: ${trainByHand(execution, model)}`,
    ],
  });
  return { outcome: 'failed', reason };
}
