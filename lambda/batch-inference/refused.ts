/** What was asked is not done, and what a person may do instead. */
export class BatchRefusedError extends Error {
  override readonly name = 'BatchRefusedError';

  constructor(
    message: string,
    readonly youMay: readonly string[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
