import { setTimeout as sleep } from 'node:timers/promises';
import { type ClusterApi, ClusterApiError, type KubernetesList, type KubernetesObject } from './cluster-api';
import { jsonPath } from './json-path';
import { Kinds, pathOf, type ResourceKind } from './kinds';
import { type Json, listsIn, threeWayPatch } from './three-way-patch';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const LOOK_EVERY_MS = 200;
/** The handler of the CDK has 15 minutes; a deletion that takes longer than this hangs. */
const DELETE_TIMEOUT_MS = 180_000;
const PATCH_TYPES: Readonly<Record<string, string>> = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/** Built-in kinds without a list that `kubectl apply` would merge by a key; custom resources have none. */
const LISTS_ARE_REPLACED = new Set([
  'Namespace',
  'ResourceQuota',
  'LimitRange',
  'NetworkPolicy',
  'Role',
  'RoleBinding',
  'ClusterRole',
  'ClusterRoleBinding',
  'ConfigMap',
  'Secret',
  'PodDisruptionBudget',
  'PriorityClass',
  'StorageClass',
]);

/** What `kubectl apply --prune` looks at, by version and plural. */
const PRUNED: readonly (readonly [string, string])[] = [
  ...['configmaps', 'endpoints', 'persistentvolumeclaims', 'pods', 'replicationcontrollers', 'secrets', 'services'].map(
    plural => ['/api/v1', plural] as const,
  ),
  ['/apis/batch/v1', 'jobs'],
  ['/apis/batch/v1', 'cronjobs'],
  ['/apis/networking.k8s.io/v1', 'ingresses'],
  ['/apis/apps/v1', 'daemonsets'],
  ['/apis/apps/v1', 'deployments'],
  ['/apis/apps/v1', 'replicasets'],
  ['/apis/apps/v1', 'statefulsets'],
];

/**
 * What the CDK's functions do with `kubectl`: client-side apply, so the last manifest lies in an annotation of the object,
 * and the fields belong to `kubectl-create` or `kubectl-client-side-apply`.
 */
export class Kubectl {
  private readonly kinds: Kinds;

  constructor(private readonly api: ClusterApi) {
    this.kinds = new Kinds(api);
  }

  /** `kubectl create --save-config`. */
  public async create(manifest: readonly KubernetesObject[]): Promise<void> {
    for (const object of manifest) {
      const kind = await this.kinds.of(object);
      await this.post(kind, object, 'kubectl-create');
    }
  }

  /** `kubectl apply`, with `--prune -l <label>` where one is given. */
  public async apply(manifest: readonly KubernetesObject[], pruneLabel?: string): Promise<void> {
    for (const object of manifest) {
      const kind = await this.kinds.of(object);
      const live = await this.api.find('GET', pathOf(kind, object.metadata.namespace, object.metadata.name));
      await (live === undefined
        ? this.post(kind, object, 'kubectl-client-side-apply')
        : this.change(kind, object, live));
    }
    if (pruneLabel !== undefined) await this.prune(manifest, pruneLabel);
  }

  /** `kubectl delete`, which waits until the objects are gone; those that are gone already are no error. */
  public async delete(manifest: readonly KubernetesObject[]): Promise<void> {
    const paths: string[] = [];
    for (const object of manifest) {
      const path = pathOf(await this.kinds.of(object), object.metadata.namespace, object.metadata.name);
      await this.api.find('DELETE', path, { body: { propagationPolicy: 'Background' } });
      paths.push(path);
    }
    const deadline = performance.now() + DELETE_TIMEOUT_MS;
    for (const path of paths) {
      while ((await this.api.find('GET', path)) !== undefined) {
        if (performance.now() > deadline) throw new Error(`${path} is still there after ${DELETE_TIMEOUT_MS} ms`);
        await sleep(LOOK_EVERY_MS);
      }
    }
  }

  /** `kubectl patch deployment/name`. */
  public async patch(resource: string, namespace: string, patch: object, type: string): Promise<void> {
    const [kindName = '', name = ''] = resource.split('/');
    if (!Object.hasOwn(PATCH_TYPES, type)) {
      throw new Error(`the type of a patch must be one of ${Object.keys(PATCH_TYPES).join(', ')}, got '${type}'`);
    }
    const contentType = PATCH_TYPES[type];
    const path = pathOf(await this.kinds.named(kindName), namespace, name);
    await this.api.send('PATCH', `${path}?fieldManager=kubectl-patch`, { body: patch, contentType });
  }

