import type { KubernetesObject } from './cluster-api';

/** An HTTP question to a container, or a connection to it. */
export interface PodProbe {
  readonly httpGet?: { readonly path?: string; readonly port: string | number };
  readonly tcpSocket?: { readonly port: string | number };
  readonly exec?: object;
  readonly grpc?: object;
  readonly initialDelaySeconds?: number;
  readonly periodSeconds?: number;
  readonly timeoutSeconds?: number;
  readonly successThreshold?: number;
  readonly failureThreshold?: number;
}

/** What is read of a container. */
export interface PodContainer {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args?: readonly string[];
  readonly env?: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: { readonly fieldRef?: { readonly fieldPath: string } };
  }[];
  readonly envFrom?: readonly object[];
  readonly ports?: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly startupProbe?: PodProbe;
  readonly readinessProbe?: PodProbe;
  readonly livenessProbe?: PodProbe;
  readonly lifecycle?: {
    readonly preStop?: { readonly sleep?: { readonly seconds: number } };
    readonly postStart?: object;
  };
}

/** What is read of a pod. */
export interface Pod extends KubernetesObject {
  readonly metadata: KubernetesObject['metadata'] & { readonly namespace: string; readonly uid: string };
  readonly spec: {
    readonly nodeName?: string;
    readonly restartPolicy?: 'Always' | 'OnFailure' | 'Never';
    readonly serviceAccountName?: string;
    readonly terminationGracePeriodSeconds?: number;
    readonly volumes?: readonly ({ readonly name: string } & Record<string, unknown>)[];
    readonly initContainers?: readonly (PodContainer & { readonly restartPolicy?: string })[];
    readonly containers: readonly PodContainer[];
  };
  readonly status?: { readonly phase?: string };
}

/** State of a container as a kubelet tells it. */
export type ContainerState =
  | { readonly waiting: { readonly reason: string; readonly message?: string } }
  | { readonly running: { readonly startedAt: string } }
  | {
      readonly terminated: {
        readonly exitCode: number;
        readonly signal?: number;
        readonly reason: string;
        readonly message?: string;
        readonly startedAt: string;
        readonly finishedAt: string;
      };
    };

/** What is told of a container. */
export interface ContainerStatus {
  readonly name: string;
  readonly image: string;
  readonly imageID: string;
  readonly ready: boolean;
  readonly started: boolean;
  readonly restartCount: number;
  readonly state: ContainerState;
  readonly lastState: ContainerState | Record<string, never>;
}

/** What this machine cannot do for a pod, in words; nothing where it can run it. */
export function unsupported({ spec }: Pod): string | undefined {
  const all = [...(spec.initContainers ?? []), ...spec.containers];
  const volume = (spec.volumes ?? []).find(({ emptyDir }) => emptyDir === undefined);
  if (volume !== undefined) {
    const kind = Object.keys(volume).find(key => key !== 'name') ?? 'unknown';
    return refusal(`volume '${volume.name}' of the kind '${kind}', only 'emptyDir'`);
  }
  for (const container of all) {
    const { name, startupProbe, readinessProbe, livenessProbe, lifecycle, env = [], envFrom = [] } = container;
    const probes = { startupProbe, readinessProbe, livenessProbe };
    for (const [kind, probe] of Object.entries(probes)) {
      if (probe !== undefined && probe.httpGet === undefined && probe.tcpSocket === undefined) {
        return refusal(`${kind} of container '${name}' but by 'httpGet' and 'tcpSocket'`);
      }
    }
    if (
      lifecycle?.postStart !== undefined ||
      (lifecycle?.preStop !== undefined && lifecycle.preStop.sleep === undefined)
    ) {
      return refusal(`'lifecycle' of container '${name}' but 'preStop.sleep'`);
    }
    const foreign = env.find(({ valueFrom }) => valueFrom !== undefined && valueFrom.fieldRef === undefined);
    if (foreign !== undefined || envFrom.length > 0) {
      return refusal(`'${foreign?.name ?? 'envFrom'}' of container '${name}': variables but 'value' and 'fieldRef'`);
    }
  }
  const sidecar = (spec.initContainers ?? []).find(({ restartPolicy }) => restartPolicy !== undefined);
  return sidecar === undefined ? undefined : refusal(`init container '${sidecar.name}' with a 'restartPolicy'`);
}

function refusal(what: string): string {
  return `not implemented in the local cloud: ${what}`;
}
