import type { Batch } from '../shared/batch-contract';
import type { KubernetesObject } from '../shared/kubernetes-object';
import { ANNOTATIONS, VERSION_LABEL } from './job-names';

interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** What is read of a Job. */
export interface JobObject extends KubernetesObject {
  readonly spec?: { readonly completions?: number };
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly startTime?: string;
    readonly completionTime?: string;
    readonly active?: number;
    readonly succeeded?: number;
  };
}

interface ContainerStatus {
  readonly name: string;
  readonly state?: {
    readonly waiting?: { readonly reason?: string; readonly message?: string };
    readonly terminated?: {
      readonly exitCode?: number;
      readonly reason?: string;
      readonly message?: string;
      readonly finishedAt?: string;
    };
  };
}

/** What is read of a batch's pod. */
export interface BatchPod extends KubernetesObject {
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What is read of an event about a batch's Job. */
export interface BatchEvent extends KubernetesObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

/** A Job with all that tells how it goes. */
export interface JobSight {
  readonly job: JobObject;
  readonly pods: readonly BatchPod[];
  readonly events: readonly BatchEvent[];
}

const MAX_MESSAGE = 600;
/** What a pod waits for in the ordinary course of things. */
const USUAL = new Set(['ContainerCreating', 'PodInitializing']);

/** A batch as its Job and its pods tell it. */
export function judgeJob(model: string, sight: JobSight): Batch {
  const { metadata, status = {} } = sight.job;
  const about = {
    job: metadata.name,
    namespace: metadata.namespace ?? '',
    model,
    version: metadata.labels?.[VERSION_LABEL] ?? 'unknown',
    inputUri: metadata.annotations?.[ANNOTATIONS.inputUri] ?? 'unknown',
    outputUri: metadata.annotations?.[ANNOTATIONS.outputUri] ?? 'unknown',
    requestedBy: metadata.annotations?.[ANNOTATIONS.requestedBy] ?? 'unknown',
    startedAt: status.startTime,
  };
  const failed = conditionOf(sight.job, 'Failed');
  if (failed !== undefined) {
    const words = lastWords(sight.pods);
    const why = `${failed.reason ?? 'Failed'}: ${shown(failed.message)}${words === undefined ? '' : `; ${words}`}`;
    return { ...about, state: 'failed', detail: why, endedAt: failed.lastTransitionTime };
  }
  if (conditionOf(sight.job, 'Complete') !== undefined) {
    return { ...about, state: 'succeeded', detail: progress(sight.job), endedAt: status.completionTime };
  }
  const trouble = hindrance(sight) ?? lastWords(sight.pods);
  return { ...about, state: 'active', detail: [progress(sight.job), trouble].filter(Boolean).join('; ') };
}

function progress({ spec, status = {} }: JobObject): string {
  const parts = spec?.completions ?? 1;
  const active = status.active === undefined || status.active === 0 ? '' : `, ${status.active} at work`;
  return `${status.succeeded ?? 0} of ${parts} part${parts === 1 ? '' : 's'} done${active}`;
}

/** Why pods do not begin; nothing while they do. */
function hindrance({ job, pods, events }: JobSight): string | undefined {
  for (const pod of pods) {
    const name = `Pod '${pod.metadata.name}'`;
    for (const { name: container, state } of containersOf(pod)) {
      const { reason, message } = state?.waiting ?? {};
      if (reason === undefined || USUAL.has(reason)) continue;
      return `${name}, container '${container}': ${reason}: ${shown(message)}`;
    }
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (scheduled?.status === 'False') {
      return `${name} finds no node (${scheduled.reason ?? 'Unschedulable'}): ${shown(scheduled.message)}`;
    }
  }
  // quota, limits and admission speak to the one who makes the pods, so there is none to look at
  if ((job.status?.active ?? 0) > 0) return undefined;
  const refused = events
    .filter(({ involvedObject, reason }) => involvedObject?.name === job.metadata.name && reason === 'FailedCreate')
    .sort((one, other) => (one.lastTimestamp ?? '').localeCompare(other.lastTimestamp ?? ''))
    .at(-1);
  return refused === undefined ? undefined : `its pods are refused (FailedCreate): ${shown(refused.message)}`;
}

/** What the container said that failed last. */
function lastWords(pods: readonly BatchPod[]): string | undefined {
  const last = pods
    .flatMap(pod =>
      containersOf(pod).map(({ name, state }) => ({ pod: pod.metadata.name, name, ended: state?.terminated })),
    )
    .filter(({ ended }) => ended !== undefined && ended.exitCode !== 0)
    .sort((one, other) => (other.ended?.finishedAt ?? '').localeCompare(one.ended?.finishedAt ?? ''))
    .at(0);
  if (last?.ended === undefined) return undefined;
  const { exitCode = 'unknown', reason = 'Error', message } = last.ended;
  return `Pod '${last.pod}', container '${last.name}', ended with exit code ${exitCode} (${reason}): ${shown(message)}`;
}

function containersOf({ status }: BatchPod): ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function conditionOf({ status }: JobObject, wanted: string): Condition | undefined {
  return status?.conditions?.find(({ type, status: holds }) => type === wanted && holds === 'True');
}

/** The end of it: what a program says last is why it ended. */
function shown(message: string | undefined): string {
  const text = (message ?? 'no message').trim();
  return text.length <= MAX_MESSAGE ? text : `…${text.slice(-MAX_MESSAGE)}`;
}
