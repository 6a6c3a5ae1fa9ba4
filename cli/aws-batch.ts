import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { BatchAnswer, BatchRequest } from '../lambda/shared/batch-contract';
import { callFunction } from './aws-function';
import { BATCH_OUTPUT } from './aws-stack';
import { NotThereError } from './errors';

/** Asks the function that predicts files; the same request may arrive twice, which starts one batch. */
export async function askBatchFunction(
  lambda: Pick<LambdaClient, 'send'>,
  functionName: string | undefined,
  environmentName: string,
  request: BatchRequest,
): Promise<BatchAnswer> {
  if (functionName === undefined) {
    throw new NotThereError(
      `the stack of '${environmentName}' has no output '${BATCH_OUTPUT}': only models that serve on a cluster predict files, give one 'target: eks' and 'batch'`,
    );
  }
  return (await callFunction(lambda, functionName, request)) as BatchAnswer;
}
