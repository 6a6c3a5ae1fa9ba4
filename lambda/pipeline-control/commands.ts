import { toPaste } from '../shared/notify';
import { WHO, WHY } from '../shared/release-commands';
import { machineOfExecution } from '../shared/state-machine-arn';

/** Starts the pipeline as a person, on the state machine of an execution; no model leaves a place for its name. */
export function trainByHand(executionArn: string, model = 'MODEL'): string {
  const trigger = { kind: 'manual', id: 'by-hand', requestedBy: WHO, reason: WHY };
  return toPaste(
    `aws stepfunctions start-execution --state-machine-arn ${machineOfExecution(executionArn)} --input '${JSON.stringify({ model, trigger })}'`,
  );
}
