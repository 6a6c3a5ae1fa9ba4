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
      `Look at the execution: aws stepfunctions get-execution-history --execution-arn ${failure.execution} --reverse-order`,
      'Count the period again once the cause is gone: start the state machine with the same input, which replaces what was counted. The window is judged with its last period, or later with the one that was still missing.',
    ],
  });
}
