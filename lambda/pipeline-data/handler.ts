/**
 * Validate and snapshot steps of the training pipeline: what moves rows. What decides is in `pipeline-control`.
 */
import { S3Client } from '@aws-sdk/client-s3';
import { z } from 'zod';
import { modelSchema } from '../shared/contracts';
import { requiredEnvironment } from '../shared/environment';
import { S3Zones } from './s3-zones';
import { snapshot, type SnapshotAnswer } from './snapshot';
import { validate, type ValidateAnswer } from './validate';

const request = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('validate'),
    model: z.string(),
    schema: modelSchema,
    maxRows: z.number(),
  }),
  z.strictObject({
    op: z.literal('snapshot'),
    model: z.string(),
    schema: modelSchema,
    holdoutShare: z.number(),
    validation: z.object({ batchIds: z.array(z.string()) }),
  }),
]);

const environment = requiredEnvironment('RAW_BUCKET', 'CURATED_BUCKET', 'SNAPSHOT_BUCKET');
const zones = new S3Zones(new S3Client({}), {
  raw: environment.RAW_BUCKET,
  curated: environment.CURATED_BUCKET,
  snapshots: environment.SNAPSHOT_BUCKET,
});

export async function handler(event: unknown): Promise<ValidateAnswer | SnapshotAnswer> {
  const step = request.parse(event);
  switch (step.op) {
    case 'validate':
      return validate(step, zones);
    case 'snapshot':
      return snapshot({ ...step, batchIds: step.validation.batchIds }, zones);
  }
}
