import type { S3Client } from '@aws-sdk/client-s3';
import type { Batches } from './erase-model';
import type { BatchStore } from './ports';
import { type BatchPlace, S3Batch } from './s3-batch';
import { directlyBelow } from './s3-versions';

/** A model's batches in S3. */
export class S3Batches implements Pick<Batches, 'ids' | 'strays' | 'batch'> {
  constructor(
    private readonly s3: S3Client,
    private readonly place: Omit<BatchPlace, 'batchId'>,
  ) {}

  /** By versions: a batch that was deleted is there as long as one of its old versions is, or what was made of it. */
  async ids(): Promise<string[]> {
    const { rawBucket, curatedBucket, model } = this.place;
    const zones = [rawBucket, curatedBucket].map(bucket => directlyBelow(this.s3, bucket, `${model}/`));
    return [...new Set((await Promise.all(zones)).flatMap(({ folders }) => folders))];
  }

  async strays(): Promise<string[]> {
    return (await directlyBelow(this.s3, this.place.rawBucket, `${this.place.model}/`)).keys;
  }

  batch(batchId: string): BatchStore {
    return new S3Batch(this.s3, { ...this.place, batchId });
  }
}
