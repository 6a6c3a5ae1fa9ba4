import {
  DeleteObjectsCommand,
  GetBucketTaggingCommand,
  ListObjectVersionsCommand,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import { DELETE_DATA_TAG } from '../../constructs/private/tag-keys';
import type { ObjectVersion, VersionedBucket } from './empty-bucket';

/** Neither a bucket without tags nor a bucket that is gone says that it may be emptied. */
const NO_TAGS = ['NoSuchTagSet', 'NoSuchBucket'];

/** A bucket of S3. */
export class S3Bucket implements VersionedBucket {
  constructor(
    private readonly s3: S3Client,
    private readonly bucketName: string,
  ) {}

  public async mayBeEmptied(): Promise<boolean> {
    try {
      const { TagSet } = await this.s3.send(new GetBucketTaggingCommand({ Bucket: this.bucketName }));
      return TagSet?.some(tag => tag.Key === DELETE_DATA_TAG && tag.Value === 'true') ?? false;
    } catch (error) {
      if (error instanceof S3ServiceException && NO_TAGS.includes(error.name)) {
        return false;
      }
      throw error;
    }
  }

  public async firstVersions(): Promise<ObjectVersion[]> {
    const page = await this.s3.send(new ListObjectVersionsCommand({ Bucket: this.bucketName }));
    return [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])].map(version => ({
      key: version.Key ?? '',
      versionId: version.VersionId ?? 'null',
    }));
  }

  public async remove(versions: ObjectVersion[]): Promise<number> {
    const { Errors } = await this.s3.send(
      new DeleteObjectsCommand({
        Bucket: this.bucketName,
        // the second word was given for locked snapshots too
        BypassGovernanceRetention: true,
        Delete: { Quiet: true, Objects: versions.map(({ key, versionId }) => ({ Key: key, VersionId: versionId })) },
      }),
    );
    return Errors?.length ?? 0;
  }
}
