/** An answer in AWS's form: error name, message, HTTP status. */
export class ServiceError extends Error {
  /**
   * @param code AWS's name of the error
   * @param status HTTP status; the JSON protocol gives 400 for every error of the caller
   * @param members further members of the error's shape
   */
  constructor(
    readonly code: string,
    message: string,
    readonly status: number = 400,
    readonly members: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = code;
  }
}

/** The request breaks a constraint, or names something that is not there. */
export function validationException(message: string): ServiceError {
  return new ServiceError('ValidationException', message);
}

/** The same in the words of sagemaker-runtime. */
export function validationError(message: string): ServiceError {
  return new ServiceError('ValidationError', message);
}

/** The name is taken. */
export function resourceInUse(message: string): ServiceError {
  return new ServiceError('ResourceInUse', message);
}

/** A quota of the account is used up. */
export function resourceLimitExceeded(message: string): ServiceError {
  return new ServiceError('ResourceLimitExceeded', message);
}

/** The request conflicts with the state of what it changes. */
export function conflictException(message: string): ServiceError {
  return new ServiceError('ConflictException', message);
}

/** The body is not what the operation's shape says: wrong JSON, or a value of another type. */
export function serializationException(message: string): ServiceError {
  return new ServiceError('SerializationException', message);
}

/**
 * What this server does not do is refused by name, never ignored. 501 so that no SDK takes it for a passing fault
 * and tries again.
 */
export function notImplemented(what: string): ServiceError {
  return new ServiceError('NotImplemented', `not implemented by the local SageMaker: ${what}`, 501);
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
