import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterApi, KubernetesList, KubernetesObject, WatchEvent } from './cluster-api';

const AGAIN_AFTER_MS = 500;

/** What is told of each object of a kind. */
export interface InformerEvents<T> {
  /** It is there, or has changed. */
  readonly changed: (object: T) => void;
  /** It is gone. */
  readonly gone: (object: T) => void;
}

/** All objects of a kind, kept up to date by a watch that is begun again when it breaks off. */
export class Informer<T extends KubernetesObject> {
  private readonly known = new Map<string, T>();
  private readonly ending = new AbortController();

  constructor(
    private readonly api: ClusterApi,
    private readonly path: string,
    private readonly events: InformerEvents<T>,
  ) {}

  /** The objects as they were last seen. */
  public get objects(): T[] {
    return [...this.known.values()];
  }

  /** Resolves once all that is there has been told. */
  public async start(): Promise<void> {
    const version = await this.list();
    void this.follow(version);
  }

  /** Tells nothing any more. */
  public stop(): void {
    this.ending.abort();
  }

  private async list(): Promise<string> {
    const { metadata, items } = await this.api.send<KubernetesList<T>>('GET', this.path);
    const there = new Set(items.map(({ metadata: { uid } }) => uid));
    for (const object of this.objects) {
      if (!there.has(object.metadata.uid)) this.take('DELETED', object);
    }
    for (const object of items) this.take('ADDED', object);
    return metadata.resourceVersion;
  }

  private async follow(from: string): Promise<void> {
    const { signal } = this.ending;
    let version: string | undefined = from;
    while (!signal.aborted) {
      try {
        version ??= await this.list();
        const path = `${this.path}?watch=true&allowWatchBookmarks=true&resourceVersion=${version}`;
        await this.api.watch<T>(path, signal, ({ type, object }: WatchEvent<T>) => {
          if (type === 'ERROR') {
            version = undefined;
            return;
          }
          version = object.metadata.resourceVersion;
          if (type !== 'BOOKMARK') this.take(type, object);
        });
      } catch {
        version = undefined;
        await sleep(AGAIN_AFTER_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  private take(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    const uid = object.metadata.uid ?? '';
    if (type === 'DELETED') {
      this.known.delete(uid);
      this.events.gone(object);
    } else {
      this.known.set(uid, object);
      this.events.changed(object);
    }
  }
}
