import { z } from 'zod';

/** Where files lie, as a person writes it; what may be in it is said where it is judged, in words. */
const uri = z.string();
const model = z.string();

/** Input of the function that predicts files on the cluster. */
export const batchRequest = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('start'),
    model,
    inputUri: uri,
    outputUri: uri,
    /** Absent: the version that serves. */
    version: z.string().optional(),
    /** The same request with the same id is the same batch, however often it is sent. */
    requestId: z.string().min(1),
    requestedBy: z.string().min(1),
  }),
  z.strictObject({ action: z.literal('look'), model, job: z.string() }),
]);
export type BatchRequest = z.infer<typeof batchRequest>;
export type StartBatch = Extract<BatchRequest, { action: 'start' }>;

/** A batch as it is now. */
export interface Batch {
  /** Name of its Job. */
  readonly job: string;
  readonly namespace: string;
  readonly model: string;
  readonly version: string;
  readonly inputUri: string;
  readonly outputUri: string;
  readonly requestedBy: string;
  readonly state: 'active' | 'succeeded' | 'failed';
  /** How far it is, or why it failed, with the last words of its pod. */
  readonly detail: string;
  /** ISO 8601. */
  readonly startedAt?: string;
  readonly endedAt?: string;
}

/** What the function answers; what it could not find out is an error. */
export type BatchAnswer =
  /** `exists`: the same request had started it before. */
  | { readonly outcome: 'started' | 'exists' | 'seen'; readonly batch: Batch }
  | { readonly outcome: 'refused'; readonly reason: string; readonly youMay: readonly string[] };
