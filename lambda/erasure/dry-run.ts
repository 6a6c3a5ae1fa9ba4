import { READY_FILE } from '../shared/pipeline/ready-manifest';
import type { BatchStore, Declaration, LogObject, LogStore, ObjectVersion } from './ports';

/** Version of whatever was written in a dry run. */
const NOT_WRITTEN = 'not written';

/** A batch to which nothing happens: what is written is kept aside and is only seen by who wrote it. */
export class DryBatch implements BatchStore {
  private readonly written = new Map<string, string>();
  private declared: Declaration | undefined;

  constructor(private readonly batch: BatchStore) {}

  async declaration(): Promise<Declaration | undefined> {
    return this.declared ?? (await this.batch.declaration());
  }

  read(key: string, versionId?: string): Promise<string | undefined> {
    const written = this.written.get(key);
    const isMeant = versionId === undefined || versionId === NOT_WRITTEN;
    return written !== undefined && isMeant ? Promise.resolve(written) : this.batch.read(key, versionId);
  }

  write(key: string, text: string): Promise<void> {
    this.written.set(key, text);
    return Promise.resolve();
  }

  async replaceDeclaration(text: string, read: Declaration): Promise<string> {
    await this.write(READY_FILE, text);
    this.declared = { ...read, text, etag: NOT_WRITTEN };
    return NOT_WRITTEN;
  }

  async versions(): Promise<ObjectVersion[]> {
    const there = await this.batch.versions();
    return [
      ...there.map(version => (this.written.has(version.key) ? { ...version, isLatest: false } : version)),
      ...[...this.written.keys()].map(key => ({ key, versionId: NOT_WRITTEN, isLatest: true, isMarker: false })),
    ];
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }

  isValidated(etag: string): Promise<boolean> {
    return this.batch.isValidated(etag);
  }

  removeCurated(): Promise<void> {
    return Promise.resolve();
  }
}

/** A log to which nothing happens. */
export class DryLog implements LogStore {
  constructor(private readonly log: LogStore) {}

  objects(after?: string): AsyncIterable<LogObject> {
    return this.log.objects(after);
  }

  object(key: string): Promise<LogObject> {
    return this.log.object(key);
  }

  read(key: string, versionId: string): Promise<Uint8Array | undefined> {
    return this.log.read(key, versionId);
  }

  replace(): Promise<void> {
    return Promise.resolve();
  }

  remove(): Promise<void> {
    return Promise.resolve();
  }
}
