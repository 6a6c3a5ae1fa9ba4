import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import { requiredEnvironment } from '../shared/environment';
import { archive, type ChangeEvent, type RecordStore } from './archive';
import { plainItem, type StreamValue } from './stream-image';

const { AUDIT_BUCKET, RECORDS_PREFIX } = requiredEnvironment('AUDIT_BUCKET', 'RECORDS_PREFIX');
const s3 = new S3Client();

const store: RecordStore = {
  async put(key, line) {
    await s3.send(
      // an object under Object Lock must come with a checksum
      new PutObjectCommand({
        Bucket: AUDIT_BUCKET,
        Key: `${RECORDS_PREFIX}/${key}`,
        Body: line,
        ChecksumAlgorithm: 'SHA256',
      }),
    );
  },
};

/** Copies each record of the ledger and of the runs to where it is locked, as the tables' streams tell of it. */
export async function handler(event: DynamoDBStreamEvent): Promise<void> {
  const written = await archive(event.Records.map(changeOf), store);
  console.log(JSON.stringify({ changes: event.Records.length, written }));
}

function changeOf({ eventID = '', dynamodb }: DynamoDBRecord): ChangeEvent {
  const { pk, sk } = plainItem(dynamodb?.Keys ?? {});
  const image = dynamodb?.NewImage as Record<string, StreamValue> | undefined;
  return {
    eventId: eventID,
    pk: String(pk),
    sk: String(sk),
    changedAt: new Date((dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString(),
    ...(image === undefined ? {} : { item: plainItem(image) }),
  };
}
