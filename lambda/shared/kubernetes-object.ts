/** Names a kind of object. */
export interface KubernetesKind {
  readonly apiVersion: string;
  readonly kind: string;
}

/** Names an object; without a namespace, one of the whole cluster. */
export interface KubernetesReference extends KubernetesKind {
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** An object as an API server takes and gives it; who knows the kind knows the rest. */
export interface KubernetesObject extends KubernetesReference {
  readonly [field: string]: unknown;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly resourceVersion?: string;
    readonly uid?: string;
    readonly deletionTimestamp?: string;
    readonly managedFields?: readonly {
      readonly manager?: string;
      readonly operation?: string;
      readonly subresource?: string;
    }[];
  };
}

/** The path of all objects of a kind, in a namespace if one is given. */
export function collectionPath({ apiVersion, kind }: KubernetesKind, namespace?: string): string {
  const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  const within = namespace === undefined ? '' : `/namespaces/${encodeURIComponent(namespace)}`;
  return `${group}${within}/${plural(kind)}`;
}

/** The path of one object. */
export function objectPath(object: KubernetesReference): string {
  return `${collectionPath(object, object.metadata.namespace)}/${encodeURIComponent(object.metadata.name)}`;
}

/** For messages: `Deployment 'rain/model'`. */
export function describe({ kind, metadata: { name, namespace } }: KubernetesReference): string {
  return `${kind} '${namespace === undefined ? name : `${namespace}/${name}`}'`;
}

/** As resources of Kubernetes are named: `NetworkPolicy` → `networkpolicies`, `Gateway` → `gateways`. */
function plural(kind: string): string {
  const singular = kind.toLowerCase();
  if (/[^aeiou]y$/.test(singular)) return `${singular.slice(0, -1)}ies`;
  return /(s|x|ch|sh)$/.test(singular) ? `${singular}es` : `${singular}s`;
}
