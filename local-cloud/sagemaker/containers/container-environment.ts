import { delimiter, join } from 'node:path';
import type { RoleCredentials } from '../aws/access';
import type { RequestContext } from '../names';
import type { LocalImage } from './image-map';

/** Variables of this process that a container needs to run at all; everything else it gets is listed below. */
const INHERITED = ['PATH', 'HOME', 'LANG', 'LC_ALL', 'TMPDIR', 'LD_LIBRARY_PATH'];

/** Folder whose `sitecustomize.py` shifts a Python process's time. */
const CLOCK_FOLDER = join(__dirname, '..', '..', 'clock');

/** What every container on this machine is told. */
export interface ContainerSettings {
  readonly endpointUrl: string;
  readonly clockFile?: string;
}

/** Environment of a container: its role's credentials, where AWS is, what time it is, and the caller's own variables. */
export function containerEnvironment(
  settings: ContainerSettings,
  image: LocalImage,
  context: RequestContext,
  credentials: RoleCredentials,
  baseFolder: string,
  own: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const given: readonly (readonly [string, string | undefined])[] = [
    // the caller's variables come first: on AWS, too, they cannot replace the ones that SageMaker sets
    ...Object.entries(own),
    ['AWS_ACCESS_KEY_ID', credentials.accessKeyId],
    ['AWS_SECRET_ACCESS_KEY', credentials.secretAccessKey],
    ['AWS_SESSION_TOKEN', credentials.sessionToken],
    ['AWS_REGION', context.region],
    ['AWS_DEFAULT_REGION', context.region],
    ['AWS_ENDPOINT_URL', settings.endpointUrl],
    ['MLOPS_LOCAL_CLOCK_FILE', settings.clockFile],
    ['SAGEMAKER_BASE_DIR', baseFolder],
  ];
  return processEnvironment(image, given);
}

/** What any process in the place of a container is given, and then these. */
export function processEnvironment(
  image: LocalImage,
  given: readonly (readonly [string, string | undefined])[],
): Record<string, string> {
  const own: readonly (readonly [string, string | undefined])[] = [
    ...INHERITED.map(name => [name, process.env[name]] as const),
    ...given,
    ['PYTHONPATH', [...image.pythonPath, CLOCK_FOLDER].join(delimiter)],
    // lines are to arrive as they are written
    ['PYTHONUNBUFFERED', '1'],
  ];
  return Object.fromEntries(own.filter((entry): entry is readonly [string, string] => entry[1] !== undefined));
}

/**
 * A container's path, or an argument that is one, as it lies on this machine: `/opt/ml` is a folder of its own there.
 */
export function toLocalPath(path: string, baseFolder: string): string {
  return path === '/opt/ml' || path.startsWith('/opt/ml/') ? join(baseFolder, path.slice('/opt/ml'.length)) : path;
}
