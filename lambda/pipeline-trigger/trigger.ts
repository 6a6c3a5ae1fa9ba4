import { type DeclarationWrite, startRequest, type StartRequest } from './start-request';

/** What the trigger needs from outside. */
export interface TriggerPorts {
  /** Whether a model by this name is trained in this environment. */
  modelExists(model: string): Promise<boolean>;
  /** Whether an erasure of a person wrote it: the batch has fewer rows then, and nothing new. */
  isByErasure(declared: DeclarationWrite): Promise<boolean>;
  /** Starts the pipeline; `already-started` if an execution has this name. */
  start(request: StartRequest): Promise<'started' | 'already-started'>;
}

/** What became of an event. */
export interface TriggerAnswer {
  outcome: 'started' | 'already-started' | 'ignored';
  model?: string;
  executionName?: string;
  reason: string;
}

/** Turns an event into a start. What can never start is no error, or the event would come again for nothing. */
export async function trigger(event: unknown, ports: TriggerPorts): Promise<TriggerAnswer> {
  const request = startRequest(event);
  if ('ignored' in request) {
    return { outcome: 'ignored', reason: request.ignored };
  }
  const { model, trigger: why } = request.input;
  if (!(await ports.modelExists(model))) {
    return {
      outcome: 'ignored',
      model,
      reason: `model '${model}' has no training pipeline here, deploy one or land its files elsewhere (${why.reason})`,
    };
  }
  if (request.declared !== undefined && (await ports.isByErasure(request.declared))) {
    return {
      outcome: 'ignored',
      model,
      reason: `a person was erased from '${request.declared.key}', nothing has landed`,
    };
  }
  const outcome = await ports.start(request);
  return { outcome, model, executionName: request.executionName, reason: why.reason };
}
