import type { RunRecord } from './records';

/** What is known of the run when an execution wants it. */
export interface ClaimFacts {
  /** ARN of the execution that wants it. */
  execution: string;
  /** The run as it was left; nothing if its inputs are new. */
  run?: RunRecord;
  /** Whether the execution that has the run is still running. */
  ownerRunning: boolean;
  /** Whether the version that the run made is still in the registry. */
  versionExists: boolean;
  /** Whether a challenger that lost might win against the gate and the champion as they are now. */
  mightWinNow: boolean;
}

/** What the claim comes to. */
export type ClaimDecision =
  | { kind: 'train'; attempt: number }
  /** This execution has claimed it already: a retried step, not a second training. */
  | { kind: 'resume'; run: RunRecord }
  | { kind: 'exists'; run: RunRecord }
  | { kind: 'lost-before'; run: RunRecord }
  | { kind: 'in-progress'; run: RunRecord };

/** Decides who trains these inputs: nobody twice, and somebody again where the last one died. */
export function decideClaim({ execution, run, ownerRunning, versionExists, mightWinNow }: ClaimFacts): ClaimDecision {
  if (run === undefined) {
    return { kind: 'train', attempt: 1 };
  }
  switch (run.status) {
    case 'succeeded':
      // a person deleted the version: the inputs may train again
      return versionExists ? { kind: 'exists', run } : { kind: 'train', attempt: run.attempt + 1 };
    case 'not-better':
      return mightWinNow ? { kind: 'train', attempt: run.attempt + 1 } : { kind: 'lost-before', run };
    case 'failed':
      return { kind: 'train', attempt: run.attempt + 1 };
    case 'running':
      if (run.execution === execution) {
        return { kind: 'resume', run };
      }
      // an execution that was stopped or timed out recorded nothing
      return ownerRunning ? { kind: 'in-progress', run } : { kind: 'train', attempt: run.attempt + 1 };
  }
}
