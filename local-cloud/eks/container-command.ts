import { join } from 'node:path';
import { processEnvironment } from '../sagemaker/containers/container-environment';
import type { LocalImage } from '../sagemaker/containers/image-map';
import type { ContainerCommand } from '../sagemaker/containers/process-runner';
import { onThisMachine } from './addresses';
import type { Pod, PodContainer } from './pod';

/** What a container's process needs to know beside its pod. */
export interface ContainerPlace {
  readonly image: LocalImage;
  /** Folder of the pod. */
  readonly folder: string;
  readonly logFile: string;
  readonly address: string;
  readonly endpointUrl: string;
  readonly region: string;
  readonly clockFile?: string;
  /** Where Pod Identity's agent answers, and the file with the pod's token; none without an association. */
  readonly identity?: { readonly url: string; readonly tokenFile: string };
}

/** The folder that is a volume of a pod. */
export function volumeFolder(folder: string, volume: string): string {
  return join(folder, 'volumes', volume);
}

/**
 * The local process of a container. It has no file system of its own: what it is told of its mounts, in variables and
 * arguments, is told as the folders lie on this machine.
 */
export function containerCommand(pod: Pod, container: PodContainer, place: ContainerPlace): ContainerCommand {
  const { image, folder } = place;
  const local = (text: string): string => localPath(text, container, folder);
  const own = (container.env ?? []).map(
    ({ name, value, valueFrom }) =>
      [name, local(value ?? field(pod, valueFrom?.fieldRef?.fieldPath, place.address))] as const,
  );
  const { identity } = place;
  const environment = processEnvironment(image, [
    ['TMPDIR', local('/tmp')],
    ['MODEL_SERVER_HOST', onThisMachine(place.address)],
    // a minute of the cloud's time may pass in a second of the machine's
    ['METRIC_INTERVAL_SECONDS', '1'],
    ...own,
    ['AWS_ENDPOINT_URL', place.endpointUrl],
    ['AWS_REGION', place.region],
    ['AWS_DEFAULT_REGION', place.region],
    ['AWS_EC2_METADATA_DISABLED', 'true'],
    ['AWS_CONTAINER_CREDENTIALS_FULL_URI', identity?.url],
    ['AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE', identity?.tokenFile],
    ['MLOPS_LOCAL_CLOCK_FILE', place.clockFile],
  ]);
  const [program, ...args] = programOf(container, image);
  return { program, args: args.map(local), environment, workingFolder: folder, logFile: place.logFile };
}

/** As with images: a command takes the place of the image's entry point, arguments follow it. */
function programOf({ command, args = [] }: PodContainer, image: LocalImage): [string, ...string[]] {
  if (command === undefined || command.length === 0) return [image.program, ...image.args, ...args];
  const [program, ...rest] = command;
  // the image's Python, not the machine's
  const isPython = image.pythonPath.length > 0 && /^python[\d.]*$/.test(program);
  return [isPython ? image.program : program, ...rest, ...args];
}

function localPath(text: string, { volumeMounts = [] }: PodContainer, folder: string): string {
  const mount = volumeMounts
    .filter(({ mountPath }) => text === mountPath || text.startsWith(`${mountPath}/`))
    .sort((one, other) => other.mountPath.length - one.mountPath.length)
    .at(0);
  return mount === undefined ? text : join(volumeFolder(folder, mount.name), text.slice(mount.mountPath.length));
}

function field(pod: Pod, path: string | undefined, address: string): string {
  const { name, namespace, uid, labels = {}, annotations = {} } = pod.metadata;
  const known: Readonly<Record<string, string | undefined>> = {
    'metadata.name': name,
    'metadata.namespace': namespace,
    'metadata.uid': uid,
    'spec.nodeName': pod.spec.nodeName,
    'spec.serviceAccountName': pod.spec.serviceAccountName,
    'status.podIP': address,
  };
  const keyed = /^metadata\.(labels|annotations)\['(.+)'\]$/.exec(path ?? '');
  const value =
    keyed === null ? known[path ?? ''] : { labels, annotations }[keyed[1] as 'labels' | 'annotations'][keyed[2]];
  return value ?? '';
}
