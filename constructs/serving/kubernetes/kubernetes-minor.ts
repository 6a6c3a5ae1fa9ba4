/** A minor version of Kubernetes, such as 1.36. */
export interface KubernetesMinor {
  readonly major: number;
  readonly minor: number;
}

/** The oldest whose `sleep` before the end of a container, and whose spread by taints, need no switch. */
export const OLDEST_MINOR = '1.32';
/** The first that mounts OCI images as volumes without a switch. */
export const IMAGE_VOLUME_MINOR = '1.35';

/** Reads `1.36`; nothing if it is something else. */
export function parseMinor(version: string): KubernetesMinor | undefined {
  const match = /^(\d+)\.(\d+)$/.exec(version);
  return match === null ? undefined : { major: Number(match[1]), minor: Number(match[2]) };
}

/** Whether a version is this old or newer; not, if it is no version. */
export function isAtLeast(version: string, oldest: string): boolean {
  const one = parseMinor(version);
  const other = parseMinor(oldest);
  if (one === undefined || other === undefined) return false;
  return one.major > other.major || (one.major === other.major && one.minor >= other.minor);
}
