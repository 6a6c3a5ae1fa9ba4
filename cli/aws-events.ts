import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { ExecutionEvent } from './ports';

/** What a step's failure is told in, by the kind of its event. */
type Failure = { readonly error?: string; readonly cause?: string } | undefined;

/** An event of an execution's history, as far as the commands read it. */
export function executionEvent(event: HistoryEvent): ExecutionEvent {
  const at = event.timestamp?.toISOString() ?? '';
  const type = event.type ?? '';
  const entered = event.stateEnteredEventDetails;
  if (entered?.name !== undefined) return { at, kind: 'entered', state: entered.name };
  const exited = event.stateExitedEventDetails;
  if (exited?.name !== undefined) return { at, kind: 'exited', state: exited.name, output: parsed(exited.output) };
  if (/^(Task|LambdaFunction)(Failed|TimedOut)$/.test(type)) {
    const failure: Failure =
      event.taskFailedEventDetails ??
      event.taskTimedOutEventDetails ??
      event.lambdaFunctionFailedEventDetails ??
      event.lambdaFunctionTimedOutEventDetails;
    return { at, kind: 'failed', problem: problemOf(failure) };
  }
  return { at, kind: 'other' };
}

/** A function's error is JSON in the cause; its message says more than the rest. */
function problemOf(failure: Failure): string {
  const cause = parsed(failure?.cause);
  const message =
    typeof cause === 'object' && cause !== null ? (cause as Record<string, unknown>)['errorMessage'] : undefined;
  const why = typeof message === 'string' ? message : failure?.cause;
  return [failure?.error, why].filter(part => part !== undefined && part !== '').join(': ');
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return text;
  }
}
