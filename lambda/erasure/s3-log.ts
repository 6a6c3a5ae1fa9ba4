import { GetObjectCommand, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { LogObject, LogStore, LogVersion } from './ports';
import { type ListedVersion, removeVersions, versionPages } from './s3-versions';

/** A log in S3. */
export class S3Log implements LogStore {
  constructor(
    private readonly s3: S3Client,
    private readonly bucket: string,
    private readonly prefix: string,
  ) {}

  async *objects(after?: string): AsyncGenerator<LogObject> {
    // the last key of a page is kept open: the next one may begin with more versions of it
    let open: ListedVersion[] = [];
    for await (const page of versionPages(this.s3, this.bucket, this.prefix, after)) {
      const versions = [...open, ...page];
      const keys = [...new Set(versions.map(({ key }) => key))].sort();
      const last = keys.pop();
      for (const key of keys) yield { key, versions: versions.filter(version => version.key === key) };
      open = versions.filter(({ key }) => key === last);
    }
    const key = open.at(0)?.key;
    if (key !== undefined) yield { key, versions: open };
  }

  async object(key: string): Promise<LogObject> {
    const found: ListedVersion[] = [];
    for await (const page of versionPages(this.s3, this.bucket, key)) {
      const versions = page.filter(version => version.key === key);
      // its own come before those of keys that begin with it
      if (versions.length === 0) break;
      found.push(...versions);
    }
    return { key, versions: found };
  }

  async read(key: string, versionId: string): Promise<Uint8Array | undefined> {
    try {
      const answer = await this.s3.send(new GetObjectCommand({ Bucket: this.bucket, Key: key, VersionId: versionId }));
      return (await answer.Body?.transformToByteArray()) ?? new Uint8Array();
    } catch (error) {
      if (error instanceof Error && ['NoSuchKey', 'NoSuchVersion'].includes(error.name)) return undefined;
      throw error;
    }
  }

  async replace(key: string, bytes: Uint8Array, etag: string): Promise<void> {
    await this.s3.send(new PutObjectCommand({ Bucket: this.bucket, Key: key, Body: bytes, IfMatch: etag }));
  }

  remove(key: string, versions: readonly LogVersion[]): Promise<void> {
    return removeVersions(
      this.s3,
      this.bucket,
      versions.map(({ versionId }) => ({ key, versionId })),
    );
  }
}
