import { refusable } from '../release-step/kubernetes-cluster';
import {
  AUTOSCALER_KINDS,
  DEPLOYMENT_KIND,
  DEPLOYMENT_LABEL,
  MODEL_LABEL,
  releasedDeployment,
  RETIRED_ANNOTATION,
  SERVICE_KIND,
} from '../release-step/kubernetes-names';
import { inUse, trafficForm } from '../release-step/kubernetes-traffic';
import type { AnyServingSettings, EksServingSettings } from '../shared/contracts';
import { forEachModel } from '../shared/each-model';
import type { KubernetesClient } from '../shared/kubernetes-client';
import { KubernetesError } from '../shared/kubernetes-error';
import type { KubernetesKind, KubernetesObject } from '../shared/kubernetes-object';
import type { LedgerState } from '../shared/ledger';

/** What the collector needs of the world. */
export interface CollectorPorts {
  /** Every model of the ledger. */
  models(): Promise<string[]>;
  state(model: string): Promise<LedgerState>;
  /** Nothing: the environment has no such model any more. */
  settings(model: string): Promise<AnyServingSettings | undefined>;
  cluster(settings: EksServingSettings): Pick<KubernetesClient, 'get' | 'list' | 'delete'>;
}

/** What a version has beside its Deployment; of a kind that the cluster does not know there is nothing. */
const BELONGINGS: readonly KubernetesKind[] = [
  SERVICE_KIND,
  ...AUTOSCALER_KINDS,
  { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
];
const NOT_FOUND = 404;

/** Removes the versions that releases gave up, model by model. */
export async function collect(ports: CollectorPorts): Promise<string[]> {
  const removed: string[] = [];
  await forEachModel(await ports.models(), async model => {
    const settings = await ports.settings(model);
    if (settings?.target !== 'eks') return;
    // a release that is under way may need again what the one before gave up
    if ((await ports.state(model)).lockOwner !== undefined) return;
    removed.push(...(await collectModel(model, settings, ports.cluster(settings))));
  });
  return removed;
}

/** Removes what is marked and gets no request; then all whose Deployment is gone. */
async function collectModel(
  model: string,
  settings: EksServingSettings,
  cluster: ReturnType<CollectorPorts['cluster']>,
): Promise<string[]> {
  const form = trafficForm(settings, model);
  const object = await refusable(cluster.get(form.reference));
  const used = object === undefined ? new Set<string>() : inUse(form.traffic(object));
  const query = { namespace: settings.namespace, labels: { [MODEL_LABEL]: model } };
  // before the Deployments: a release makes those first, so whatever is seen here of a new version has its own in the list
  const belongings: KubernetesObject[] = [];
  for (const kind of BELONGINGS) belongings.push(...(await listed(cluster.list(kind, query))));
  const removed: KubernetesObject[] = [];
  const kept = new Set(used);
  for (const deployment of await cluster.list(DEPLOYMENT_KIND, query)) {
    const { name, annotations } = deployment.metadata;
    const isRetired = annotations?.[RETIRED_ANNOTATION] !== undefined;
    const isOurs = releasedDeployment(model, name) !== undefined;
    const goes = isRetired && isOurs && !used.has(name);
    if (goes && (await remove(cluster, deployment))) removed.push(deployment);
    else kept.add(name);
  }
  for (const belonging of belongings) {
    const id = belonging.metadata.labels?.[DEPLOYMENT_LABEL];
    if (id !== undefined && !kept.has(id) && (await remove(cluster, belonging))) removed.push(belonging);
  }
  return removed.map(({ kind, metadata: { name, namespace } }) => `${kind} '${namespace ?? ''}/${name}'`);
}

/** Exactly what was seen, and tells whether it did: a release that needs it again has changed it meanwhile. */
async function remove(cluster: ReturnType<CollectorPorts['cluster']>, object: KubernetesObject): Promise<boolean> {
  const { uid, resourceVersion } = object.metadata;
  try {
    await cluster.delete(object, { uid, resourceVersion });
    return true;
  } catch (error) {
    if (!(error instanceof KubernetesError && error.reason === 'Conflict')) throw error;
    return false;
  }
}

async function listed(listing: Promise<KubernetesObject[]>): Promise<KubernetesObject[]> {
  try {
    return await listing;
  } catch (error) {
    if (error instanceof KubernetesError && error.status === NOT_FOUND) return [];
    throw error;
  }
}
