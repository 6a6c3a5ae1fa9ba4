import { ledgerKeys } from '../shared/ledger';
import { runKeys } from '../shared/run-keys';

/** One line of the table `audit_records`; its columns are in `constructs/governance/audit-tables.ts`. */
export interface AuditRecord {
  /** When it happened, ISO 8601. */
  readonly happened_at: string;
  readonly model: string;
  readonly kind: AuditKind;
  readonly id: string | null;
  readonly action: string | null;
  readonly version: string | null;
  readonly from_version: string | null;
  readonly outcome: string | null;
  /** On whose word: a person's ARN, or what acted by itself. */
  readonly requested_by: string | null;
  readonly reason: string | null;
  readonly detail: string | null;
  readonly run_id: string | null;
  readonly snapshot_digest: string | null;
  /** The whole item as the table had it, as JSON. */
  readonly item: string;
}

export type AuditKind =
  'release' | 'decision' | 'hold' | 'drift' | 'promotion' | 'erasure' | 'version' | 'run' | 'execution' | 'deleted';

/** A change of an item in one of the platform's tables. */
export interface ItemChange {
  /** Partition key: the model. */
  readonly pk: string;
  readonly sk: string;
  /** The item as it is now; nothing if it was deleted, which nothing of the platform ever does to a record. */
  readonly item?: Readonly<Record<string, unknown>>;
  /** When the table changed. */
  readonly changedAt: string;
}

/** What belongs into which column, of each kind of record. */
const KINDS: readonly {
  readonly prefix: string;
  readonly kind: AuditKind;
  readonly columns: (item: Item) => Partial<Record<keyof AuditRecord, unknown>>;
}[] = [
  {
    prefix: ledgerKeys.releases,
    kind: 'release',
    columns: item => ({
      ...item,
      happened_at: item['endedAt'],
      from_version: item['from'],
      requested_by: item['requestedBy'],
    }),
  },
  {
    prefix: ledgerKeys.reactions,
    kind: 'decision',
    columns: item => ({
      ...item,
      happened_at: item['decidedAt'],
      action: item['decision'],
      version: member(item['evidence'], 'from'),
      requested_by: item['alarm'],
    }),
  },
  {
    prefix: ledgerKeys.holdings,
    kind: 'hold',
    columns: item => ({ ...item, requested_by: item['requestedBy'] }),
  },
  {
    prefix: ledgerKeys.drifts,
    kind: 'drift',
    columns: item => ({ ...item, version: item['current'], detail: item['serves'] }),
  },
  {
    prefix: ledgerKeys.promotions,
    kind: 'promotion',
    columns: item => ({
      ...item,
      id: member(item['from'], 'modelPackageArn'),
      from_version: member(item['from'], 'version'),
      detail: member(item['from'], 'environment'),
      requested_by: item['approvedBy'],
      run_id: item['runId'],
    }),
  },
  {
    prefix: ledgerKeys.erasures,
    kind: 'erasure',
    columns: item => ({ ...item, requested_by: item['requestedBy'] }),
  },
  {
    prefix: ledgerKeys.versions,
    kind: 'version',
    columns: item => ({ ...item, outcome: item['status'], requested_by: item['by'] }),
  },
  {
    prefix: runKeys.runs,
    kind: 'run',
    columns: item => ({
      ...item,
      happened_at: item['endedAt'] ?? item['startedAt'],
      id: item['runId'],
      action: item['trigger'],
      outcome: item['status'],
      requested_by: item['execution'],
      run_id: item['runId'],
      snapshot_digest: member(item['inputs'], 'snapshotDigest'),
    }),
  },
  {
    prefix: runKeys.executions,
    kind: 'execution',
    columns: item => ({
      ...item,
      id: item['name'],
      action: item['trigger'],
      requested_by: item['requestedBy'],
      reason: item['startReason'],
      detail: item['reason'],
      run_id: item['runId'],
    }),
  },
];

type Item = Readonly<Record<string, unknown>>;

/** The record that a change leaves; nothing for what changes all the time and decides nothing, such as locks. */
export function auditRecord({ pk: model, sk, item, changedAt }: ItemChange): AuditRecord | undefined {
  const known = KINDS.find(({ prefix }) => sk.startsWith(prefix));
  if (known === undefined) return undefined;
  if (item === undefined)
    return record({ happened_at: changedAt, id: sk, outcome: 'deleted' }, model, 'deleted', { sk });
  const rest = Object.fromEntries(Object.entries(item).filter(([name]) => name !== 'pk' && name !== 'sk'));
  return record({ happened_at: rest['at'] ?? changedAt, ...defined(known.columns(rest)) }, model, known.kind, rest);
}

function record(
  columns: Partial<Record<keyof AuditRecord, unknown>>,
  model: string,
  kind: AuditKind,
  item: Item,
): AuditRecord {
  const text = (name: keyof AuditRecord): string | null => {
    const value = columns[name];
    return typeof value === 'string' ? value : null;
  };
  return {
    happened_at: text('happened_at') ?? '',
    model,
    kind,
    id: text('id'),
    action: text('action'),
    version: text('version'),
    from_version: text('from_version'),
    outcome: text('outcome'),
    requested_by: text('requested_by'),
    reason: text('reason'),
    detail: text('detail'),
    run_id: text('run_id'),
    snapshot_digest: text('snapshot_digest'),
    item: JSON.stringify(item),
  };
}

function defined(columns: Partial<Record<keyof AuditRecord, unknown>>): Partial<Record<keyof AuditRecord, unknown>> {
  return Object.fromEntries(Object.entries(columns).filter(([, value]) => value !== undefined));
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Item)[name] : undefined;
}
