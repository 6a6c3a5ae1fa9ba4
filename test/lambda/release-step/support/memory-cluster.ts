import { KubernetesError } from '../../../../lambda/shared/kubernetes-error';
import {
  describe,
  type KubernetesKind,
  type KubernetesObject,
  type KubernetesReference,
} from '../../../../lambda/shared/kubernetes-object';
import type { KubernetesClient } from '../../../../lambda/shared/kubernetes-client';
import type { KubernetesVerbs } from '../../../../lambda/release-step/kubernetes-cluster';

interface Stored {
  readonly applied: KubernetesObject;
  /** What was patched in, which no apply takes away. */
  readonly patched: Members;
  readonly version: number;
  /** Changes with the specification. */
  readonly generation: number;
}

type Members = Readonly<Record<string, unknown>>;

/** What a cluster of a test's own makes of its objects. */
export interface ClusterBehaviour {
  /** How a call is carried out: now, later, or not at all. */
  call<T>(name: string, act: () => T): Promise<T>;
  /** What controllers say of an object by now. */
  status(object: KubernetesObject, generation: number): object | undefined;
  /** Looks at each object that is applied, before it is. */
  applied(object: KubernetesObject, before: KubernetesObject | undefined): void;
  /** Looks at each patch, before it is made. */
  patched(object: KubernetesObject, patch: object): void;
  /** Looks at each object that is deleted, before it is. */
  deleted(object: KubernetesObject): void;
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

  /** The verbs of who takes away what releases gave up. */
  get collector(): Pick<KubernetesClient, 'get' | 'list' | 'delete'> {
    const { get, list } = this.verbs;
    return {
      get,
      list,
      delete: (reference, options = {}) =>
        this.behaviour.call(`cluster.delete ${reference.kind}`, () => this.delete(reference, options.resourceVersion)),
    } as Pick<KubernetesClient, 'get' | 'list' | 'delete'>;
  }

  /** Somebody who is no release writes an object. */
  write(object: KubernetesObject): void {
    this.store(object, this.objects.get(describe(object))?.patched ?? {});
  }

  /** Somebody who is no release changes fields of an object. */
  edit(reference: KubernetesReference, patch: Members): void {
    const before = this.objects.get(describe(reference));
    if (before !== undefined) this.store(before.applied, merged(before.patched, patch));
  }

  /** All objects of a kind. */
  all(kind: string): KubernetesObject[] {
    return [...this.objects.values()].map(stored => this.whole(stored)).filter(object => object.kind === kind);
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
    return this.store({ ...object, metadata }, before?.patched ?? {});
  }

  private patch(reference: KubernetesReference, patch: Members): KubernetesObject {
    const key = describe(reference);
    const before = this.objects.get(key);
    if (before === undefined) throw new KubernetesError(`patch ${key}`, 404, JSON.stringify({ reason: 'NotFound' }));
    this.behaviour.patched(this.whole(before), patch);
    return this.store(before.applied, merged(before.patched, patch));
  }

  private store(object: KubernetesObject, patched: Members): KubernetesObject {
    const key = describe(object);
    const before = this.objects.get(key);
    const stored = { applied: object, patched, version: ++this.version, generation: 0 };
    const same = before !== undefined && specification(before) === specification(stored);
    const whole = { ...stored, generation: (before?.generation ?? 0) + (same ? 0 : 1) };
    this.objects.set(key, copy(whole));
    return this.whole(whole);
  }

  private delete(reference: KubernetesReference, resourceVersion: string | undefined): boolean {
    const key = describe(reference);
    const stored = this.objects.get(key);
    if (stored === undefined) return false;
    if (resourceVersion !== undefined && resourceVersion !== String(stored.version)) {
      throw new KubernetesError(`delete ${key}`, 409, JSON.stringify({ reason: 'Conflict', message: 'it changed' }));
    }
    this.behaviour.deleted(this.whole(stored));
    return this.objects.delete(key);
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
    const service = this.all('Service').find(({ metadata }) => metadata.name === serviceName);
    const { selector } = (service as { spec?: { selector?: Members } } | undefined)?.spec ?? {};
    const deployment = this.all('Deployment').find(({ metadata }) => metadata.name === selector?.['mlops/deployment']);
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

  private whole({ applied, patched, version, generation }: Stored): KubernetesObject {
    const object = merged(applied as unknown as Members, patched) as unknown as KubernetesObject;
    const seen = { ...object, metadata: { ...object.metadata, resourceVersion: String(version), generation } };
    return copy({ ...seen, status: this.behaviour.status(seen, generation) ?? object['status'] });
  }
}

function specification({ applied, patched }: Stored): string {
  return JSON.stringify(merged(applied as unknown as Members, patched)['spec']);
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
