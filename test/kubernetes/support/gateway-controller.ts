import type { KubernetesClient } from '../../../lambda/shared/kubernetes-client';
import type { KubernetesObject } from '../../../lambda/shared/kubernetes-object';

/** Says of a route what a gateway's controller says that takes it as it is. */
export async function takeRoute(administrator: KubernetesClient, route: KubernetesObject): Promise<void> {
  const { metadata, spec } = route as KubernetesObject & {
    metadata: { generation?: number };
    spec: { parentRefs: object[] };
  };
  const condition = (type: string): object => ({
    type,
    status: 'True',
    reason: type,
    message: '',
    lastTransitionTime: new Date().toISOString(),
    observedGeneration: metadata.generation,
  });
  const conditions = ['Accepted', 'ResolvedRefs'].map(condition);
  const controllerName = 'example.net/gateway';
  const parents = spec.parentRefs.map(parentRef => ({ parentRef, controllerName, conditions }));
  await administrator.send({
    method: 'PATCH',
    path: `/apis/${route.apiVersion}/namespaces/${metadata.namespace ?? ''}/httproutes/${metadata.name}/status?fieldManager=gateway`,
    description: 'play the gateway',
    contentType: 'application/merge-patch+json',
    body: JSON.stringify({ status: { parents } }),
  });
}
