import type { k8s } from './k8s';
import { k8s as api } from './k8s';
import { GPU_RESOURCE, LABELS, PORT, PORT_NAME, SERVICE_ACCOUNT, SPOT_TAINT } from './kubernetes-names';
import { PLACEHOLDERS } from './placeholders';

/** As in `images/model-server/Dockerfile`; a number, since the kubelet cannot tell whether a name is root. */
const USER_ID = 1000;
const GROUP_ID = 100;

const MODEL_FOLDER = '/opt/ml/model';
export const MODEL_VOLUME = 'model';
const TEMPORARY_VOLUME = 'tmp';
const TEMPORARY_MEBIBYTES = 256;
/** What containers write beside their volumes: logs. */
const LOG_MEBIBYTES = 256;

const PROBE_SECONDS = 5;
const READINESS_FAILURES = 2;
/** A busy server is no dead one: two minutes without an answer. */
const LIVENESS_SECONDS = 20;
const LIVENESS_FAILURES = 6;
const PROBE_TIMEOUT_SECONDS = 3;

/** Load balancers and proxies go on sending for a while after a pod is asked to end. */
export const DRAIN_SECONDS = 20;
/** Then requests in flight are answered and the log is sent (`DRAIN_SECONDS`, `LOG_CLOSE_SECONDS` of the model server). */
const SERVER_END_SECONDS = 20 + 10;
const END_MARGIN_SECONDS = 10;
export const GRACE_SECONDS = DRAIN_SECONDS + SERVER_END_SECONDS + END_MARGIN_SECONDS;

/** What a pod of a model is given. */
export interface PodResources {
  /** Thousandths of a processor. */
  readonly cpuMillis: number;
  readonly cpuLimitMillis?: number;
  readonly memoryMebibytes: number;
  readonly gpus: number;
  /** Room for the unpacked model. */
  readonly modelMebibytes: number;
}

/** What a pod of a model depends on beside its version. */
export interface ModelPodProps {
  readonly modelName: string;
  readonly resources: PodResources;
  /** Time from the start of the server until the model is loaded, at most. */
  readonly loadSeconds: number;
  /** Whether the model comes as an OCI image instead of an archive that is fetched. */
  readonly imageVolume: boolean;
  /** Whether the pod may run on capacity that is taken away. */
  readonly spot: boolean;
  /**
   * Room for temporary files.
   *
   * @default 256
   */
  readonly temporaryMebibytes?: number;
}

/** Labels of all that belongs to a version. */
export function versionLabels(modelName: string): Record<string, string> {
  return {
    'app.kubernetes.io/name': 'model-server',
    'app.kubernetes.io/part-of': 'mlops',
    [LABELS.model]: modelName,
    [LABELS.version]: PLACEHOLDERS.version,
    [LABELS.deployment]: PLACEHOLDERS.name,
  };
}

/** What selects the pods of one deployment of one version. */
export function versionSelector(): Record<string, string> {
  return { [LABELS.deployment]: PLACEHOLDERS.name };
}

/** Annotations by which Prometheus finds the pods. */
export function scrapeAnnotations(): Record<string, string> {
  return { 'prometheus.io/scrape': 'true', 'prometheus.io/port': String(PORT), 'prometheus.io/path': '/metrics' };
}

/** The pods that serve. They pass the `restricted` Pod Security profile. */
export function servingPod(props: ModelPodProps): k8s.PodSpec {
  return {
    ...modelPod(props),
    containers: [
      {
        ...container('model-server', props),
        // what SageMaker runs as well: `docker run <image> serve`
        args: ['serve'],
        ports: [{ name: PORT_NAME, containerPort: PORT }],
        startupProbe: {
          ...probe(`/v2/models/${props.modelName}/ready`),
          failureThreshold: Math.ceil(props.loadSeconds / PROBE_SECONDS),
        },
        readinessProbe: { ...probe(`/v2/models/${props.modelName}/ready`), failureThreshold: READINESS_FAILURES },
        livenessProbe: {
          ...probe('/v2/health/live'),
          periodSeconds: LIVENESS_SECONDS,
          failureThreshold: LIVENESS_FAILURES,
        },
      },
    ],
    topologySpreadConstraints: [
      // two zones are better than one, and one is better than none
      spread('topology.kubernetes.io/zone', 'ScheduleAnyway'),
      spread('kubernetes.io/hostname', 'DoNotSchedule'),
    ],
  };
}

/** What every pod of a model has, with a container still to come. */
export function modelPod(props: ModelPodProps): Omit<k8s.PodSpec, 'containers'> {
  return {
    serviceAccountName: SERVICE_ACCOUNT,
    // Pod Identity mounts a token of its own; the API server is none of the model's business
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: GRACE_SECONDS,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER_ID,
      runAsGroup: GROUP_ID,
      // the volume of the model belongs to it
      fsGroup: GROUP_ID,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    initContainers: props.imageVolume ? undefined : [fetchContainer(props)],
    volumes: [
      // an image volume is newer than these types, and patched in
      ...(props.imageVolume ? [] : [emptyDir(MODEL_VOLUME, modelVolumeMebibytes(props))]),
      emptyDir(TEMPORARY_VOLUME, temporaryMebibytes(props)),
    ],
    tolerations: [
      ...(props.resources.gpus > 0 ? [{ key: GPU_RESOURCE, operator: 'Exists', effect: 'NoSchedule' }] : []),
      ...(props.spot ? [{ key: SPOT_TAINT, operator: 'Exists', effect: 'NoSchedule' }] : []),
    ],
    affinity: props.spot
      ? {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 100, preference: { matchExpressions: [{ key: SPOT_TAINT, operator: 'Exists' }] } },
            ],
          },
        }
      : undefined,
  };
}

