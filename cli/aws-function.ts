import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';

/** Calls a function of the platform and waits for what it answers; fails with its own words. */
export async function callFunction(
  lambda: Pick<LambdaClient, 'send'>,
  functionName: string,
  request: object,
): Promise<unknown> {
  const { FunctionError: failed, Payload: payload } = await lambda.send(
    new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
  );
  const text = payload === undefined ? '' : Buffer.from(payload).toString();
  if (failed === undefined) return JSON.parse(text);
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
