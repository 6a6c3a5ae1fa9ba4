import { deploymentName, parseDeploymentName } from './sagemaker-names';
import type { Deployment } from './serving-target';

/** Owner of every field that a release writes. */
export const FIELD_MANAGER = 'mlops-release';

/** Labels of all that belongs to a version; the same as `LABELS` of the constructs, as a test holds. */
export const MODEL_LABEL = 'mlops/model';
export const DEPLOYMENT_LABEL = 'mlops/deployment';

/** On what carries the traffic: the movement that is under way, and the last one that went back by itself. */
export const MOVEMENT_ANNOTATION = 'mlops/movement';
export const WENT_BACK_ANNOTATION = 'mlops/went-back';

/** On a version's Deployment: since when no release needs it; the collector removes what has it. */
export const RETIRED_ANNOTATION = 'mlops/retired-at';

export const DEPLOYMENT_KIND = { apiVersion: 'apps/v1', kind: 'Deployment' } as const;
export const SERVICE_KIND = { apiVersion: 'v1', kind: 'Service' } as const;
export const ROUTE_KIND = { apiVersion: 'gateway.networking.k8s.io/v1', kind: 'HTTPRoute' } as const;
export const POD_KIND = { apiVersion: 'v1', kind: 'Pod' } as const;
export const EVENT_KIND = { apiVersion: 'v1', kind: 'Event' } as const;
export const ENDPOINT_SLICE_KIND = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' } as const;

/** What makes a version have more pods or fewer; no two follow one version's load. */
export const AUTOSCALER_KINDS = [
  { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler' },
  { apiVersion: 'keda.sh/v1alpha1', kind: 'ScaledObject' },
] as const;

/** The label by which Kubernetes tells whose endpoints a slice holds. */
export const SERVICE_NAME_LABEL = 'kubernetes.io/service-name';

/** Name of all objects of a version: the model's, the version's, and what they are made of; as on SageMaker. */
export function versionName(model: string, version: string, makings: unknown): string {
  return deploymentName(model, version, makings);
}

/** What a name stands for; somebody who moved traffic by hand may have named what no release made. */
export function deploymentNamed(model: string, name: string): Deployment {
  return parseDeploymentName(model, name) ?? { id: name, version: 'unknown' };
}

/** The deployment of a name that a release gave; nothing if it is another's. */
export function releasedDeployment(model: string, name: string): Deployment | undefined {
  return parseDeploymentName(model, name);
}
