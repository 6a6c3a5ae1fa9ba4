import { GetObjectCommand, paginateListObjectsV2, type S3Client } from '@aws-sdk/client-s3';
import { batchOfReadyKey, declarationOf, type LandedBatch, READY_FILE } from './ready-manifest';
import { curatedKeys, validationReport, type ValidationReport } from './validation-report';

/** What lies in the raw zone, and what validation made of it. */
export class LandedBatches {
  constructor(
    private readonly s3: S3Client,
    private readonly rawBucket: string,
    private readonly curatedBucket: string,
  ) {}

  /** Every batch of a model whose `_READY` is there. */
  async list(model: string): Promise<LandedBatch[]> {
    const batches: LandedBatch[] = [];
    for await (const page of paginateListObjectsV2(
      { client: this.s3 },
      { Bucket: this.rawBucket, Prefix: `${model}/` },
    )) {
      for (const object of page.Contents ?? []) {
        const batch = batchOfReadyKey(object.Key ?? '');
        if (batch !== undefined && object.LastModified !== undefined) {
          batches.push({
            batchId: batch.batchId,
            readyAt: object.LastModified.toISOString(),
            declaration: declarationOf(object.ETag ?? '', object.LastModified),
          });
        }
      }
    }
    return batches;
  }

  /** Text of a batch's `_READY`. */
  async readyText(model: string, batchId: string): Promise<string> {
    const text = await textOf(this.s3, this.rawBucket, `${model}/${batchId}/${READY_FILE}`);
    // it was listed a moment ago; a batch that is being taken away has nothing ready
    return text ?? '';
  }

  /** What validation said of a batch; nothing if it was never validated, or by a version of us that wrote otherwise. */
  async report(model: string, batchId: string): Promise<ValidationReport | undefined> {
    const text = await textOf(this.s3, this.curatedBucket, curatedKeys.report(model, batchId));
    if (text === undefined) return undefined;
    const parsed = validationReport.safeParse(JSON.parse(text));
    return parsed.success ? parsed.data : undefined;
  }
}

/** An object's text, or nothing if there is no such object. */
export async function textOf(s3: S3Client, bucket: string, key: string): Promise<string | undefined> {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return await answer.Body?.transformToString('utf-8');
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
    throw error;
  }
}
