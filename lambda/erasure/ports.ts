/** One version of an object of a batch in the raw zone; its key is relative to the batch. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** Whether a read without a version gets it. */
  readonly isLatest: boolean;
  /** Whether it says that the object was deleted; it holds no bytes. */
  readonly isMarker: boolean;
}

/** A batch's declaration, and what it must still be when it is replaced. */
export interface Declaration {
  readonly text: string;
  readonly etag: string;
}

/** One batch, as it lies in the raw zone and in the curated one. */
export interface BatchStore {
  declaration(): Promise<Declaration | undefined>;
  /** Text of a file, of one version or of the latest; nothing if it is not there. */
  read(key: string, versionId?: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Fails if the declaration is no longer the one that was read. */
  replaceDeclaration(text: string, read: Declaration): Promise<void>;
  versions(): Promise<ObjectVersion[]>;
  /** Deletes versions for ever. */
  remove(versions: readonly ObjectVersion[]): Promise<void>;
  /** Deletes what validation made of the batch: its old versions, or all, after which the next run validates it anew. */
  removeCurated(which: 'old' | 'all'): Promise<void>;
}
