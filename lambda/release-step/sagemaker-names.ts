import { digestOf } from '../shared/canonical-json';
import type { Deployment } from './serving-target';

/**
 * Name of a version's SageMaker model and endpoint config: the endpoint's, the version, and eight hex digits of what
 * they are made of. The same makings give the same name, so creating twice makes one.
 */
export function deploymentName(endpointName: string, version: string, makings: unknown): string {
  return `${deploymentPrefix(endpointName)}${version}-${digestOf(makings).slice(0, 8)}`;
}

/** What all names of an endpoint's deployments contain; another endpoint's may contain it too, so parse each. */
export function deploymentPrefix(endpointName: string): string {
  return `${endpointName}-v`;
}

/** The deployment that a name stands for; nothing if it is another endpoint's. */
export function parseDeploymentName(endpointName: string, name: string): Deployment | undefined {
  const prefix = deploymentPrefix(endpointName);
  const match = name.startsWith(prefix) ? /^([1-9]\d*)-[0-9a-f]{8}$/.exec(name.slice(prefix.length)) : null;
  return match?.[1] === undefined ? undefined : { id: name, version: match[1] };
}