  /** `kubectl get -o jsonpath`, again until there is something. */
  public async value(type: string, name: string, namespace: string, path: string, timeoutMs: number): Promise<string> {
    const kind = await this.kinds.named(type);
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const object = await this.api.find('GET', pathOf(kind, namespace, name));
      const value = object === undefined ? '' : jsonPath(object, path);
      if (value !== '') return value;
      if (performance.now() > deadline) {
        throw new Error(`Timeout waiting for ${path} of ${type} '${name}' in '${namespace}'`);
      }
      await sleep(LOOK_EVERY_MS);
    }
  }

  private async post(kind: ResourceKind, object: KubernetesObject, fieldManager: string): Promise<void> {
    await this.api.send(
      'POST',
      `${pathOf(kind, object.metadata.namespace)}?fieldManager=${fieldManager}&fieldValidation=Strict`,
      { body: remembering(object) },
    );
  }

  private async change(kind: ResourceKind, object: KubernetesObject, live: KubernetesObject): Promise<void> {
    const last = JSON.parse(live.metadata.annotations?.[LAST_APPLIED] ?? '{}') as Record<string, Json>;
    const patch = threeWayPatch(last, asJson(remembering(object)), asJson(live));
    if (Object.keys(patch).length === 0) return;
    const lists = listsIn(patch);
    if (lists.length > 0 && mergesLists(object)) {
      throw new Error(
        `not implemented in the local cloud: 'kubectl apply' of a ${kind.kind} whose ${lists.join(', ')} changes, as such ` +
          'lists are merged by a key',
      );
    }
    await this.api.send(
      'PATCH',
      `${pathOf(kind, object.metadata.namespace, object.metadata.name)}?fieldManager=kubectl-client-side-apply`,
      { body: patch, contentType: 'application/merge-patch+json' },
    );
  }

  private async prune(manifest: readonly KubernetesObject[], label: string): Promise<void> {
    const kept = new Set(
      manifest.map(({ kind, metadata }) => `${kind ?? ''} ${metadata.namespace ?? ''} ${metadata.name}`),
    );
    const query = `?labelSelector=${encodeURIComponent(label)}`;
    // `kubectl` looks in the namespaces that the manifest names
    const namespaces = new Set(manifest.flatMap(({ metadata: { namespace } }) => namespace ?? []));
    const places = [
      ['/api/v1', 'namespaces'] as const,
      ['/api/v1', 'persistentvolumes'] as const,
      ...[...namespaces].flatMap(namespace =>
        PRUNED.map(([base, plural]) => [`${base}/namespaces/${namespace}`, plural] as const),
      ),
    ];
    for (const [base, plural] of places) {
      const list = await this.api.send<KubernetesList<KubernetesObject> & { kind: string }>(
        'GET',
        `${base}/${plural}${query}`,
      );
      const kind = list.kind.replace(/List$/, '');
      for (const { metadata } of list.items) {
        const applied = metadata.annotations?.[LAST_APPLIED] !== undefined;
        if (applied && !kept.has(`${kind} ${metadata.namespace ?? ''} ${metadata.name}`)) {
          await this.api.find('DELETE', `${base}/${plural}/${metadata.name}`, {
            body: { propagationPolicy: 'Background' },
          });
        }
      }
    }
  }
}

/** Tells a refusal in the words of `kubectl`. */
export function kubectlError(error: unknown): string {
  if (error instanceof ClusterApiError) return `Error from server (${error.reason}): ${error.message}`;
  return `error: ${error instanceof Error ? error.message : String(error)}`;
}

/** Whether `kubectl apply` may merge lists of an object by a key: of custom resources it never does. */
function mergesLists({ apiVersion = '', kind = '' }: KubernetesObject): boolean {
  const group = apiVersion.includes('/') ? apiVersion.replace(/\/.*$/, '') : '';
  const isBuiltIn = !group.includes('.') || (group.endsWith('.k8s.io') && !group.startsWith('gateway.'));
  return isBuiltIn && !LISTS_ARE_REPLACED.has(kind);
}

function remembering(object: KubernetesObject): KubernetesObject {
  const { metadata } = object;
  const said = JSON.stringify({ ...object, metadata: { ...metadata, annotations: metadata.annotations ?? {} } });
  return {
    ...object,
    metadata: { ...metadata, annotations: { ...metadata.annotations, [LAST_APPLIED]: `${said}\n` } },
  };
}

function asJson(object: KubernetesObject): Record<string, Json> {
  return object as unknown as Record<string, Json>;
}
