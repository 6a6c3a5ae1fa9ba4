import type { Rule } from './model-namespace';

/** Starts Jobs by server-side apply, which makes and patches, and sees how they go; it deletes none. */
export function batchRules(): Rule[] {
  return [
    { apiGroups: ['batch'], resources: ['jobs'], verbs: ['get', 'create', 'patch'] },
    // the last words of a pod, and why there is none
    { apiGroups: [''], resources: ['pods', 'events'], verbs: ['list'] },
  ];
}

/**
 * Room for the pods of one batch: those of another wait. Without it, batches would take the room of a version that is to
 * serve. Of a namespace's pods these alone have a deadline, which is what the scope means.
 */
export function batchQuota(batchPods: number): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'ResourceQuota',
    metadata: { name: 'batch' },
    spec: { hard: { pods: String(batchPods) }, scopes: ['Terminating'] },
  };
}
