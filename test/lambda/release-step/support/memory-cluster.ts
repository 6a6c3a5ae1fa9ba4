import { KubernetesError } from '../../../../lambda/shared/kubernetes-error';
import {
  describe,
  type KubernetesKind,
  type KubernetesObject,
  type KubernetesReference,
} from '../../../../lambda/shared/kubernetes-object';
import type { KubernetesVerbs } from '../../../../lambda/release-step/kubernetes-cluster';

interface Stored {
  readonly applied: KubernetesObject;
  /** What was patched in, which no apply takes away. */
  readonly patched: Members;
  readonly version: number;
}

type Members = Readonly<Record<string, unknown>>;

/** What a cluster of a test's own makes of its objects. */
export interface ClusterBehaviour {
  /** How a call is carried out: now, later, or not at all. */
  call<T>(name: string, act: () => T): Promise<T>;
  /** Number of a Deployment's pods that are ready. */
  readyPods(deployment: KubernetesObject, wanted: number): number;
  /** Looks at each object that is applied, before it is. */
  applied(object: KubernetesObject, before: KubernetesObject | undefined): void;
  /** Looks at each patch, before it is made. */
  patched(object: KubernetesObject, patch: object): void;
}

/** The few verbs of a Kubernetes API server on objects in memory, for what takes thousands of releases. */
export class MemoryCluster {
  private readonly objects = new Map<string, Stored>();
  private version = 0;

  constructor(private readonly behaviour: ClusterBehaviour) {}

  get verbs(): KubernetesVerbs {
    return {
      apply: (object: KubernetesObject) =>
        this.behaviour.call(`cluster.apply ${object.kind}`, () => this.apply(object)),
      get: (reference: KubernetesReference) =>
        this.behaviour.call(`cluster.get ${reference.kind}`, () => this.find(reference)),
      list: (kind: KubernetesKind, query: { labels?: Readonly<Record<string, string>> }) =>
        this.behaviour.call(`cluster.list ${kind.kind}`, () => this.list(kind, query.labels ?? {})),
      mergePatch: (reference: KubernetesReference, patch: object) =>
        this.behaviour.call(`cluster.patch ${reference.kind}`, () => this.patch(reference, patch as Members)),
    } as KubernetesVerbs;
  }

  find(reference: KubernetesReference): KubernetesObject | undefined {
    const stored = this.objects.get(describe(reference));
    return stored === undefined ? undefined : this.whole(stored);
  }

  private apply(object: KubernetesObject): KubernetesObject {
    const key = describe(object);
    const before = this.objects.get(key);
    const { resourceVersion, ...metadata } = object.metadata;
    if (resourceVersion !== undefined && resourceVersion !== String(before?.version)) {
      throw new KubernetesError(`apply ${key}`, 409, JSON.stringify({ reason: 'Conflict', message: 'it changed' }));
    }
    this.behaviour.applied(object, before === undefined ? undefined : this.whole(before));
    const stored = { applied: { ...object, metadata }, patched: before?.patched ?? {}, version: ++this.version };
    this.objects.set(key, copy(stored));
    return this.whole(stored);
  }

  private patch(reference: KubernetesReference, patch: Members): KubernetesObject {
    const key = describe(reference);
    const before = this.objects.get(key);
    if (before === undefined) throw new KubernetesError(`patch ${key}`, 404, JSON.stringify({ reason: 'NotFound' }));
    this.behaviour.patched(this.whole(before), patch);
    const stored = { ...before, patched: merged(before.patched, patch), version: ++this.version };
    this.objects.set(key, copy(stored));
    return this.whole(stored);
  }

  private list(kind: KubernetesKind, labels: Readonly<Record<string, string>>): KubernetesObject[] {
    if (kind.kind === 'EndpointSlice') return this.slices(labels['kubernetes.io/service-name'] ?? '');
    return [...this.objects.values()]
      .map(stored => this.whole(stored))
      .filter(
        object =>
          object.kind === kind.kind &&
          Object.entries(labels).every(([name, value]) => object.metadata.labels?.[name] === value),
      );
  }

  /** Addresses are names here, so that who asks one is told of by whom he is answered. */
  private slices(serviceName: string): KubernetesObject[] {
    const service = [...this.objects.values()]
      .map(stored => this.whole(stored))
      .find(({ kind, metadata }) => kind === 'Service' && metadata.name === serviceName);
    const { selector } = (service as { spec?: { selector?: Members } } | undefined)?.spec ?? {};
    const deployment = [...this.objects.values()]
      .map(stored => this.whole(stored))
      .find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === selector?.['mlops/deployment']);
    const { readyReplicas = 0 } = (deployment as { status?: { readyReplicas?: number } } | undefined)?.status ?? {};
    const endpoints = Array.from({ length: readyReplicas }, () => ({ addresses: [deployment?.metadata.name] }));
    return [
      {
        apiVersion: 'discovery.k8s.io/v1',
        kind: 'EndpointSlice',
        metadata: { name: serviceName },
        endpoints,
        ports: [{ port: 8080 }],
      } as KubernetesObject,
    ];
  }

  private whole({ applied, patched, version }: Stored): KubernetesObject {
    const object = merged(applied as unknown as Members, patched) as unknown as KubernetesObject;
    const seen = { ...object, metadata: { ...object.metadata, resourceVersion: String(version) } };
    if (object.kind !== 'Deployment') return copy(seen);
    const wanted = (object as unknown as { spec: { replicas?: number } }).spec.replicas ?? 1;
    const ready = this.behaviour.readyPods(object, wanted);
    const status = { observedGeneration: 1, updatedReplicas: wanted, availableReplicas: ready, readyReplicas: ready };
    return copy({ ...seen, status } as KubernetesObject);
  }
}

/** JSON merge patch. */
function merged(target: Members, patch: Members): Members {
  const changed = Object.entries(patch).map(([name, value]): [string, unknown] => [
    name,
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? merged((target[name] ?? {}) as Members, value as Members)
      : value,
  ]);
  return Object.fromEntries(Object.entries({ ...target, ...Object.fromEntries(changed) }).filter(isThere));
}

function isThere([, value]: [string, unknown]): boolean {
  return value !== null;
}

function copy<T>(value: T): T {
  return JSON.parse(JSON.stringify(value)) as T;
}
