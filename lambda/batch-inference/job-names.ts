import type { StartBatch } from '../shared/batch-contract';
import { digestOf } from '../shared/canonical-json';

/** Owner of every field of a batch's Job. */
export const BATCH_FIELD_MANAGER = 'mlops-batch';

export const JOB_KIND = { apiVersion: 'batch/v1', kind: 'Job' } as const;

/** What a batch was asked to do, on its Job: the answers of tomorrow come from there. */
export const ANNOTATIONS = {
  inputUri: 'mlops/input-uri',
  outputUri: 'mlops/output-uri',
  requestedBy: 'mlops/requested-by',
} as const;

export const VERSION_LABEL = 'mlops/model-version';

/** The label by which Kubernetes tells whose pods they are. */
export const JOB_NAME_LABEL = 'batch.kubernetes.io/job-name';

const HASH_LENGTH = 12;

/** The same for the same request: of what was asked, not of what serves meanwhile. Pods add an index and five letters. */
export function jobName({ model, inputUri, outputUri, version, requestId }: Omit<StartBatch, 'action'>): string {
  const hash = digestOf({ model, inputUri, outputUri, version, requestId }).slice(0, HASH_LENGTH);
  return `${model}-batch-${hash}`;
}

/** Whether a name is one that a batch of this model got. */
export function isJobName(model: string, name: string): boolean {
  return name.startsWith(`${model}-batch-`) && /^[0-9a-f]{12}$/.test(name.slice(`${model}-batch-`.length));
}
