import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { parseReadyManifest } from '../shared/pipeline/ready-manifest';
import type { DeclarationWrite } from './start-request';

/**
 * Whether an erasure of a person wrote a declaration. One that is another by now was landed before it was replaced: only
 * what stands there and is what the event tells of can be the erasure's.
 */
export async function isByErasure(
  s3: Pick<S3Client, 'send'>,
  { bucket, key, etag }: DeclarationWrite,
): Promise<boolean> {
  try {
    const answer = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (answer.ETag?.replaceAll('"', '') !== etag) return false;
    const parsed = parseReadyManifest((await answer.Body?.transformToString('utf-8')) ?? '');
    return 'manifest' in parsed && parsed.manifest.landedAt !== undefined;
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') return false;
    throw error;
  }
}
