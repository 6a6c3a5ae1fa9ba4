/** Somebody else has the lock: this writer came too late, and must neither write nor undo anything. */
export class LateWriterError extends Error {
  override readonly name = 'LateWriterError';

  constructor(
    readonly model: string,
    readonly generation: number,
    readonly owner: string | undefined,
    readonly ownerGeneration: number,
  ) {
    super(
      `the lock of '${model}' with generation ${generation} is lost, it is held by ${owner ?? 'nobody'} with generation ${ownerGeneration}`,
    );
  }
}

/** A serving target answered in a way that no retry changes; the release must be undone. */
export class TargetRefusedError extends Error {
  override readonly name = 'TargetRefusedError';
}

/** A serving target is occupied with something that ends by itself; it did not do what it was asked, and is asked again. */
export class TargetBusyError extends Error {
  override readonly name = 'TargetBusyError';
}
