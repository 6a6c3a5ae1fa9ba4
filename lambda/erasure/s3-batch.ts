import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectVersionsCommand,
  type ListObjectVersionsCommandOutput,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { READY_FILE } from '../shared/pipeline/ready-manifest';
import type { BatchStore, Declaration, ObjectVersion } from './ports';

/** Where a batch lies. */
export interface BatchPlace {
  readonly rawBucket: string;
  readonly curatedBucket: string;
  readonly model: string;
  readonly batchId: string;
}

/** What S3 deletes in one request. */
const MAX_DELETED = 1000;

/** A batch in S3. */
export class S3Batch implements BatchStore {
  private readonly prefix: string;

  constructor(
    private readonly s3: S3Client,
    private readonly place: BatchPlace,
  ) {
    this.prefix = `${place.model}/${place.batchId}/`;
  }

  async declaration(): Promise<Declaration | undefined> {
    const object = await this.get(READY_FILE);
    return object?.etag === undefined ? undefined : { text: object.text, etag: object.etag };
  }

  async read(key: string, versionId?: string): Promise<string | undefined> {
    return (await this.get(key, versionId))?.text;
  }

  async write(key: string, text: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ ...this.object(key), Body: text, ContentType: 'text/csv' }));
  }

  async replaceDeclaration(text: string, read: Declaration): Promise<void> {
    const body = { Body: text, ContentType: 'application/json' };
    // whoever lands the batch anew at this moment must not be overwritten
    await this.s3.send(new PutObjectCommand({ ...this.object(READY_FILE), ...body, IfMatch: read.etag }));
  }

  versions(): Promise<ObjectVersion[]> {
    return this.versionsIn(this.place.rawBucket);
  }

  remove(versions: readonly ObjectVersion[]): Promise<void> {
    return this.removeFrom(this.place.rawBucket, versions);
  }

  async removeCurated(which: 'old' | 'all'): Promise<void> {
    const versions = await this.versionsIn(this.place.curatedBucket);
    const gone = versions.filter(({ isLatest }) => which === 'all' || !isLatest);
    await this.removeFrom(this.place.curatedBucket, gone);
  }

  private async get(key: string, versionId?: string): Promise<{ text: string; etag?: string } | undefined> {
    try {
      const answer = await this.s3.send(new GetObjectCommand({ ...this.object(key), VersionId: versionId }));
      // not the SDK's own decoding, which swallows a byte order mark: the text must have the bytes' digest
      const text = Buffer.from((await answer.Body?.transformToByteArray()) ?? []).toString('utf8');
      return { text, ...(answer.ETag === undefined ? {} : { etag: answer.ETag }) };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  private async versionsIn(bucket: string): Promise<ObjectVersion[]> {
    const found: ObjectVersion[] = [];
    const add = (isMarker: boolean, listed: { Key?: string; VersionId?: string; IsLatest?: boolean }[] = []): void =>
      listed.forEach(({ Key: key = '', VersionId: versionId = 'null', IsLatest: isLatest = false }) =>
        found.push({ key: key.slice(this.prefix.length), versionId, isLatest, isMarker }),
      );
    // the SDK has no paginator for it
    let page: ListObjectVersionsCommandOutput | undefined;
    do {
      page = await this.s3.send(
        new ListObjectVersionsCommand({
          Bucket: bucket,
          Prefix: this.prefix,
          KeyMarker: page?.NextKeyMarker,
          VersionIdMarker: page?.NextVersionIdMarker,
        }),
      );
      add(false, page.Versions);
      add(true, page.DeleteMarkers);
    } while (page.IsTruncated === true);
    return found;
  }

  private async removeFrom(bucket: string, versions: readonly ObjectVersion[]): Promise<void> {
    for (let from = 0; from < versions.length; from += MAX_DELETED) {
      const objects = versions.slice(from, from + MAX_DELETED);
      const { Errors: errors = [] } = await this.s3.send(
        new DeleteObjectsCommand({
          Bucket: bucket,
          Delete: {
            Quiet: true,
            Objects: objects.map(({ key, versionId }) => ({ Key: `${this.prefix}${key}`, VersionId: versionId })),
          },
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

  private object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.place.rawBucket, Key: `${this.prefix}${key}` };
  }
}
