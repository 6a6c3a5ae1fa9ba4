import {
  GetObjectRetentionCommand,
  ListObjectsV2Command,
  paginateListObjectsV2,
  type S3Client,
} from '@aws-sdk/client-s3';
import type { Remainder } from '../shared/erasure-contract';

/** Longest time that Firehose keeps records back: `bufferingInterval` is at most that. */
const IN_STREAM_MINUTES = 15;

/** Where what is looked at lies. */
export interface RemainsPlace {
  readonly snapshotBucket: string;
  readonly monitoringBucket: string;
  /** Under which lie the log records that Firehose could not place. */
  readonly errorsPrefix: string;
}

/** What stays of a person whose rows were erased, as the buckets tell. */
export async function remainsIn(
  s3: S3Client,
  place: RemainsPlace,
  model: string,
  fields: readonly string[],
  now: Date,
): Promise<Remainder[]> {
  const newest = await newestObject(s3, place.snapshotBucket, `${model}/`);
  const errors = await s3.send(
    new ListObjectsV2Command({ Bucket: place.monitoringBucket, Prefix: place.errorsPrefix, MaxKeys: 1 }),
  );
  return [
    ...(newest === undefined
      ? []
      : [
          {
            what: `rows without the key in locked snapshots${fields.length === 0 ? '' : `, with the fields '${fields.join("', '")}'`}`,
            until: `${await lockedUntil(s3, place.snapshotBucket, newest)}, then until somebody deletes them`,
          },
        ]),
    {
      what: 'predictions that are still on their way into the inference log',
      until: `${new Date(now.getTime() + IN_STREAM_MINUTES * 60_000).toISOString()}, erase again then if there were any`,
    },
    {
      what: 'predictions and labels whose request id neither is made of the key nor was given',
      until: 'they expire with the inference log',
    },
    ...((errors.Contents ?? []).length === 0
      ? []
      : [
          {
            what: `log records that Firehose could not place, which nobody can look through ('${place.errorsPrefix}')`,
            until: 'they expire, or you delete them',
          },
        ]),
  ];
}

async function newestObject(s3: S3Client, bucket: string, prefix: string): Promise<string | undefined> {
  let newest: { key: string; at: number } | undefined;
  for await (const { Contents: objects = [] } of paginateListObjectsV2(
    { client: s3 },
    { Bucket: bucket, Prefix: prefix },
  )) {
    for (const { Key: key = '', LastModified: modified } of objects) {
      const at = modified?.getTime() ?? 0;
      if (newest === undefined || at > newest.at) newest = { key, at };
    }
  }
  return newest?.key;
}

/** The lock of the newest one is the last to end. */
async function lockedUntil(s3: S3Client, bucket: string, key: string): Promise<string> {
  try {
    const { Retention: lock } = await s3.send(new GetObjectRetentionCommand({ Bucket: bucket, Key: key }));
    if (lock?.RetainUntilDate !== undefined) return lock.RetainUntilDate.toISOString();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'NoSuchObjectLockConfiguration') throw error;
  }
  return 'no lock';
}
