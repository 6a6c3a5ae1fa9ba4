import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { textOf } from '../shared/pipeline/landed-batches';
import { s3Place } from './places';
import type { ObjectDigest, Objects } from './ports';

/** Objects in S3. */
export class S3Objects implements Objects {
  constructor(private readonly s3: S3Client) {}

  text(uri: string): Promise<string | undefined> {
    const { bucket, key } = s3Place(uri);
    return textOf(this.s3, bucket, key);
  }

  async digest(uri: string): Promise<ObjectDigest | undefined> {
    const { bucket, key } = s3Place(uri);
    try {
      const answer = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
      const hash = createHash('sha256');
      // as it flows: a model may be larger than the function's memory
      for await (const chunk of answer.Body as Readable) hash.update(chunk as Uint8Array);
      const etag = answer.ETag?.replaceAll('"', '');
      return { sha256: hash.digest('hex'), ...(etag === undefined ? {} : { etag }) };
    } catch (error) {
      if (error instanceof Error && error.name === 'NoSuchKey') return undefined;
      throw error;
    }
  }

  async write(uri: string, text: string): Promise<void> {
    const { bucket, key } = s3Place(uri);
    await this.s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: text, ContentType: 'application/json' }));
  }
}
