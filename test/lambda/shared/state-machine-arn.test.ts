import { executionOfMachine, machineOfExecution } from '../../../lambda/shared/state-machine-arn';

const MACHINE = 'arn:aws-cn:states:cn-north-1:123456789012:stateMachine:releases';
const EXECUTION = 'arn:aws-cn:states:cn-north-1:123456789012:execution:releases:approval-rain-v1';

test('an execution names its machine, and a machine its execution', () => {
  expect(machineOfExecution(EXECUTION)).toBe(MACHINE);
  expect(executionOfMachine(MACHINE, 'approval-rain-v1')).toBe(EXECUTION);
});
