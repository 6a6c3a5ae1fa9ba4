import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import type { BatchAnswer, BatchRequest } from '../lambda/shared/batch-contract';
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
  const { FunctionError: failed, Payload: payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
  );
  const text = payload === undefined ? '' : Buffer.from(payload).toString();
  if (failed === undefined) return JSON.parse(text) as BatchAnswer;
  throw new Error(`the function '${functionName}' failed (${failed}): ${messageOf(text)}`);
}

function messageOf(text: string): string {
  try {
    const { errorMessage } = JSON.parse(text) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : text;
  } catch {
    return text;
  }
}
