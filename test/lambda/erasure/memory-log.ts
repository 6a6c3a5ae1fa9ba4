import type { LogObject, LogStore, LogVersion } from '../../../lambda/erasure/ports';

interface Stored {
  versionId: string;
  bytes: Uint8Array;
  isMarker: boolean;
}

/** A log in a versioned bucket, in memory. */
export class MemoryLog implements LogStore {
  /** By key, the newest last. */
  readonly stored = new Map<string, Stored[]>();
  /** Calls until the process dies; absent: it does not. */
  diesAfter: number | undefined;
  private last = 0;

  put(key: string, text: string, isMarker = false): void {
    const version = { versionId: `v${++this.last}`, bytes: Buffer.from(text), isMarker };
    this.stored.set(key, [...(this.stored.get(key) ?? []), version]);
  }

  latest(key: string): string | undefined {
    const newest = this.stored.get(key)?.at(-1);
    return newest === undefined || newest.isMarker ? undefined : Buffer.from(newest.bytes).toString();
  }

  /** Every byte that is left, of every version. */
  everything(): string {
    return [...this.stored.values()].flatMap(of => of.map(({ bytes }) => Buffer.from(bytes).toString())).join('');
  }

  async *objects(after = ''): AsyncGenerator<LogObject> {
    for (const key of [...this.stored.keys()].sort().filter(candidate => candidate > after)) {
      yield await this.object(key);
    }
  }

  object(key: string): Promise<LogObject> {
    const versions = this.stored.get(key) ?? [];
    return Promise.resolve({
      key,
      versions: versions.map(({ versionId, isMarker }, index) => ({
        versionId,
        isMarker,
        isLatest: index === versions.length - 1,
        etag: versionId,
      })),
    });
  }

  read(key: string, versionId: string): Promise<Uint8Array | undefined> {
    return Promise.resolve(this.stored.get(key)?.find(stored => stored.versionId === versionId)?.bytes);
  }

  async replace(key: string, bytes: Uint8Array, etag: string): Promise<void> {
    await this.live();
    if (this.stored.get(key)?.at(-1)?.versionId !== etag) throw new Error('the object has changed');
    this.put(key, Buffer.from(bytes).toString());
  }

  async remove(key: string, versions: readonly LogVersion[]): Promise<void> {
    if (versions.length > 0) await this.live();
    const gone = versions.map(({ versionId }) => versionId);
    const left = (this.stored.get(key) ?? []).filter(({ versionId }) => !gone.includes(versionId));
    if (left.length === 0) this.stored.delete(key);
    else this.stored.set(key, left);
  }

  private live(): Promise<void> {
    if (this.diesAfter === undefined || this.diesAfter-- > 0) return Promise.resolve();
    // as S3 fails: whoever reads files must not take it for a fault of the file
    return Promise.reject(Object.assign(new Error('the process died'), { $metadata: {} }));
  }
}
