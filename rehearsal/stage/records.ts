import { DescribeAlarmHistoryCommand } from '@aws-sdk/client-cloudwatch';
import type {
  AlarmChange,
  MonitoredWindow,
  Report,
  RollbackReport,
  ServingChange,
  VersionReport,
} from '../report/report';
import type { LedgerItem } from './platform';
import type { Scene } from './scene';
import { MODEL } from './target';

/** The part of the report that the platform itself has recorded. */
export type Records = Pick<
  Report,
  'versions' | 'rollback' | 'serving' | 'windows' | 'thresholds' | 'traffic' | 'alarms' | 'notifications'
>;

/** Before anything was recorded. */
export const NO_RECORDS: Records = {
  versions: [],
  serving: [],
  windows: [],
  thresholds: {},
  traffic: [],
  alarms: [],
  notifications: [],
};

/** Reads ledger, registry, monitor reports, alarm history and inbox. */
export async function readRecords(scene: Scene): Promise<Records> {
  const releases = await scene.platform.ledgerItems('RELEASE');
  const rollback = rollbackOf(releases, await scene.platform.ledgerItems('REACTION'));
  return {
    versions: await versions(scene),
    ...(rollback === undefined ? {} : { rollback }),
    serving: releases
      .filter(release => release['outcome'] === 'succeeded' && release['trafficMovedAt'] !== undefined)
      .map(servingChange),
    windows: await monitoredWindows(scene),
    thresholds: await thresholds(scene),
    traffic: scene.traffic.counts,
    alarms: await alarmChanges(scene),
    notifications: await scene.inbox.read(),
  };
}

function servingChange(release: LedgerItem): ServingChange {
  return {
    at: String(release['trafficMovedAt']),
    version: String(release['version']),
    action: release['action'] === 'rollback' ? 'rollback' : 'release',
    reason: String(release['reason']),
  };
}

function rollbackOf(releases: LedgerItem[], reactions: LedgerItem[]): RollbackReport | undefined {
  const release = releases.find(item => item['action'] === 'rollback' && item['outcome'] === 'succeeded');
  const reaction = reactions.find(item => item['decision'] === 'roll-back');
  if (release === undefined || reaction === undefined) {
    return undefined;
  }
  return {
    alarm: String(reaction['alarm']),
    alarmAt: String(reaction['alarmAt']),
    decidedAt: String(reaction['decidedAt']),
    trafficMovedAt: String(release['trafficMovedAt']),
    from: String(release['from']),
    to: String(release['version']),
    reason: String(reaction['reason']),
  };
}

async function versions(scene: Scene): Promise<VersionReport[]> {
  const current = (await scene.platform.ledgerState())['current'];
  const ledger = await scene.platform.ledgerItems('VERSION');
  const numbers = await scene.platform.versionNumbers();
  return Promise.all(
    numbers.map(async number => {
      const version = await scene.platform.registered(number);
      const known = ledger.find(item => item['version'] === number)?.['status'] as string | undefined;
      const metadata: Readonly<Record<string, string | undefined>> = version.metadata;
      const status = [version.status, number === current ? 'serving' : known].filter(word => word !== undefined);
      return {
        version: number,
        runId: metadata['runId'] ?? '',
        auc: metadata['auc'] === undefined ? null : Number(metadata['auc']),
        status: status.join(', '),
        note: `trained on snapshot ${metadata['snapshotDigest']?.slice(0, 12) ?? 'unknown'}`,
      };
    }),
  );
}

/** What the monitor has said of each window, the oldest first. */
export async function monitoredWindows(scene: Scene): Promise<MonitoredWindow[]> {
  const bucket = scene.platform.output('MonitoringBucketName');
  const keys = (await scene.platform.keys(bucket, `reports/model=${MODEL}/`)).filter(key => key.endsWith('.json'));
  const reports = await Promise.all(keys.sort().map(key => scene.platform.getJson(bucket, key)));
  return reports.map(report => report as unknown as MonitoredWindow);
}

async function thresholds(scene: Scene): Promise<Records['thresholds']> {
  const names = (await scene.platform.settings(scene.environment, 'reaction'))['alarms'] as Record<string, string>;
  const alarms = await scene.platform.alarms();
  const threshold = (name: string | undefined) => alarms.find(alarm => alarm.AlarmName === name)?.Threshold;
  return {
    predictionPsiExcess: threshold(names['predictionDrift']),
    driftedFeatureShare: threshold(names['inputDrift']),
    qualityDelta: threshold(names['quality']),
  };
}

async function alarmChanges(scene: Scene): Promise<AlarmChange[]> {
  const ours = new Set((await scene.platform.alarms()).map(alarm => alarm.AlarmName));
  const { AlarmHistoryItems } = await scene.aws.cloudWatch.send(
    new DescribeAlarmHistoryCommand({ HistoryItemType: 'StateUpdate', MaxRecords: 100, ScanBy: 'TimestampAscending' }),
  );
  return (AlarmHistoryItems ?? [])
    .filter(item => ours.has(item.AlarmName))
    .map(item => {
      const data = JSON.parse(item.HistoryData ?? '{}') as {
        newState?: { stateValue?: AlarmChange['state']; stateReason?: string };
      };
      return {
        at: item.Timestamp?.toISOString() ?? '',
        name: item.AlarmName ?? '',
        state: data.newState?.stateValue ?? 'INSUFFICIENT_DATA',
        reason: data.newState?.stateReason ?? item.HistorySummary ?? '',
      };
    });
}
