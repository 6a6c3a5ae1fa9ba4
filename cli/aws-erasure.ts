import type { LambdaClient } from '@aws-sdk/client-lambda';
import type { ErasureAnswer, ErasureRequest } from '../lambda/shared/erasure-contract';
import { callFunction } from './aws-function';
import { ERASURE_OUTPUT } from './aws-stack';
import { NotThereError } from './errors';

/** Asks the function that erases persons; the same request may arrive twice, which erases once. */
export async function askErasureFunction(
  lambda: Pick<LambdaClient, 'send'>,
  functionName: string | undefined,
  environmentName: string,
  request: ErasureRequest,
): Promise<ErasureAnswer> {
  if (functionName === undefined) {
    throw new NotThereError(
      `the stack of '${environmentName}' has no output '${ERASURE_OUTPUT}': no model of it names a 'subject' in its model.yaml, the column of its landed files that names a person; give it one and deploy`,
    );
  }
  return (await callFunction(lambda, functionName, request)) as ErasureAnswer;
}
