/** SageMaker has no error of its own for what does not exist: it is a `ValidationException` with one of these texts. */
const MISSING = /could not find|does not exist|cannot find/i;
const EXISTING = /already exist/i;
const IN_PROGRESS = /in-progress|in progress/i;

/** Whether SageMaker says that the thing does not exist. */
export function isMissing(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return ['ResourceNotFound', 'ResourceNotFoundException'].includes(error.name)
    ? true
    : isValidation(error) && MISSING.test(error.message);
}

/** Whether SageMaker says that the thing exists already. */
export function isExisting(error: unknown): boolean {
  return (
    error instanceof Error && (isValidation(error) || error.name === 'ResourceInUse') && EXISTING.test(error.message)
  );
}

/** Whether no retry would change SageMaker's answer: the request itself is refused, or a limit is reached. */
export function isRefusal(error: unknown): boolean {
  if (!(error instanceof Error) || isExisting(error)) return false;
  return error.name === 'ResourceLimitExceeded' || (isValidation(error) && !IN_PROGRESS.test(error.message));
}

/** Whether SageMaker says that the thing changes right now. */
export function isInProgress(error: unknown): boolean {
  return error instanceof Error && isValidation(error) && IN_PROGRESS.test(error.message);
}

/** The call's answer, or nothing if the thing does not exist. */
export async function ifExists<T>(call: () => Promise<T>): Promise<T | undefined> {
  try {
    return await call();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

function isValidation(error: Error): boolean {
  return error.name === 'ValidationException' || error.name === 'ValidationError';
}
