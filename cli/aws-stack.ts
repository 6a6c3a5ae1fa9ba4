import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { NotThereError, quoted } from './errors';

/** Where the parts of a platform are that the commands need. */
export interface PlatformPlaces {
  readonly ledgerTableName: string;
  readonly releaseMachineArn: string;
  /**
   * What trains.
   *
   * @default - nothing is trained
   */
  readonly pipelineMachineArn?: string;
  /**
   * What starts batches.
   *
   * @default - no model of the environment serves on a cluster
   */
  readonly batchFunctionName?: string;
  /**
   * What erases persons.
   *
   * @default - no model of the environment names a `subject`
   */
  readonly erasureFunctionName?: string;
  /**
   * Where trainings are recorded.
   *
   * @default - the stack was deployed before it told so, or trains nothing
   */
  readonly runsTableName?: string;
}

/** Outputs by which a platform's stack tells where its parts are. */
const OUTPUTS = { ledgerTableName: 'LedgerTableName', releaseMachineArn: 'ReleaseStateMachineArn' } as const;
const RUNS_OUTPUT = 'RunsTableName';
export const BATCH_OUTPUT = 'BatchFunctionName';
export const ERASURE_OUTPUT = 'ErasureFunctionName';
const PIPELINE_OUTPUT = 'PipelineStateMachineArn';

/** Finds the parts of a platform by the outputs of its stack. */
export async function findPlatform(stackName: string): Promise<PlatformPlaces> {
  const cloudFormation = new CloudFormationClient();
  const outputs = await outputsOf(cloudFormation, stackName);
  const missing = Object.values(OUTPUTS).filter(key => !outputs.has(key));
  if (missing.length > 0) {
    throw new NotThereError(
      `stack '${stackName}' must have the outputs ${quoted(Object.values(OUTPUTS))}, it lacks ${quoted(missing)}: name the stack that has them with '--stack'`,
    );
  }
  return {
    ledgerTableName: outputs.get(OUTPUTS.ledgerTableName) ?? '',
    releaseMachineArn: outputs.get(OUTPUTS.releaseMachineArn) ?? '',
    pipelineMachineArn: outputs.get(PIPELINE_OUTPUT),
    batchFunctionName: outputs.get(BATCH_OUTPUT),
    erasureFunctionName: outputs.get(ERASURE_OUTPUT),
    runsTableName: outputs.get(RUNS_OUTPUT),
  };
}

async function outputsOf(cloudFormation: CloudFormationClient, stackName: string): Promise<Map<string, string>> {
  try {
    const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: stackName }));
    return new Map((Stacks?.[0]?.Outputs ?? []).map(output => [output.OutputKey ?? '', output.OutputValue ?? '']));
  } catch (error) {
    if (!(error instanceof Error && /does not exist/.test(error.message))) throw error;
    throw new NotThereError(
      `there is no stack '${stackName}' in this account and region: check '--environment', AWS_PROFILE and AWS_REGION, or name the stack with '--stack'`,
      { cause: error },
    );
  }
}
