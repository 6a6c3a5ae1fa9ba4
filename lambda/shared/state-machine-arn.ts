/** ARN of the state machine of an execution, whose ARN holds partition, region, account and the machine's name. */
export function machineOfExecution(executionArn: string): string {
  return executionArn.replace(':execution:', ':stateMachine:').replace(/:[^:]*$/, '');
}

/** ARN of a machine's execution by its name. */
export function executionOfMachine(machineArn: string, name: string): string {
  return `${machineArn.replace(':stateMachine:', ':execution:')}:${name}`;
}
