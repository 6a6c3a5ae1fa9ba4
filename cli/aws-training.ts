import { ExecutionAlreadyExists, type SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { PipelineInput } from '../lambda/shared/contracts';
import { executionOfMachine } from '../lambda/shared/state-machine-arn';
import { NotThereError } from './errors';
import type { TrainingStart } from './ports';

/** Starts an execution of the training pipeline; its name makes a second request for the same harmless. */
export async function startTraining(
  stepFunctions: SFNClient,
  machineArn: string | undefined,
  name: string,
  input: PipelineInput,
): Promise<TrainingStart> {
  if (machineArn === undefined) {
    throw new NotThereError(
      "the platform's stack must have the output 'PipelineStateMachineArn' for 'train', it lacks it: name the stack that has it with '--stack'",
    );
  }
  const executionArn = executionOfMachine(machineArn, name);
  try {
    await stepFunctions.send(
      new StartExecutionCommand({ stateMachineArn: machineArn, name, input: JSON.stringify(input) }),
    );
    return { outcome: 'started', executionArn };
  } catch (error) {
    if (error instanceof ExecutionAlreadyExists) return { outcome: 'already-started', executionArn };
    throw error;
  }
}
