import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { validationException } from '../errors';

const PARALLEL = 4;

/** A place in S3. */
export interface S3Location {
  readonly bucket: string;
  readonly key: string;
}

/** The bucket and key of `s3://bucket/key`. */
export function parseS3Uri(uri: string): S3Location {
  const match = /^s3:\/\/([^/]+)\/?(.*)$/s.exec(uri);
  if (match === null) {
    throw validationException(`'${uri}' must be an S3 URI of the form s3://bucket/key`);
  }
  return { bucket: match[1], key: match[2] };
}

/** Path of an object below the folder that a prefix is downloaded to. */
export function localName(prefix: string, key: string): string {
  if (key === prefix) {
    return posix.basename(key);
  }
  if (prefix === '' || prefix.endsWith('/') || key.startsWith(`${prefix}/`)) {
    return key.slice(prefix.length).replace(/^\/+/, '');
  }
  // a prefix that ends within a name takes every name that begins so
  return posix.relative(posix.dirname(prefix), key);
}

/** Downloads every object under a prefix into a folder; gives back how many there were. */
export async function downloadPrefix(s3: S3Client, uri: string, folder: string): Promise<number> {
  const { bucket, key: prefix } = parseS3Uri(uri);
  await mkdir(folder, { recursive: true });
  const keys = await listKeys(s3, bucket, prefix);
  await inParallel(keys, key => downloadObject(s3, { bucket, key }, safeJoin(folder, localName(prefix, key))));
  return keys.length;
}

/** Downloads one object to a file. */
export async function downloadObject(s3: S3Client, { bucket, key }: S3Location, file: string): Promise<void> {
  const { Body: body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  if (!(body instanceof Readable)) {
    throw new Error(`S3 gave no body for s3://${bucket}/${key}`);
  }
  await mkdir(dirname(file), { recursive: true });
  await pipeline(body, createWriteStream(file));
}

/** Whether an object exists; other failures, such as a missing right, are thrown. */
export async function objectExists(s3: S3Client, { bucket, key }: S3Location): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    return true;
  } catch (error) {
    if (error instanceof Error && ['NotFound', 'NoSuchKey', 'NoSuchBucket'].includes(error.name)) {
      return false;
    }
    throw error;
  }
}

/** Uploads one file, under a key of its own, encrypted by a KMS key where one is given. */
export async function uploadFile(s3: S3Client, file: string, to: S3Location, kmsKeyId?: string): Promise<void> {
  await s3.send(
    new PutObjectCommand({
      Bucket: to.bucket,
      Key: to.key,
      Body: createReadStream(file),
      ContentLength: (await stat(file)).size,
      ...(kmsKeyId !== undefined && kmsKeyId !== '' && { ServerSideEncryption: 'aws:kms', SSEKMSKeyId: kmsKeyId }),
    }),
  );
}

/** Uploads every file of a folder under a prefix. */
export async function uploadFolder(s3: S3Client, folder: string, uri: string, kmsKeyId?: string): Promise<void> {
  const { bucket, key: prefix } = parseS3Uri(uri);
  await inParallel(await filesUnder(folder), file =>
    uploadFile(s3, join(folder, file), { bucket, key: posix.join(prefix, file.split(sep).join('/')) }, kmsKeyId),
  );
}

/** Files below a folder as sorted relative paths; none when there is no such folder. */
export async function filesUnder(folder: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { recursive: true, withFileTypes: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') {
      return [];
    }
    throw error;
  }
  return entries
    .filter(entry => entry.isFile())
    .map(entry => relative(folder, join(entry.parentPath, entry.name)))
    .sort();
}

async function listKeys(s3: S3Client, bucket: string, prefix: string): Promise<string[]> {
  const keys: string[] = [];
  let token: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket: bucket,
        Prefix: prefix,
        ...(token !== undefined && { ContinuationToken: token }),
      }),
    );
    // a key that ends in a slash is a folder made by a console
    keys.push(
      ...(page.Contents ?? []).flatMap(({ Key: key }) => (key === undefined || key.endsWith('/') ? [] : [key])),
    );
    token = page.NextContinuationToken;
  } while (token !== undefined);
  return keys;
}

/** A key may hold `..`; it must not leave the folder. */
function safeJoin(folder: string, name: string): string {
  const file = resolve(folder, name);
  if (!file.startsWith(resolve(folder) + sep)) {
    throw new Error(`key '${name}' lies outside of the folder that it is downloaded to`);
  }
  return file;
}

async function inParallel<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) {
      await work(item);
    }
  };
  await Promise.all(Array.from({ length: Math.min(PARALLEL, items.length) }, worker));
}
