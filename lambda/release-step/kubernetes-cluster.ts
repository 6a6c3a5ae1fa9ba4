import type { KubernetesClient } from '../shared/kubernetes-client';
import { KubernetesError } from '../shared/kubernetes-error';
import { describe, type KubernetesObject } from '../shared/kubernetes-object';
import { TargetBusyError, TargetRefusedError } from './errors';
import { DEPLOYMENT_KIND, FIELD_MANAGER } from './kubernetes-names';

/** What of a client a release needs: no deletion, which is the collector's. */
export type KubernetesVerbs = Pick<KubernetesClient, 'apply' | 'get' | 'list' | 'mergePatch'>;

/** Answers that no repetition changes. */
const FINAL = new Set([400, 403, 404, 405, 413, 415, 422]);
/** EKS could not tell whose the token is: its authenticator fails for a moment, or the caller has no access entry. */
const UNAUTHORIZED = 401;
const NO_ACCESS_ENTRY =
  '; if it stays so, the cluster knows no access entry of the role of this function: deploy the stack of the release controller again';
const CONFLICT = 409;
const FIELD_CONFLICT = 'FieldManagerConflict';

/** Runs a call, and tells a refusal that no retry changes from a fault, and both from what has to wait. */
export async function refusable<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof KubernetesError)) throw error;
    if (error.status === CONFLICT) {
      const fields = conflicts(error);
      // the object changed between the look and the act; perhaps by this very act, whose answer got lost
      if (fields.length === 0) throw new TargetBusyError('busy: it changed meanwhile', { cause: error });
      throw new TargetRefusedError(
        `could not ${error.request}: ${fields.map(({ field, manager }) => `field '${field}' is owned by '${manager}'`).join(', ')}, who must give it up: only a release writes this object`,
        { cause: error },
      );
    }
    if (error.status === UNAUTHORIZED) {
      throw new Error(error.message + NO_ACCESS_ENTRY, { cause: error });
    }
    if (!FINAL.has(error.status)) throw error;
    throw new TargetRefusedError(error.message, { cause: error });
  }
}

/**
 * Applies an object of a version. Somebody may have scaled its Deployment by hand, who owns the number of pods then: it
 * stays theirs, since all else is as it should be.
 */
export async function applyVersioned(cluster: KubernetesVerbs, object: KubernetesObject): Promise<void> {
  const options = { fieldManager: FIELD_MANAGER };
  try {
    await cluster.apply(object, options);
  } catch (error) {
    const fields = error instanceof KubernetesError ? conflicts(error) : [];
    const onlyReplicas = fields.length > 0 && fields.every(({ field }) => field === '.spec.replicas');
    if (object.kind !== DEPLOYMENT_KIND.kind || !onlyReplicas) throw error;
    await cluster.apply(withoutReplicas(object), options);
  }
}

/** Applies what follows the load of a version. What somebody changed by hand stays theirs, until they give it up. */
export async function applyFollower(cluster: KubernetesVerbs, object: KubernetesObject): Promise<void> {
  try {
    await cluster.apply(object, { fieldManager: FIELD_MANAGER });
  } catch (error) {
    if (!(error instanceof KubernetesError) || conflicts(error).length === 0) throw error;
  }
}

function withoutReplicas(object: KubernetesObject): KubernetesObject {
  const { spec, ...rest } = object as KubernetesObject & { spec: Record<string, unknown> };
  return { ...rest, spec: { ...spec, replicas: undefined } };
}

function conflicts({ status, causes }: KubernetesError): { field: string; manager: string }[] {
  if (status !== CONFLICT) return [];
  return causes
    .filter(({ reason }) => reason === FIELD_CONFLICT)
    .map(({ field, message }) => ({
      field: field ?? 'unknown',
      manager: /conflict with "([^"]*)"/.exec(message ?? '')?.[1] ?? message ?? 'somebody',
    }));
}

/** For messages: a version's Deployment. */
export function deploymentInWords(namespace: string, id: string): string {
  return describe({ ...DEPLOYMENT_KIND, metadata: { name: id, namespace } });
}
