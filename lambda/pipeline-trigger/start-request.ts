import { z } from 'zod';
import { sha256 } from '../shared/canonical-json';
import type { PipelineInput } from '../shared/contracts';
import { batchOfReadyKey } from '../shared/pipeline/ready-manifest';

/** EventBridge's event about an object that was written to S3, as far as it is read here. */
const objectCreated = z.object({
  source: z.literal('aws.s3'),
  'detail-type': z.literal('Object Created'),
  detail: z.object({
    bucket: z.object({ name: z.string() }),
    object: z.object({
      key: z.string(),
      etag: z.string().default(''),
      /** Another for each write; the same for each delivery of the event of one. */
      sequencer: z.string().default(''),
    }),
  }),
});

/** What a model's schedule sends. */
const scheduled = z.object({
  source: z.literal('mlops.schedule'),
  model: z.string(),
  /** The time for which it was scheduled; the same for each delivery. */
  time: z.string(),
});

/** A start of the pipeline: the name makes a second delivery of the same event harmless. */
export interface StartRequest {
  executionName: string;
  input: PipelineInput;
  /** Of a batch that has landed: the write of `_READY` that the event is about. */
  declared?: DeclarationWrite;
}

/** One write of a declaration. */
export interface DeclarationWrite {
  readonly bucket: string;
  readonly key: string;
  /** Without quotes; empty if the event does not tell. */
  readonly etag: string;
}

/** Digits of the hash in an execution's name, which may have 80 characters. */
const NAME_DIGITS = 32;

/** The start that an event asks for, or why it asks for none. */
export function startRequest(event: unknown): StartRequest | { ignored: string } {
  const landed = objectCreated.safeParse(event);
  if (landed.success) {
    const { bucket, object } = landed.data.detail;
    const batch = batchOfReadyKey(object.key);
    if (batch === undefined) {
      return { ignored: `object '${object.key}' is no '<model>/<batch>/_READY'` };
    }
    const cause = `${bucket.name}/${object.key}/${object.etag}/${object.sequencer}`;
    return {
      ...request('new-data', batch.model, cause, {
        requestedBy: 'event: object created',
        reason: `batch '${batch.batchId}' has landed`,
      }),
      declared: { bucket: bucket.name, key: object.key, etag: object.etag },
    };
  }
  const due = scheduled.safeParse(event);
  if (due.success) {
    const { model, time } = due.data;
    return request('schedule', model, `${model}/${time}`, {
      requestedBy: 'schedule',
      reason: `due at ${time}`,
    });
  }
  return { ignored: 'the event is neither an object created in S3 nor a schedule' };
}

function request(
  kind: PipelineInput['trigger']['kind'],
  model: string,
  cause: string,
  told: { requestedBy: string; reason: string },
): StartRequest {
  const executionName = `${kind}-${sha256(cause).slice(0, NAME_DIGITS)}`;
  return { executionName, input: { model, trigger: { kind, id: executionName, ...told } } };
}
