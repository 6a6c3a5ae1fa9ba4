import { type AuditRecord, auditRecord, type ItemChange } from './audit-record';

/** A change and the id of its event, the same for each delivery. */
export interface ChangeEvent extends ItemChange {
  readonly eventId: string;
}

/** Where records are kept, by keys within their folder. */
export interface RecordStore {
  put(key: string, line: string): Promise<void>;
}

/**
 * Writes down what changed, one object a record: a second delivery writes the same object again, so that no query counts
 * a record twice. Fails with the first that could not be written; the stream then delivers all of them again.
 */
export async function archive(changes: readonly ChangeEvent[], store: RecordStore): Promise<number> {
  let written = 0;
  for (const change of changes) {
    const record = auditRecord(change);
    if (record === undefined) continue;
    await store.put(keyOf(record, change.eventId), `${JSON.stringify(record)}\n`);
    written++;
  }
  return written;
}

function keyOf({ happened_at: at }: AuditRecord, eventId: string): string {
  return `day=${at.slice(0, 10)}/${eventId}.json`;
}
