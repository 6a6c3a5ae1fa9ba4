import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { LandedBatches } from '../shared/pipeline/landed-batches';
import { isDeclaration, READY_FILE } from '../shared/pipeline/ready-manifest';
import type { BatchStore, Declaration, ObjectVersion } from './ports';
import { removeVersions, versionPages } from './s3-versions';

/** Where a batch lies. */
export interface BatchPlace {
  readonly rawBucket: string;
  readonly curatedBucket: string;
  readonly model: string;
  readonly batchId: string;
}

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
    if (object?.etag === undefined || object.writtenAt === undefined) return undefined;
    return { text: object.text, etag: object.etag, writtenAt: object.writtenAt };
  }

  async read(key: string, versionId?: string): Promise<string | undefined> {
    return (await this.get(key, versionId))?.text;
  }

  async write(key: string, text: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ ...this.object(key), Body: text, ContentType: 'text/csv' }));
  }

  async replaceDeclaration(text: string, read: Declaration): Promise<string> {
    const body = { Body: text, ContentType: 'application/json' };
    // whoever lands the batch anew at this moment must not be overwritten
    const put = new PutObjectCommand({ ...this.object(READY_FILE), ...body, IfMatch: read.etag });
    return (await this.s3.send(put)).ETag ?? '';
  }

  versions(): Promise<ObjectVersion[]> {
    return this.versionsIn(this.place.rawBucket);
  }

  remove(versions: readonly ObjectVersion[]): Promise<void> {
    return this.removeFrom(this.place.rawBucket, versions);
  }

  async isValidated(etag: string): Promise<boolean> {
    const { rawBucket, curatedBucket, model, batchId } = this.place;
    const report = await new LandedBatches(this.s3, rawBucket, curatedBucket).report(model, batchId);
    return report !== undefined && isDeclaration(report.declaration, etag);
  }

  async removeCurated(which: 'old' | 'all'): Promise<void> {
    const versions = await this.versionsIn(this.place.curatedBucket);
    const gone = versions.filter(({ isLatest }) => which === 'all' || !isLatest);
    await this.removeFrom(this.place.curatedBucket, gone);
  }

  private async get(
    key: string,
    versionId?: string,
  ): Promise<{ text: string; etag?: string; writtenAt?: string } | undefined> {
    try {
      const answer = await this.s3.send(new GetObjectCommand({ ...this.object(key), VersionId: versionId }));
      // not the SDK's own decoding, which swallows a byte order mark: the text must have the bytes' digest
      const text = Buffer.from((await answer.Body?.transformToByteArray()) ?? []).toString('utf8');
      return { text, etag: answer.ETag, writtenAt: answer.LastModified?.toISOString() };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  private async versionsIn(bucket: string): Promise<ObjectVersion[]> {
    const found: ObjectVersion[] = [];
    for await (const page of versionPages(this.s3, bucket, this.prefix)) {
      found.push(...page.map(({ key, ...version }) => ({ ...version, key: key.slice(this.prefix.length) })));
    }
    return found;
  }

  private removeFrom(bucket: string, versions: readonly ObjectVersion[]): Promise<void> {
    return removeVersions(
      this.s3,
      bucket,
      versions.map(({ key, versionId }) => ({ key: `${this.prefix}${key}`, versionId })),
    );
  }

  private object(key: string): { Bucket: string; Key: string } {
    return { Bucket: this.place.rawBucket, Key: `${this.prefix}${key}` };
  }
}
