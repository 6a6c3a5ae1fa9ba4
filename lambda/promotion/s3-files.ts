import { CopyObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { s3Place } from '../pipeline-control/places';
import { S3Objects } from '../pipeline-control/s3-objects';
import { PromotionRefused, type Files } from './ports';

/** S3 has no error of its own for it. */
const TOO_LARGE = /larger than the maximum allowable size/i;

/** Files in two accounts' buckets. S3 copies, so that a large model does not pass through the function. */
export class S3Files extends S3Objects implements Files {
  constructor(
    private readonly client: S3Client,
    private readonly accounts: { readonly source: string; readonly own: string },
  ) {
    super(client);
  }

  async copy(from: string, to: string): Promise<void> {
    const [source, target] = [s3Place(from), s3Place(to)];
    try {
      await this.client.send(
        new CopyObjectCommand({
          Bucket: target.bucket,
          Key: target.key,
          CopySource: `${source.bucket}/${source.key.split('/').map(encodeURIComponent).join('/')}`,
          // a bucket's name alone does not say whose it is
          ExpectedSourceBucketOwner: this.accounts.source,
          ExpectedBucketOwner: this.accounts.own,
          // tags would be another right to ask for
          TaggingDirective: 'REPLACE',
        }),
      );
    } catch (cause) {
      if (cause instanceof Error && TOO_LARGE.test(cause.message)) {
        throw new PromotionRefused(
          `'${from}' is larger than 5 GB, which S3 does not copy in one piece: ${cause.message}`,
        );
      }
      throw new Error(
        `'${from}' could not be copied to '${to}': ${String(cause)}; the bucket's and the key's policies in account ${this.accounts.source} must let this function's role read it, and the object must be there`,
        { cause },
      );
    }
  }
}
