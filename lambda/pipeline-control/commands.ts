import { toPaste } from '../shared/notify';

/** Starts the pipeline as a person, on the state machine of an execution; no model leaves a place for its name. */
export function trainByHand(executionArn: string, model = 'MODEL'): string {
  const machine = executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, '');
  const trigger = { kind: 'manual', id: 'by-hand', requestedBy: 'YOUR NAME', reason: 'WHY' };
  return toPaste(
    `aws stepfunctions start-execution --state-machine-arn ${machine} --input '${JSON.stringify({ model, trigger })}'`,
  );
}
