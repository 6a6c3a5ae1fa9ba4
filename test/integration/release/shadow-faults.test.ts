/** What the release function asks only for a shadow and for a version whose image has a digest, each call struck by every fault. */
import { join } from 'node:path';
import type { LocalFault } from '../../../local-cloud/start';
import type { ReleaseRecord } from '../../../lambda/shared/ledger';
import { Callers } from './callers';
import { EFFECTS } from './effects';
import { CALLS as OTHER_CALLS, rightsOf, rightsUsed } from './function-calls';
import { ReleaseCloud, type Ended } from './release-cloud';

/** Three minutes' shadow, looked at every five seconds of the moved clock: time for requests, and few looks. */
const APP = `${join(__dirname, 'shadow-app.ts')} 3 5`;

/**
 * Which are struck in one life: the image is looked up when the version is judged, the rest is asked when its shadow is,
 * by one step, which is tried five times.
 */
const CALLS = [
  'ecr:DescribeImages',
  'athena:StartQueryExecution',
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'cloudwatch:GetMetricData',
];

/** Rights that Athena uses in the name of whoever has it run a query. */
const OF_THE_QUERY = [
  'athena:GetDataCatalog',
  'glue:GetDatabase',
  'glue:GetTable',
  's3:GetBucketLocation',
  's3:ListBucket',
  's3:PutObject',
];

let releases: ReleaseCloud;
let callers: Callers;
let digest: string;
let versions = 0;

beforeAll(async () => {
  releases = await ReleaseCloud.start(APP);
  callers = new Callers(releases.cloud);
  digest = await releases.pushImage('served');
  await release();
  callers.start();
}, 300_000);

afterAll(async () => {
  await callers.stop();
  await releases.stop();
});

/** Registers the next version, with the digest of its image, and approves it. */
async function release(): Promise<Ended> {
  versions += 1;
  return releases.approve(await releases.register({}, 'rain', digest));
}

/** What an auditor finds: one record, a free lock, no shadow, and what the ledger says does serve. */
async function recordOf({ name }: Ended): Promise<ReleaseRecord | undefined> {
  const records = (await releases.ledger.releases('rain')).filter(({ id }) => id === name);
  expect(records).toHaveLength(1);
  const { current, lockOwner } = await releases.ledger.state('rain');
  expect(lockOwner).toBeUndefined();
  expect(await releases.serving()).toBe(`InService ${current ?? ''}`);
  expect((await releases.endpoint()).ShadowProductionVariants ?? []).toEqual([]);
  return records[0];
}

async function subjects(): Promise<string[]> {
  return (await releases.letters()).map(({ subject }) => subject);
}

test.each(Object.entries(EFFECTS))(
  'a version shadows and serves, with its comparison in the record, although at each call %s',
  async (_, effect) => {
    // WHEN
    const ended = await releases.under(
      CALLS.map(action => ({ ...effect, action }) as LocalFault),
      release,
    );

    // THEN
    expect(ended).toMatchObject({ outcome: 'succeeded', version: String(versions) });
    const { compared, disagreeing } = (await recordOf(ended))?.evidence?.['shadow'] as Record<string, number>;
    expect(compared).toBeGreaterThanOrEqual(10);
    expect(disagreeing).toBe(0);
    expect(await subjects()).toContainEqual(expect.stringContaining(`version ${versions} serves`));
  },
  240_000,
);

test.each(['ecr:DescribeImages', 'athena:GetQueryExecution', 'cloudwatch:GetMetricData'])(
  'what served serves on, and a person is told, when %s always fails',
  async action => {
    // GIVEN
    const { current } = await releases.ledger.state('rain');

    // WHEN
    const ended = await releases.under([{ effect: 'error', action, times: 'always' }], release);

    // THEN
    expect(ended).toMatchObject({ status: 'FAILED', outcome: 'ReleaseUndone' });
    expect(ended.detail).toContain(`version ${current ?? ''} serves, as before`);
    expect((await recordOf(ended))?.outcome).toBe('undone');
    expect((await releases.ledger.state('rain')).current).toBe(current);
    expect(await subjects()).toContainEqual(
      expect.stringContaining(`release of version ${versions} failed and was undone`),
    );
  },
  240_000,
);

test('no prediction failed all the while', () => {
  expect(callers.failures).toEqual([]);
  expect(callers.answered).toBeGreaterThan(100);
});

test('every call that the release function made was struck, here or where nothing shadows', async () => {
  const used = await rightsUsed(releases);
  const struck = rightsOf([...CALLS, ...Object.values(OTHER_CALLS).flat()]);
  expect(used.filter(right => ![...struck, ...OF_THE_QUERY].includes(right))).toEqual([]);
  expect(used).toEqual(expect.arrayContaining([...rightsOf(CALLS), ...OF_THE_QUERY]));
});
