import { sha256 } from '../../../lambda/shared/canonical-json';
import { READY_FILE } from '../../../lambda/shared/pipeline/ready-manifest';
import type { BatchStore, Declaration, ObjectVersion } from '../../../lambda/erasure/ports';

interface Stored {
  versionId: string;
  text: string;
  isMarker?: true;
}

/** A batch in a versioned bucket, in memory. */
export class MemoryBatch implements BatchStore {
  /** By key, the newest last. */
  readonly objects = new Map<string, Stored[]>();
  curated = true;
  /** ETag of the declaration that was validated. */
  validated = '';
  /** When its declaration was written. */
  writtenAt = '2026-11-20T00:00:00.000Z';
  /** Calls until the process dies; absent: it does not. */
  diesAfter: number | undefined;
  private last = 0;

  land(files: Record<string, string>, rows: Record<string, number>): void {
    Object.entries(files).forEach(([key, text]) => this.put(key, text));
    const declared = Object.entries(files).map(([key, text]) => ({ key, rows: rows[key] ?? 0, sha256: sha256(text) }));
    const sum = declared.reduce((total, file) => total + file.rows, 0);
    this.put(READY_FILE, JSON.stringify({ files: declared, rows: sum }));
    this.validated = sha256(this.latest(READY_FILE) ?? '');
  }

  put(key: string, text: string): void {
    this.objects.set(key, [...(this.objects.get(key) ?? []), { versionId: `v${++this.last}`, text }]);
  }

  /** As a person deletes an object of a versioned bucket. */
  markDeleted(key: string): void {
    this.put(key, '');
    const marker = this.objects.get(key)?.at(-1);
    if (marker !== undefined) marker.isMarker = true;
  }

  latest(key: string): string | undefined {
    const newest = this.objects.get(key)?.at(-1);
    return newest?.isMarker === true ? undefined : newest?.text;
  }

  /** Every byte that is left, of every version. */
  everything(): string {
    return [...this.objects.values()].flatMap(versions => versions.map(({ text }) => text)).join('\n');
  }

  async declaration(): Promise<Declaration | undefined> {
    const text = await this.read(READY_FILE);
    return text === undefined ? undefined : { text, etag: sha256(text), writtenAt: this.writtenAt };
  }

  read(key: string, versionId?: string): Promise<string | undefined> {
    const found =
      versionId === undefined
        ? this.latest(key)
        : this.objects.get(key)?.find(stored => stored.versionId === versionId)?.text;
    return Promise.resolve(found);
  }

  async write(key: string, text: string): Promise<void> {
    await this.live();
    this.put(key, text);
  }

  async replaceDeclaration(text: string, read: Declaration): Promise<string> {
    await this.live();
    if (sha256(this.latest(READY_FILE) ?? '') !== read.etag) throw new Error('the declaration has changed');
    this.put(READY_FILE, text);
    return sha256(text);
  }

  versions(): Promise<ObjectVersion[]> {
    return Promise.resolve(
      [...this.objects].flatMap(([key, versions]) =>
        versions.map(({ versionId, isMarker = false }, index) => ({
          key,
          versionId,
          isLatest: index === versions.length - 1,
          isMarker,
        })),
      ),
    );
  }

  async remove(versions: readonly ObjectVersion[]): Promise<void> {
    for (const { key, versionId } of versions) {
      await this.live();
      const left = (this.objects.get(key) ?? []).filter(stored => stored.versionId !== versionId);
      if (left.length === 0) this.objects.delete(key);
      else this.objects.set(key, left);
    }
  }

  isValidated(etag: string): Promise<boolean> {
    return Promise.resolve(this.validated === etag);
  }

  async removeCurated(which: 'old' | 'all'): Promise<void> {
    await this.live();
    if (which === 'all') this.curated = false;
  }

  private live(): Promise<void> {
    if (this.diesAfter === undefined) return Promise.resolve();
    if (this.diesAfter-- > 0) return Promise.resolve();
    return Promise.reject(new Error('the process died'));
  }
}