/** A container of the version's image with the model beside it, without ports and probes. */
export function container(name: string, props: ModelPodProps): k8s.Container {
  return {
    name,
    image: PLACEHOLDERS.image,
    imagePullPolicy: 'IfNotPresent',
    // what it says last is what a release that fails tells
    terminationMessagePolicy: 'FallbackToLogsOnError',
    env: [
      { name: 'MODEL_NAME', value: props.modelName },
      { name: 'MODEL_VERSION', value: PLACEHOLDERS.version },
      { name: 'SM_MODEL_DIR', value: MODEL_FOLDER },
      // the root is read-only
      { name: 'HOME', value: '/tmp' },
      { name: PLACEHOLDERS.environment, value: '' },
    ],
    resources: resources(props),
    securityContext: LOCKED,
    volumeMounts: [
      { name: MODEL_VOLUME, mountPath: MODEL_FOLDER, readOnly: true },
      { name: TEMPORARY_VOLUME, mountPath: '/tmp' },
    ],
  };
}

/** Fetches the version's archive, checks its digest and unpacks it: by the model server's image, which needs no other. */
function fetchContainer(props: ModelPodProps): k8s.Container {
  return {
    ...container('fetch-model', { ...props, resources: { ...props.resources, gpus: 0 } }),
    command: ['python', '-m', 'model_server', 'fetch'],
    env: [
      { name: 'SM_MODEL_DIR', value: MODEL_FOLDER },
      { name: 'MODEL_ARTIFACT_URI', value: PLACEHOLDERS.artifactUri },
      { name: 'MODEL_ARTIFACT_DIGEST', value: PLACEHOLDERS.artifactDigest },
      { name: PLACEHOLDERS.environment, value: '' },
    ],
    volumeMounts: [
      { name: MODEL_VOLUME, mountPath: MODEL_FOLDER },
      { name: TEMPORARY_VOLUME, mountPath: '/tmp' },
    ],
  };
}

const LOCKED: k8s.SecurityContext = {
  allowPrivilegeEscalation: false,
  privileged: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};

/** The archive lies there beside what is unpacked from it; an image that is mounted takes none of the pod's disk. */
function modelVolumeMebibytes({ imageVolume, resources: { modelMebibytes } }: ModelPodProps): number {
  return imageVolume ? 0 : 2 * modelMebibytes;
}

function temporaryMebibytes(props: ModelPodProps): number {
  return props.temporaryMebibytes ?? TEMPORARY_MEBIBYTES;
}

function resources(props: ModelPodProps): k8s.ResourceRequirements {
  const { cpuMillis, cpuLimitMillis, memoryMebibytes, gpus } = props.resources;
  const disk = modelVolumeMebibytes(props) + temporaryMebibytes(props) + LOG_MEBIBYTES;
  const memory = api.Quantity.fromString(`${memoryMebibytes}Mi`);
  const gpu: Record<string, k8s.Quantity> = gpus > 0 ? { [GPU_RESOURCE]: api.Quantity.fromString(String(gpus)) } : {};
  return {
    requests: {
      cpu: api.Quantity.fromString(`${cpuMillis}m`),
      memory,
      // or pods share a node whose disk they fill, and are evicted while they load
      'ephemeral-storage': api.Quantity.fromString(`${disk}Mi`),
      ...gpu,
    },
    // memory cannot be taken back, so a limit over the request would be a promise that the node may break
    limits: {
      ...(cpuLimitMillis === undefined ? {} : { cpu: api.Quantity.fromString(`${cpuLimitMillis}m`) }),
      memory,
      ...gpu,
    },
  };
}

function probe(path: string): k8s.Probe {
  return {
    httpGet: { path, port: api.IntOrString.fromString(PORT_NAME) },
    periodSeconds: PROBE_SECONDS,
    timeoutSeconds: PROBE_TIMEOUT_SECONDS,
  };
}

function emptyDir(name: string, mebibytes: number): k8s.Volume {
  return { name, emptyDir: { sizeLimit: api.Quantity.fromString(`${mebibytes}Mi`) } };
}

function spread(topologyKey: string, whenUnsatisfiable: string): k8s.TopologySpreadConstraint {
  return {
    topologyKey,
    whenUnsatisfiable,
    maxSkew: 1,
    // or empty nodes that these pods do not tolerate would count as places that are free
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: versionSelector() },
    // while a template rolls, old pods are no reason against new ones
    matchLabelKeys: ['pod-template-hash'],
  };
}
