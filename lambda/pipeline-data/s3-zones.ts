import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { canonicalJson, sha256 } from '../shared/canonical-json';
import { LandedBatches, textOf } from '../shared/pipeline/landed-batches';
import type { LandedBatch } from '../shared/pipeline/ready-manifest';
import { curatedKeys, type ValidationReport } from '../shared/pipeline/validation-report';
import { MAX_FILE_BYTES, type BatchFiles, type ValidatedBatch } from './batch';
import type { Zones } from './ports';
import type { SnapshotFiles } from './snapshot-files';

/** Buckets of the zones. */
export interface ZoneBuckets {
  raw: string;
  curated: string;
  snapshots: string;
}

/** The lake's zones in S3. */
export class S3Zones implements Zones {
  private readonly batches: LandedBatches;

  constructor(
    private readonly s3: S3Client,
    private readonly buckets: ZoneBuckets,
  ) {
    this.batches = new LandedBatches(s3, buckets.raw, buckets.curated);
  }

  landed(model: string): Promise<LandedBatch[]> {
    return this.batches.list(model);
  }

  readyText(model: string, batchId: string): Promise<string> {
    return this.batches.readyText(model, batchId);
  }

  report(model: string, batchId: string): Promise<ValidationReport | undefined> {
    return this.batches.report(model, batchId);
  }

  rawFiles(model: string, batchId: string): BatchFiles {
    return {
      read: async key => {
        try {
          const object = { Bucket: this.buckets.raw, Key: `${model}/${batchId}/${key}` };
          const answer = await this.s3.send(new GetObjectCommand(object));
          if ((answer.ContentLength ?? 0) > MAX_FILE_BYTES) return { tooLarge: answer.ContentLength ?? 0 };
          return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
        } catch (error) {
          if (error instanceof Error && error.name === 'NoSuchKey') return 'missing';
          throw error;
        }
      },
    };
  }

  async writeCurated(model: string, batchId: string, validated: ValidatedBatch): Promise<void> {
    const put = (key: string, body: string, contentType: string) =>
      this.s3.send(
        new PutObjectCommand({ Bucket: this.buckets.curated, Key: key, Body: body, ContentType: contentType }),
      );
    if (validated.data !== undefined) {
      await put(curatedKeys.data(model, batchId), validated.data, 'text/csv');
    }
    await put(curatedKeys.quarantine(model, batchId), JSON.stringify(validated.quarantine), 'application/json');
    await put(curatedKeys.report(model, batchId), canonicalJson(validated.report), 'application/json');
  }

  readCurated(model: string, batchId: string): Promise<string | undefined> {
    return textOf(this.s3, this.buckets.curated, curatedKeys.data(model, batchId));
  }

  async writeSnapshot(model: string, snapshot: SnapshotFiles): Promise<void> {
    for (const { name, content, contentType } of snapshot.files) {
      await this.writeOnce(`${model}/${snapshot.digest}/${name}`, content, contentType);
    }
  }

  /** Writes an object unless it is there; then it must be as large as what would have been written. */
  private async writeOnce(key: string, content: string, contentType: string): Promise<void> {
    const object = { Bucket: this.buckets.snapshots, Key: key };
    try {
      await this.s3.send(
        new PutObjectCommand({
          ...object,
          Body: content,
          ContentType: contentType,
          IfNoneMatch: '*',
          // S3 refuses a body that arrives otherwise, and a bucket with Object Lock wants a checksum
          ChecksumSHA256: Buffer.from(sha256(content), 'hex').toString('base64'),
        }),
      );
    } catch (error) {
      if (!(error instanceof Error) || error.name !== 'PreconditionFailed') throw error;
      const there = await this.s3.send(new HeadObjectCommand(object));
      if (there.ContentLength !== Buffer.byteLength(content)) {
        throw new Error(
          `snapshot object '${key}' has ${there.ContentLength} bytes, must have ${Buffer.byteLength(content)}; ` +
            `it is not what its name says, find out who wrote it`,
          { cause: error },
        );
      }
    }
  }
}
