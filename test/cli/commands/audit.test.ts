import { audit, type AuditEntry } from '../../../cli/commands/audit';
import type { RegisteredVersion, Training } from '../../../cli/ports';
import { aRelease, MemoryPlatform } from '../support/memory-platform';

const ADA = 'arn:aws:sts::123456789012:assumed-role/DataScience/ada';
const DIGEST = 'a1b2c3d4e5f6'.padEnd(64, '0');

const TRAINING: Training = {
  execution: 'manual-1',
  at: '2026-11-25T08:00:00.000Z',
  requestedBy: ADA,
  startReason: 'new idea',
  outcome: 'registered',
  reason: 'AUC 0.84',
  runId: 'r'.repeat(64),
  version: '2',
  snapshotDigest: DIGEST,
};
const VERSION: RegisteredVersion = {
  version: '2',
  registeredAt: '2026-11-25T08:30:00.000Z',
  status: 'Approved',
  changedAt: '2026-11-26T09:55:00.000Z',
  changedBy: ADA,
  words: 'beats version 1',
  runId: 'r'.repeat(64),
  snapshotDigest: DIGEST,
};

test('who trained, approved and released a version, when, why and on which data stands in one table', async () => {
  // GIVEN
  const prod = new MemoryPlatform({
    rain: { releases: [aRelease()], trainings: [TRAINING], registered: [VERSION] },
  });

  // WHEN
  const { text } = await audit(prod, 'rain', undefined);

  // THEN
  expect(text).toBe(`WHEN                  WHAT          VERSION  OUTCOME     WHO  WHY              DATA
2026-11-25 08:00:00Z  training      2        registered  ada  new idea         a1b2c3d4e5f6
2026-11-25 08:30:00Z  registration  2        registered  -    -                a1b2c3d4e5f6
2026-11-26 09:55:00Z  word          2        approved    ada  beats version 1  a1b2c3d4e5f6
2026-11-26 10:15:00Z  release       1 > 2    succeeded   bob  beats version 1  a1b2c3d4e5f6`);
});

test('programs get whole names and digests, and what is not known is said', async () => {
  // GIVEN a platform that does not tell where its trainings are recorded
  const prod = new MemoryPlatform({ rain: { releases: [aRelease()], registered: [VERSION] } });

  // WHEN
  const { data, text } = await audit(prod, 'rain', '2026-11-26T10:00:00.000Z');

  // THEN
  expect(data).toMatchObject({
    model: 'rain',
    environment: 'prod',
    since: '2026-11-26T10:00:00.000Z',
    entries: [
      {
        what: 'release',
        who: 'arn:aws:sts::123456789012:assumed-role/DataScience/bob',
        version: '2',
        from: '1',
        runId: 'r'.repeat(64),
        snapshotDigest: DIGEST,
        source: 'ledger',
      },
    ],
    unknown: [expect.stringContaining("no output 'RunsTableName'")],
  });
  expect(text).toContain('trainings are not in it');
});

test('decisions, holds and drifts are in it, each with who or what had the word', async () => {
  // GIVEN
  const at = (minute: number): string => `2026-11-26T12:0${minute}:00.000Z`;
  const prod = new MemoryPlatform({
    rain: {
      trainings: [],
      reactions: [
        {
          id: 'alarm-1',
          alarm: 'rain-quality',
          alarmAt: at(0),
          decidedAt: at(1),
          decision: 'roll-back',
          reason: 'below its baseline',
          evidence: { from: '2' },
        },
      ],
      holdings: [
        {
          id: 'hold-1',
          action: 'hold',
          requestedBy: ADA,
          reason: 'season',
          outcome: 'succeeded',
          detail: 'held',
          at: at(2),
          generation: 1,
        },
      ],
      drifts: [{ current: '1', serves: 'version 3', at: at(3), generation: 2 }],
      promotions: [
        {
          from: { environment: 'dev', account: '1', region: 'r', version: '7', modelPackageArn: 'arn:7' },
          version: '3',
          modelPackageArn: 'arn:3',
          runId: 'run-1',
          approvedBy: ADA,
          approvedAt: at(1),
          reason: 'good in dev',
          digests: { modelData: 'a', evaluation: 'b', baseline: 'c', image: 'd' },
          at: at(4),
        },
      ],
    },
  });

  // WHEN
  const { data } = await audit(prod, 'rain', undefined);

  // THEN
  const { entries } = data as { entries: AuditEntry[] };
  expect(entries.map(({ what, who, outcome, version }) => [what, who, outcome, version])).toEqual([
    ['decision', 'rain-quality', 'roll-back', '2'],
    ['hold', ADA, 'succeeded', undefined],
    ['drift', 'reconciler', 'told', '1'],
    ['promotion', ADA, 'arrived', '3'],
  ]);
});

test('a version that waits for a person has no word yet', async () => {
  const waiting = { ...VERSION, status: 'PendingManualApproval' };
  const { data } = await audit(new MemoryPlatform({ rain: { registered: [waiting] } }), 'rain', undefined);
  expect((data as { entries: AuditEntry[] }).entries.map(({ what }) => what)).toEqual(['registration']);
});

test('says that there is nothing, and fails for a model that is not there', async () => {
  const prod = new MemoryPlatform({ rain: { trainings: [] } });
  expect((await audit(prod, 'rain', undefined)).text).toBe("nothing is recorded of 'rain' in 'prod' in this time");
  await expect(audit(prod, 'snow', undefined)).rejects.toThrow("there is no model 'snow' in environment 'prod'");
});
