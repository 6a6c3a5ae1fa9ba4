import type {
  DriftRecord,
  HoldRecord,
  PromotionRecord,
  ReactionRecord,
  ReleaseRecord,
} from '../../lambda/shared/ledger';
import type { HistoryLimit } from '../command-line';
import { servingSettingsOf } from '../models';
import type { Platform, Report } from '../ports';
import { shortened, table, time } from '../text';

/** What stands in one line of the history. */
interface Entry {
  readonly at: string;
  readonly cells: readonly string[];
  readonly record: ReleaseRecord | ReactionRecord | HoldRecord | DriftRecord | PromotionRecord;
}

const REASON_LENGTH = 60;

/** What was done for a model and why, the newest last: releases, holds, decisions upon alarms, drifts, and promotions. */
export async function history(platform: Platform, model: string, limit: HistoryLimit): Promise<Report> {
  await servingSettingsOf(platform, model);
  const newest = limit === 'all' ? Infinity : limit;
  const releases = await platform.ledger.releases(model, newest);
  // what is older than all the releases shown would stand in a gap
  const since = releases.length < newest ? undefined : releases[0]?.startedAt;
  const [reactions, holdings, drifts, promotions] = await Promise.all([
    platform.ledger.reactions(model, since),
    platform.ledger.holdings(model),
    platform.ledger.drifts(model),
    platform.ledger.promotions(model),
  ]);
  const entries = [
    ...releases.map(releaseEntry),
    ...reactions.map(reactionEntry),
    ...holdings.map(holdEntry),
    ...drifts.map(driftEntry),
    ...promotions.map(promotionEntry),
  ]
    .filter(({ at }) => since === undefined || at >= since)
    .sort((one, other) => one.at.localeCompare(other.at))
    .slice(-newest);
  return {
    text:
      entries.length === 0
        ? `nothing was ever released of '${model}' in '${platform.environmentName}'`
        : table(
            ['WHEN', 'WHAT', 'VERSION', 'OUTCOME', 'ASKED BY', 'WHY', 'ID'],
            entries.map(({ at, cells }) => [time(at), ...cells]),
          ),
    // an audit wants what no line of the table shows as well, such as the state of each version
    data: limit === 'all' ? await platform.ledger.everything(model) : entries.map(({ record }) => record),
    done: true,
  };
}

function releaseEntry(record: ReleaseRecord): Entry {
  const { action, version, from } = record;
  const moves = action !== 'lift-quarantine' && from !== undefined && from !== version;
  const versions = !moves ? version : `${from} > ${version}`;
  return {
    at: record.endedAt,
    cells: [
      record.action,
      versions,
      record.outcome,
      shortName(record.requestedBy),
      shortened(record.outcome === 'succeeded' ? record.reason : record.detail, REASON_LENGTH),
      record.id,
    ],
    record,
  };
}

function reactionEntry(record: ReactionRecord): Entry {
  const from = record.evidence['from'];
  return {
    at: record.decidedAt,
    cells: [
      'decision',
      typeof from === 'string' ? from : '-',
      record.decision,
      record.alarm,
      shortened(record.reason, REASON_LENGTH),
      record.id,
    ],
    record,
  };
}

function holdEntry(record: HoldRecord): Entry {
  return {
    at: record.at,
    cells: [
      record.action,
      '-',
      record.outcome,
      shortName(record.requestedBy),
      shortened(record.outcome === 'succeeded' ? record.reason : record.detail, REASON_LENGTH),
      record.id,
    ],
    record,
  };
}

function driftEntry(record: DriftRecord): Entry {
  return {
    at: record.at,
    cells: [
      'drift',
      record.current ?? '-',
      'told',
      'reconciler',
      shortened(`${record.serves} served`, REASON_LENGTH),
      '-',
    ],
    record,
  };
}

function promotionEntry(record: PromotionRecord): Entry {
  const { from, version, approvedBy, reason, at } = record;
  return {
    at,
    cells: [
      'promotion',
      `${from.environment}/${from.version} > ${version}`,
      'arrived',
      shortName(approvedBy),
      shortened(reason, REASON_LENGTH),
      '-',
    ],
    record,
  };
}

/** The last part of an ARN is the person. */
function shortName(requestedBy: string): string {
  return requestedBy.startsWith('arn:') ? (requestedBy.split(/[:/]/).at(-1) ?? requestedBy) : requestedBy;
}
