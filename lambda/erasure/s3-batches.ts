import { ListObjectVersionsCommand, type ListObjectVersionsCommandOutput, type S3Client } from '@aws-sdk/client-s3';
import type { Batches } from './erase-model';
import type { BatchStore } from './ports';
import { type BatchPlace, S3Batch } from './s3-batch';

/** A model's batches in S3. */
export class S3Batches implements Pick<Batches, 'ids' | 'batch'> {
  constructor(
    private readonly s3: S3Client,
    private readonly place: Omit<BatchPlace, 'batchId'>,
  ) {}

  /** By versions: a batch that was deleted is there as long as one of its old versions is. */
  async ids(): Promise<string[]> {
    const prefix = `${this.place.model}/`;
    const ids: string[] = [];
    let page: ListObjectVersionsCommandOutput | undefined;
    do {
      page = await this.s3.send(
        new ListObjectVersionsCommand({
          Bucket: this.place.rawBucket,
          Prefix: prefix,
          Delimiter: '/',
          KeyMarker: page?.NextKeyMarker,
          VersionIdMarker: page?.NextVersionIdMarker,
        }),
      );
      for (const { Prefix: batch = '' } of page.CommonPrefixes ?? []) ids.push(batch.slice(prefix.length, -1));
    } while (page.IsTruncated === true);
    return ids;
  }

  batch(batchId: string): BatchStore {
    return new S3Batch(this.s3, { ...this.place, batchId });
  }
}
