import type { KubernetesObject } from '../shared/kubernetes-object';

/** A condition in an object's status. */
interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

/** What is read of a Deployment. */
export interface DeploymentObject extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly generation?: number };
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly availableReplicas?: number;
    readonly conditions?: readonly Condition[];
  };
}

interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly terminated?: { readonly exitCode?: number; readonly reason?: string; readonly message?: string };
}

interface ContainerStatus {
  readonly name: string;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

/** What is read of a pod. */
export interface PodObject extends KubernetesObject {
  readonly status?: {
    readonly conditions?: readonly Condition[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
    readonly containerStatuses?: readonly ContainerStatus[];
  };
}

/** What is read of an event. */
export interface EventObject extends KubernetesObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly lastTimestamp?: string | null;
  readonly involvedObject?: { readonly kind?: string; readonly name?: string };
}

/** What is read of the addresses behind a Service. */
export interface EndpointSliceObject extends KubernetesObject {
  readonly endpoints?: readonly {
    readonly addresses?: readonly string[];
    readonly conditions?: { readonly ready?: boolean };
  }[];
  readonly ports?: readonly { readonly name?: string; readonly port?: number }[];
}

/** A deployment with all that tells whether it can serve, and why not. */
export interface DeploymentSight {
  readonly deployment: DeploymentObject | undefined;
  readonly slices: readonly EndpointSliceObject[];
  readonly pods: readonly PodObject[];
  readonly events: readonly EventObject[];
  readonly now: Date;
}

/** Whether a deployment can serve. */
export type Readiness =
  | { readonly state: 'ready' }
  /** It may become ready by itself. */
  | { readonly state: 'waiting'; readonly detail: string }
  /** It will not, or has had its time. */
  | { readonly state: 'failed'; readonly detail: string };

/** A node may have to start first. */
const SCHEDULING_SECONDS = 300;
/** Pods that leave may make room. */
const CREATION_SECONDS = 30;
/** A pod that starts anew on a node that is there. */
const PATIENCE_SECONDS = 60;
/** A server may lose a race once. */
const CRASHES = 2;
/** Reasons of a waiting container that its own retries do not change. */
const HOPELESS = new Set([
  'ImagePullBackOff',
  'ErrImageNeverPull',
  'InvalidImageName',
  'CreateContainerConfigError',
  'CreateContainerError',
]);
const GONE = 'there is no such Deployment any more';
const MAX_MESSAGE = 400;

/** Judges whether as many pods as must be can serve, behind their Service as well. */
export function judgeReadiness(sight: DeploymentSight, pods: number): Readiness {
  const { deployment } = sight;
  if (deployment === undefined) return { state: 'failed', detail: GONE };
  const { metadata, status = {} } = deployment;
  const seen = (status.observedGeneration ?? 0) >= (metadata.generation ?? 1);
  const available = Math.min(status.updatedReplicas ?? 0, status.availableReplicas ?? 0);
  const reachable = readyAddresses(sight.slices).length;
  if (seen && available >= pods && reachable >= pods) return { state: 'ready' };
  const cause = seen ? failureOf(sight) : undefined;
  if (cause !== undefined) return { state: 'failed', detail: cause };
  return { state: 'waiting', detail: `${Math.min(available, reachable)} of ${pods} pods are ready` };
}

/** Why a deployment answers no request. */
export interface Inability {
  readonly detail: string;
  /** Whether it has lacked pods for longer than one that starts anew takes, or is gone. */
  readonly lasts: boolean;
}

/**
 * Why it answers no request; nothing if one pod can, whatever is still to change: an autoscaler that writes makes the
 * Deployment's status one of the generation before, and the pods that are there answer all the same.
 */
export function inabilityOf(sight: DeploymentSight): Inability | undefined {
  if (sight.deployment === undefined) return { detail: GONE, lasts: true };
  return ablePods(sight) > 0 ? undefined : { detail: '0 of 1 pods are ready', lasts: lacksForLong(sight) };
}

/** How many pods answer, behind their Service as well. */
export function ablePods({ deployment, slices }: Pick<DeploymentSight, 'deployment' | 'slices'>): number {
  return Math.min(deployment?.status?.availableReplicas ?? 0, readyAddresses(slices).length);
}

/** Whether pods that are missing are not about to come by themselves. */
export function lacksForLong({ deployment, now }: Pick<DeploymentSight, 'deployment' | 'now'>): boolean {
  const available = deployment?.status?.conditions?.find(({ type }) => type === 'Available');
  return available?.status === 'False' && olderThan(PATIENCE_SECONDS, available, now);
}

/** Where pods answer that are ready. */
export function readyAddresses(slices: readonly EndpointSliceObject[]): { address: string; port?: number }[] {
  return slices.flatMap(({ endpoints, ports }) =>
    (endpoints ?? [])
      // Kubernetes: no word means ready
      .filter(({ conditions }) => conditions?.ready !== false)
      .flatMap(({ addresses }) => addresses ?? [])
      .map(address => ({ address, port: ports?.[0]?.port })),
  );
}

function failureOf(sight: DeploymentSight): string | undefined {
  return podFailure(sight) ?? creationFailure(sight) ?? deadlineFailure(sight);
}

function podFailure({ pods, now }: DeploymentSight): string | undefined {
  for (const { metadata, status = {} } of pods) {
    if (metadata.deletionTimestamp !== undefined) continue;
    const containers = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
    for (const container of containers) {
      const cause = containerFailure(container);
      if (cause !== undefined) return `Pod '${metadata.name}', container '${container.name}': ${cause}`;
    }
    const scheduled = status.conditions?.find(({ type }) => type === 'PodScheduled');
    if (scheduled?.status === 'False' && olderThan(SCHEDULING_SECONDS, scheduled, now)) {
      return `Pod '${metadata.name}' finds no node (FailedScheduling): ${shown(scheduled.message)}`;
    }
  }
  return undefined;
}

function containerFailure({ state, lastState, restartCount = 0 }: ContainerStatus): string | undefined {
  const { reason = '', message } = state?.waiting ?? {};
  if (HOPELESS.has(reason)) return `${reason}: ${shown(message)}`;
  if (reason !== 'CrashLoopBackOff' || restartCount < CRASHES) return undefined;
  const { exitCode, reason: ended, message: said } = lastState?.terminated ?? {};
  const how = exitCode === undefined ? '' : ` with exit code ${exitCode} (${ended ?? 'Error'})`;
  return `${reason}: it ended ${restartCount} times, at last${how}: ${shown(said ?? message)}`;
}

/** Quota, limits and admission speak to the one who makes the pods, so there is no pod to look at. */
function creationFailure({ deployment, now }: DeploymentSight): string | undefined {
  const failure = deployment?.status?.conditions?.find(({ type }) => type === 'ReplicaFailure');
  if (failure?.status !== 'True' || !olderThan(CREATION_SECONDS, failure, now)) return undefined;
  return `its pods are refused (${failure.reason ?? 'FailedCreate'}): ${shown(failure.message)}`;
}

/** The Deployment's own deadline is over; events tell best what it waited for. */
function deadlineFailure({ deployment, pods, events }: DeploymentSight): string | undefined {
  const progress = deployment?.status?.conditions?.find(({ type }) => type === 'Progressing');
  if (progress?.status !== 'False') return undefined;
  const names = new Set(pods.map(({ metadata }) => metadata.name));
  const warning = events
    .filter(({ type, involvedObject }) => type === 'Warning' && names.has(involvedObject?.name ?? ''))
    // they are listed by name
    .sort((one, other) => (one.lastTimestamp ?? '').localeCompare(other.lastTimestamp ?? ''))
    .at(-1);
  const why =
    warning === undefined
      ? ''
      : `; Pod '${String(warning.involvedObject?.name)}': ${warning.reason ?? 'Warning'}: ${shown(warning.message)}`;
  return `${progress.reason ?? 'ProgressDeadlineExceeded'}: ${shown(progress.message)}${why}`;
}

function olderThan(seconds: number, { lastTransitionTime }: Condition, now: Date): boolean {
  return lastTransitionTime !== undefined && now.getTime() - Date.parse(lastTransitionTime) >= seconds * 1000;
}

function shown(message: string | undefined): string {
  return (message ?? 'no message').trim().slice(0, MAX_MESSAGE);
}
