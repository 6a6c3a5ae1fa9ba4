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
  /** When it was written, ISO 8601 UTC. */
  readonly writtenAt: string;
}

/** One batch, as it lies in the raw zone and in the curated one. */
export interface BatchStore {
  declaration(): Promise<Declaration | undefined>;
  /** Text of a file, of one version or of the latest; nothing if it is not there. */
  read(key: string, versionId?: string): Promise<string | undefined>;
  write(key: string, text: string): Promise<void>;
  /** Fails if the declaration is no longer the one that was read; answers with the ETag of the new one. */
  replaceDeclaration(text: string, read: Declaration): Promise<string>;
  versions(): Promise<ObjectVersion[]>;
  /** Deletes versions for ever. */
  remove(versions: readonly ObjectVersion[]): Promise<void>;
  /** Whether what validation made of the batch is of the declaration with this ETag. */
  isValidated(etag: string): Promise<boolean>;
  /** Deletes what validation made of the batch: its old versions, or all, after which the next run validates it anew. */
  removeCurated(which: 'old' | 'all'): Promise<void>;
}

/** One version of an object of a log. */
export interface LogVersion {
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
  readonly etag: string;
}

/** An object of a log with all its versions; its key is the whole one. */
export interface LogObject {
  readonly key: string;
  readonly versions: readonly LogVersion[];
}

/** A model's predictions or labels, as they lie in the lake. */
export interface LogStore {
  /** All objects in the order of their keys, those that were deleted or have expired too; only those after a key. */
  objects(after?: string): AsyncIterable<LogObject>;
  /** One object as it is now; without versions if it is not there any more. */
  object(key: string): Promise<LogObject>;
  read(key: string, versionId: string): Promise<Uint8Array | undefined>;
  /** Fails if the object is no longer the one that was read. */
  replace(key: string, bytes: Uint8Array, etag: string): Promise<void>;
  /** Deletes versions for ever. */
  remove(key: string, versions: readonly LogVersion[]): Promise<void>;
}
