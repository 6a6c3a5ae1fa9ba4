import { toPaste } from '../shared/notify';
import { machineOfExecution } from '../shared/state-machine-arn';
import type { MonitorPorts } from './ports';

/** What the state machine knows when a step failed for good. */
export interface MonitorFailure {
  readonly model: string;
  readonly execution: string;
  readonly error: string;
  readonly cause: string;
}

/** Longest part of a cause that a person reads at night. */
const MAX_CAUSE = 1500;

/** Tells people that a period was not counted. There is no heartbeat, so its alarm goes red if this goes on. */
export async function pageStep(failure: MonitorFailure, ports: MonitorPorts): Promise<void> {
  await ports.tell({
    subject: `${failure.model}: the monitor failed, drift and quality are not watched`,
    what: `The monitor of model '${failure.model}' could not finish a period: ${failure.error}: ${failure.cause.slice(0, MAX_CAUSE)}`,
    did: 'Nothing was judged, and nothing that serves was changed. The next period is counted by the next execution.',
    youMay: [
      `Look at the execution: ${toPaste(`aws stepfunctions get-execution-history --reverse-order --execution-arn ${failure.execution}`)}`,
      `Count the period again once the cause is gone; what was counted is replaced: ${toPaste(startAgain(failure.execution))}`,
    ],
  });
}

/** Starts the same state machine with the input that the execution had. */
function startAgain(execution: string): string {
  const input = `$(aws stepfunctions describe-execution --execution-arn ${execution} --query input --output text)`;
  return `aws stepfunctions start-execution --state-machine-arn ${machineOfExecution(execution)} --input "${input}"`;
}
