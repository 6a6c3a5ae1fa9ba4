import {
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  type S3Client,
} from '@aws-sdk/client-s3';

/** One version of an object of a bucket. */
export interface ListedVersion {
  readonly key: string;
  readonly versionId: string;
  readonly isLatest: boolean;
  readonly isMarker: boolean;
  /** Empty of a marker. */
  readonly etag: string;
}

/** Whether an object only stands for a folder, as consoles make them: it holds nothing. */
function isFolder({ Key: key = '', Size: size = 0 }: { Key?: string; Size?: number }): boolean {
  return key.endsWith('/') && size === 0;
}

/** What S3 deletes in one request. */
const MAX_DELETED = 1000;

/** All versions below a prefix, page by page in the order of the keys; only those of keys after one. Folders are left out. */
export async function* versionPages(
  s3: S3Client,
  bucket: string,
  prefix: string,
  after?: string,
): AsyncGenerator<ListedVersion[]> {
  // the SDK has no paginator for it
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    page = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        KeyMarker: page === undefined ? after : page.NextKeyMarker,
        VersionIdMarker: page?.NextVersionIdMarker,
      }),
    );
    const found: ListedVersion[] = [];
    const add = (
      isMarker: boolean,
      listed: { Key?: string; VersionId?: string; IsLatest?: boolean; ETag?: string; Size?: number }[] = [],
    ): void =>
      listed
        .filter(object => !isFolder(object))
        .forEach(({ Key: key = '', VersionId: versionId = 'null', IsLatest: isLatest = false, ETag: etag = '' }) =>
          found.push({ key, versionId, isLatest, isMarker, etag }),
        );
    add(false, page.Versions);
    add(true, page.DeleteMarkers);
    yield found;
  } while (page.IsTruncated === true);
}

/** What lies directly below a prefix: names of folders, and keys of objects of which some version holds bytes. */
export async function directlyBelow(
  s3: S3Client,
  bucket: string,
  prefix: string,
): Promise<{ folders: string[]; keys: string[] }> {
  const folders: string[] = [];
  const keys = new Set<string>();
  let page: ListObjectVersionsCommandOutput | undefined;
  do {
    page = await s3.send(
      new ListObjectVersionsCommand({
        Bucket: bucket,
        Prefix: prefix,
        Delimiter: '/',
        KeyMarker: page?.NextKeyMarker,
        VersionIdMarker: page?.NextVersionIdMarker,
      }),
    );
    for (const { Prefix: folder = '' } of page.CommonPrefixes ?? []) folders.push(folder.slice(prefix.length, -1));
    for (const object of page.Versions ?? []) if (!isFolder(object)) keys.add(object.Key ?? '');
  } while (page.IsTruncated === true);
  return { folders, keys: [...keys] };
}

/** Deletes versions for ever. */
export async function removeVersions(
  s3: S3Client,
  bucket: string,
  versions: readonly Pick<ListedVersion, 'key' | 'versionId'>[],
): Promise<void> {
  for (let from = 0; from < versions.length; from += MAX_DELETED) {
    const objects = versions.slice(from, from + MAX_DELETED);
    const { Errors: errors = [] } = await s3.send(
      new DeleteObjectsCommand({
        Bucket: bucket,
        Delete: { Quiet: true, Objects: objects.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })) },
      }),
    );
    const first = errors.at(0);
    if (first !== undefined) {
      // what is not deleted is not erased
      throw new Error(
        `S3 did not delete ${errors.length} of ${objects.length} versions of '${bucket}', the first is ` +
          `'${first.Key ?? ''}': ${first.Message ?? first.Code ?? 'no reason given'}`,
      );
    }
  }
}
