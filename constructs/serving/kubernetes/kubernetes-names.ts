import { resourcePrefix } from '../../private/names';

/** What a model's pods run as, in its namespace. */
export const SERVICE_ACCOUNT = 'model-server';

/** Where the model server answers. */
export const PORT = 8080;
export const PORT_NAME = 'http';

/** Labels of everything that belongs to a version. */
export const LABELS = {
  model: 'mlops/model',
  version: 'mlops/model-version',
  /** Tells two deployments of one version apart, which differ by settings; what traffic is selected by. */
  deployment: 'mlops/deployment',
} as const;

/** Label of the namespaces whose routes the shared gateway takes. */
export const ROUTE_LABEL = 'mlops/routes';

/** Capacity that may be taken away: label and taint of its nodes. */
export const SPOT_TAINT = 'mlops/spot';
/** What NVIDIA's device plugin counts, and what the nodes with it are tainted with. */
export const GPU_RESOURCE = 'nvidia.com/gpu';

/**
 * Kubernetes group of what releases the models of an environment. One for each environment: environments may share a
 * cluster, and the release function of one must not reach the models of another.
 */
export function releaseGroup(environmentName: string): string {
  return `${resourcePrefix(environmentName)}-release`;
}

/** Kubernetes group of what starts batches. */
export function batchGroup(environmentName: string): string {
  return `${resourcePrefix(environmentName)}-batch`;
}

/** Kubernetes group of what removes versions that are no longer needed. */
export function collectorGroup(environmentName: string): string {
  return `${resourcePrefix(environmentName)}-collector`;
}
