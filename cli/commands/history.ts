import type { HoldRecord, ReactionRecord, ReleaseRecord } from '../../lambda/shared/ledger';
import { servingSettingsOf } from '../models';
import type { Platform, Report } from '../ports';
import { shortened, table, time } from '../text';

/** What stands in one line of the history. */
interface Entry {
  readonly at: string;
  readonly cells: readonly string[];
  readonly record: ReleaseRecord | ReactionRecord | HoldRecord;
}

const REASON_LENGTH = 60;

/** What was done for a model and why, the newest last: releases, holds, and decisions upon alarms. */
export async function history(platform: Platform, model: string, limit: number): Promise<Report> {
  await servingSettingsOf(platform, model);
  const releases = await platform.ledger.releases(model, limit);
  // a decision that is older than all the releases shown would stand in a gap
  const since = releases.length < limit ? undefined : releases[0]?.startedAt;
  const [reactions, holdings] = await Promise.all([
    platform.ledger.reactions(model, since),
    platform.ledger.holdings(model),
  ]);
  const entries = [...releases.map(releaseEntry), ...reactions.map(reactionEntry), ...holdings.map(holdEntry)]
    .filter(({ at }) => since === undefined || at >= since)
    .sort((one, other) => one.at.localeCompare(other.at))
    .slice(-limit);
  return {
    text:
      entries.length === 0
        ? `nothing was ever released of '${model}' in '${platform.environmentName}'`
        : table(
            ['WHEN', 'WHAT', 'VERSION', 'OUTCOME', 'ASKED BY', 'WHY', 'ID'],
            entries.map(({ at, cells }) => [time(at), ...cells]),
          ),
    data: entries.map(({ record }) => record),
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

/** The last part of an ARN is the person. */
function shortName(requestedBy: string): string {
  return requestedBy.startsWith('arn:') ? (requestedBy.split(/[:/]/).at(-1) ?? requestedBy) : requestedBy;
}
