import type { LocalFault } from '../../../local-cloud/start';
import { Callers } from './callers';
import { EFFECTS } from './effects';
import { CALLS, rightsOf, rightsUsed } from './function-calls';
import { ReleaseCloud, type Ended } from './release-cloud';

let releases: ReleaseCloud;
let callers: Callers;
let versions = 0;

beforeAll(async () => {
  releases = await ReleaseCloud.start();
  callers = new Callers(releases.cloud);
}, 180_000);

afterAll(async () => {
  await callers.stop();
  await releases.stop();
});

function strike(effect: string, calls: readonly string[]): LocalFault[] {
  // what an approval starts has described the package before
  const after = (action: string): number => (action === 'sagemaker:DescribeModelPackage' ? 1 : 0);
  return calls.map(action => ({ ...(EFFECTS[effect] as LocalFault), action, after: after(action) }));
}

/** Registers the next version and approves it. */
async function release(environment: Record<string, string> = {}): Promise<Ended> {
  versions += 1;
  return releases.approve(await releases.register(environment));
}

/** What a person and an auditor find afterwards: one record, a letter, a free lock, and what it says does serve. */
async function expectToldAndTrue({ name }: Ended, outcome: string, subject: RegExp): Promise<void> {
  const records = (await releases.ledger.releases('rain')).filter(({ id }) => id === name);
  expect(records.map(record => record.outcome)).toEqual([outcome]);
  expect((await releases.letters()).map(letter => letter.subject)).toContainEqual(expect.stringMatching(subject));
  const { current, lockOwner } = await releases.ledger.state('rain');
  expect(lockOwner).toBeUndefined();
  if (current !== undefined) expect(await releases.serving()).toBe(`InService ${current}`);
}

test.each(Object.keys(EFFECTS))(
  'a first release that must be undone: %s',
  async effect => {
    // WHEN a version that names itself wrongly is released where nothing serves
    const ended = await releases.under(strike(effect, CALLS.firstRelease), () => release({ LIE: '0' }));

    // THEN nothing serves, and everybody knows
    await expectToldAndTrue(ended, 'undone', new RegExp(`release of version ${versions} failed and was undone`));
    await expect(releases.serving()).rejects.toThrow('Could not find endpoint');
    expect(ended.detail).toContain('nothing served before, and nothing serves now');
  },
  60_000,
);

test('a version serves, and callers begin to call', async () => {
  const ended = await release();
  await expectToldAndTrue(ended, 'succeeded', new RegExp(`version ${versions} serves`));
  callers.start();
}, 60_000);

describe.each(Object.keys(EFFECTS))('%s', effect => {
  test.each(['release', 'nextRelease'] as const)(
    '%s: ends well all the same',
    async life => {
      const ended = await releases.under(strike(effect, CALLS[life]), release);
      await expectToldAndTrue(ended, 'succeeded', new RegExp(`version ${versions} serves`));
      expect(await releases.serving()).toBe(`InService ${versions}`);
    },
    60_000,
  );

  test('rollback: ends well all the same', async () => {
    // GIVEN
    const { current, healthy } = await releases.ledger.state('rain');

    // WHEN
    const ended = await releases.under(strike(effect, CALLS.rollback), () =>
      releases.ask({ action: 'rollback', version: healthy[1], from: current }),
    );

    // THEN
    await expectToldAndTrue(ended, 'succeeded', new RegExp(`rolled back from version ${current ?? ''}`));
    expect(await releases.serving()).toBe(`InService ${healthy[1] ?? ''}`);
  }, 60_000);

  test('hold: is set once, and ended once', async () => {
    // WHEN
    const held = await releases.under(strike(effect, CALLS.hold), () => releases.ask({ action: 'hold' }));
    const resumed = await releases.ask({ action: 'resume' });

    // THEN
    expect([held.outcome, resumed.outcome]).toEqual(['succeeded', 'succeeded']);
    const { subject } = (await releases.letters())[0] ?? {};
    expect(subject).toMatch(/rain: .*held/);
  }, 60_000);
});

test.each(['before', 'after'] as const)(
  'the worker dies in every step, %s its write to the ledger',
  async when => {
    // GIVEN each step writes to the ledger, is killed at its first try, and repeated
    const kills = Array.from({ length: 8 }, (_, step): LocalFault => {
      // one that has struck counts no more, so the n-th sees two calls for each step before it and strikes one of them
      return { effect: 'caller-killed', action: 'dynamodb:TransactWriteItems', when, after: step };
    });

    // WHEN
    const ended = await releases.under(kills, release);

    // THEN
    await expectToldAndTrue(ended, 'succeeded', new RegExp(`version ${versions} serves`));
  },
  60_000,
);

test('no prediction failed all the while', () => {
  expect(callers.failures).toEqual([]);
  expect(callers.answered).toBeGreaterThan(100);
});

test('every call that the release function makes was struck', async () => {
  expect(rightsOf(Object.values(CALLS).flat())).toEqual(await rightsUsed(releases));
});
