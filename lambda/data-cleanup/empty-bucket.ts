/** One version of one object; a delete marker is a version too. */
export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
}

/** A bucket that can be emptied. */
export interface VersionedBucket {
  /** Whether the bucket still says that its data may go. */
  mayBeEmptied(): Promise<boolean>;
  /** The first page of what is left; empty at the end. */
  firstVersions(): Promise<ObjectVersion[]>;
  /** Deletes them, locked or not; returns how many could not be deleted. */
  remove(versions: ObjectVersion[]): Promise<number>;
}

/** What became of a bucket. */
export interface EmptiedBucket {
  readonly removed: number;
  /** The bucket no longer says that its data may go, so it was left alone. */
  readonly kept: boolean;
}

/**
 * Removes every version of every object.
 *
 * The tag is asked for first: when a deploy takes `deleteData` back, CloudFormation removes the tag from the bucket
 * and *then* deletes the custom resource, which must not touch the data any more.
 */
export async function emptyBucket(bucket: VersionedBucket): Promise<EmptiedBucket> {
  if (!(await bucket.mayBeEmptied())) {
    return { removed: 0, kept: true };
  }
  let removed = 0;
  for (;;) {
    // always the first page, for what was removed moves the rest up
    const versions = await bucket.firstVersions();
    if (versions.length === 0) {
      return { removed, kept: false };
    }
    const failed = await bucket.remove(versions);
    removed += versions.length - failed;
    if (failed > 0) {
      throw new Error(`${failed} of ${versions.length} object versions could not be deleted`);
    }
  }
}
