import { S3Client } from '@aws-sdk/client-s3';
import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { z } from 'zod';
import { answerCustomResource } from '../shared/custom-resource';
import { emptyBucket } from './empty-bucket';
import { S3Bucket } from './s3-bucket';

const properties = z.object({ BucketNames: z.array(z.string()) });
const s3 = new S3Client();

/** Empties the buckets of a data lake that leaves its stack; there is nothing to do on create and update. */
export async function handler(event: CloudFormationCustomResourceEvent): Promise<void> {
  await answerCustomResource(event, async () => {
    if (event.RequestType !== 'Delete') {
      return;
    }
    for (const bucketName of properties.parse(event.ResourceProperties).BucketNames) {
      const { removed, kept } = await emptyBucket(new S3Bucket(s3, bucketName));
      console.log(JSON.stringify({ bucketName, removed, kept }));
    }
  });
}
