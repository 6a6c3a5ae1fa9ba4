import type {
  DriftRecord,
  ErasureRecord,
  HoldRecord,
  PromotionRecord,
  ReactionRecord,
  ReleaseRecord,
} from '../../lambda/shared/ledger';
import { servingSettingsOf } from '../models';
import type { Platform, RegisteredVersion, Report, Training } from '../ports';
import { shortened, table, time } from '../text';

/** One thing that was done, by whom, and on which data; what does not apply is absent. */
export interface AuditEntry {
  readonly at: string;
  readonly what: string;
  readonly version?: string;
  readonly from?: string;
  /** On whose word: a person's ARN, or what acted by itself. */
  readonly who?: string;
  readonly outcome: string;
  readonly why?: string;
  readonly detail?: string;
  readonly id?: string;
  readonly runId?: string;
  readonly snapshotDigest?: string;
  /** Where it is recorded. */
  readonly source: 'ledger' | 'runs' | 'registry';
}

const REASON_LENGTH = 50;
const DIGEST_LENGTH = 12;

/** Who trained, registered, approved, released, held, rolled back and erased what, when, why and on which data; the newest last. */
export async function audit(platform: Platform, model: string, since: string | undefined): Promise<Report> {
  await servingSettingsOf(platform, model);
  const [releases, reactions, holdings, drifts, promotions, erasures, trainings, versions] = await Promise.all([
    platform.ledger.releases(model),
    platform.ledger.reactions(model),
    platform.ledger.holdings(model),
    platform.ledger.drifts(model),
    platform.ledger.promotions(model),
    platform.ledger.erasures(model),
    platform.trainings(model),
    platform.registered(model),
  ]);
  const dataOf = new Map(versions.map(({ version, runId, snapshotDigest }) => [version, { runId, snapshotDigest }]));
  const onItsData = (entry: AuditEntry): AuditEntry => ({ ...dataOf.get(entry.version ?? ''), ...defined(entry) });
  const entries = [
    ...releases.map(record => ({ ...askedEntry(record, record.endedAt), version: record.version, from: record.from })),
    ...reactions.map(reactionEntry),
    ...holdings.map(record => askedEntry(record, record.at)),
    ...drifts.map(driftEntry),
    ...promotions.map(promotionEntry),
    ...erasures.map(erasureEntry),
    ...(trainings ?? []).map(trainingEntry),
    ...versions.flatMap(versionEntries),
  ]
    .map(onItsData)
    .filter(({ at }) => since === undefined || at >= since)
    .sort((one, other) => one.at.localeCompare(other.at));
  const unknown =
    trainings === undefined
      ? [`trainings are not in it: the platform's stack has no output 'RunsTableName', deploy it once more`]
      : [];
  return {
    text: [asTable(entries, model, platform.environmentName), ...unknown].join('\n'),
    data: { model, environment: platform.environmentName, since: since ?? null, entries, unknown },
    done: true,
  };
}

function asTable(entries: readonly AuditEntry[], model: string, environmentName: string): string {
  if (entries.length === 0) return `nothing is recorded of '${model}' in '${environmentName}' in this time`;
  return table(
    ['WHEN', 'WHAT', 'VERSION', 'OUTCOME', 'WHO', 'WHY', 'DATA'],
    entries.map(({ at, what, version, from, outcome, who, why, detail, snapshotDigest }) => [
      time(at),
      what,
      from === undefined || from === version ? (version ?? '-') : `${from} > ${version ?? '-'}`,
      outcome,
      shortName(who),
      shortened(why ?? detail ?? '-', REASON_LENGTH),
      snapshotDigest?.slice(0, DIGEST_LENGTH) ?? '-',
    ]),
  );
}

/** What somebody asked for. */
function askedEntry(record: ReleaseRecord | HoldRecord, at: string): AuditEntry {
  const { action, requestedBy, outcome, reason, detail, id } = record;
  return { at, what: action, who: requestedBy, outcome, why: reason, detail, id, source: 'ledger' };
}

function reactionEntry(record: ReactionRecord): AuditEntry {
  const from = record.evidence['from'];
  return {
    at: record.decidedAt,
    what: 'decision',
    version: typeof from === 'string' ? from : undefined,
    who: record.alarm,
    outcome: record.decision,
    why: record.reason,
    id: record.id,
    source: 'ledger',
  };
}

function driftEntry(record: DriftRecord): AuditEntry {
  return {
    at: record.at,
    what: 'drift',
    version: record.current,
    who: 'reconciler',
    outcome: 'told',
    why: `${record.serves} served`,
    source: 'ledger',
  };
}

function promotionEntry({ from, ...record }: PromotionRecord): AuditEntry {
  return {
    at: record.at,
    what: 'promotion',
    version: record.version,
    who: record.approvedBy,
    outcome: 'arrived',
    why: record.reason,
    detail: `version ${from.version} of '${from.environment}', approved there ${record.approvedAt}`,
    id: from.modelPackageArn,
    runId: record.runId,
    source: 'ledger',
  };
}

function erasureEntry(record: ErasureRecord): AuditEntry {
  const { landed, predictions, labels } = record.rows;
  const counts = `${landed} landed rows, ${predictions} predictions, ${labels} labels`;
  return {
    at: record.at,
    what: 'erasure',
    who: record.requestedBy,
    outcome: record.outcome,
    why: [
      ...(record.outcome === 'begun' ? [] : [counts]),
      ...(record.reason === undefined ? [] : [record.reason]),
    ].join('; '),
    detail: record.detail,
    id: record.id,
    source: 'ledger',
  };
}

function trainingEntry(training: Training): AuditEntry {
  return {
    at: training.at,
    what: 'training',
    version: training.version,
    who: training.requestedBy,
    outcome: training.outcome,
    why: training.startReason,
    detail: training.reason,
    id: training.execution,
    runId: training.runId,
    snapshotDigest: training.snapshotDigest,
    source: 'runs',
  };
}

/** That a version was registered, and the last word on whether it may serve: the registry keeps no earlier one. */
function versionEntries(found: RegisteredVersion): AuditEntry[] {
  const { version, registeredAt, status, changedAt, changedBy, words } = found;
  const registered: AuditEntry = {
    at: registeredAt,
    what: 'registration',
    version,
    outcome: 'registered',
    source: 'registry',
  };
  if (changedAt === undefined || status === 'PendingManualApproval') return [registered];
  const word = { at: changedAt, what: 'word', version, who: changedBy, outcome: status.toLowerCase(), why: words };
  return [registered, { ...word, source: 'registry' }];
}

/** The last part of an ARN is the person. */
function shortName(who: string | undefined): string {
  if (who === undefined) return '-';
  return who.startsWith('arn:') ? (who.split(/[:/]/).at(-1) ?? who) : who;
}

function defined(entry: AuditEntry): AuditEntry {
  return Object.fromEntries(Object.entries(entry).filter(([, value]) => value !== undefined)) as unknown as AuditEntry;
}
