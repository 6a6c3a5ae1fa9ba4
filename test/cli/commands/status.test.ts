import { status } from '../../../cli/commands/status';
import { aPromotion, aRelease, MemoryPlatform, NOW, type Model } from '../support/memory-platform';

const SERVES: Model = {
  state: { current: '2', activatedAt: '2026-11-26T10:14:00.000Z', healthy: ['2', '1'] },
  serving: { status: 'InService', version: '2' },
};

test('all models stand in one table', async () => {
  const prod = new MemoryPlatform({ rain: SERVES, churn: {} });
  expect((await status(prod)).text).toBe(`MODEL  SERVES  SINCE     ENDPOINT      BACK TO  NOTES
rain   v2      17 h ago  InService v2  v1       -
churn  -       -         not there     -        -`);
});

test('what sleeps is told of with its time, its reason and the way to wake it, and is no contradiction', async () => {
  const asleep = { since: '2026-11-26T19:00:00.000Z', requestedBy: 'schedule:idle', reason: 'its hours are over' };
  const state = { ...SERVES.state, asleep };
  const prod = new MemoryPlatform({ rain: { state, serving: { status: 'not there' } } });

  const { text, data } = await status(prod, 'rain');

  expect(text).toContain('it sleeps since 2026-11-26 19:00:00Z; wake it: ');
  expect(text).toContain('mlops wake rain');
  expect(text).toContain('by schedule:idle: its hours are over');
  expect(text).not.toContain('the ledger says');
  expect(data).toMatchObject({ current: '2', asleep });
});

test('what should sleep and does not is a contradiction', async () => {
  const asleep = { since: '2026-11-26T19:00:00.000Z', requestedBy: 'ann', reason: 'r' };
  const prod = new MemoryPlatform({ rain: { ...SERVES, state: { ...SERVES.state, asleep } } });

  expect((await status(prod, 'rain')).text).toContain(
    'the ledger says that version 2 sleeps, but version 2 serves (InService)',
  );
});

describe('a hundred models', () => {
  const many = (count: number): Record<string, Model> =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index): [string, Model] => [
        `m${index}`,
        {
          ...SERVES,
          alarms: [{ signal: 'quality', name: `m${index}-q`, state: 'ALARM', since: '2026-11-27T03:00:00.000Z' }],
        },
      ]),
    );

  test('are looked at a few at a time, and their alarms at once', async () => {
    const prod = new MemoryPlatform(many(100));
    const { data } = await status(prod);
    expect(prod.mostAtOnce).toBeLessThanOrEqual(5);
    expect(prod.alarmsAsked).toBe(1);
    expect(data).toHaveLength(100);
    expect(data).toContainEqual(expect.objectContaining({ model: 'm99', notes: ['red: quality'] }));
  });

  test('of which one cannot be looked at are told, and that one says why', async () => {
    // GIVEN
    const prod = new MemoryPlatform({ ...many(2), bad: {} });
    prod.broken.set('bad', new Error("parameter '/mlops/prod/bad/serving' does not have the agreed shape"));

    // WHEN
    const { text, data, done } = await status(prod);

    // THEN
    expect(text).toMatch(/^m1 .* red: quality\n.*bad +\? +\? +\? +\? +not known: .*'\/mlops\/prod\/bad\/serving'/m);
    expect(data).toContainEqual({
      environment: 'prod',
      model: 'bad',
      error: "Error: parameter '/mlops/prod/bad/serving' does not have the agreed shape",
    });
    expect(done).toBe(false);
  });

  test('are told without their alarms where CloudWatch does not answer', async () => {
    const prod = new MemoryPlatform(many(2));
    prod.alarmProblem = new Error('ThrottlingException');
    const { text, done } = await status(prod);
    expect(text).toMatch(/^m0 +v2 .* its alarms are not known: Error: ThrottlingException$/m);
    expect(done).toBe(false);
  });
});

test('one model is told in full, and what wants an eye comes first', async () => {
  // GIVEN
  const prod = new MemoryPlatform({
    rain: {
      ...SERVES,
      hold: {
        until: '2026-11-27T08:00:00.000Z',
        reason: 'season',
        requestedBy: 'ann',
        since: '2026-11-26T08:00:00.000Z',
      },
      alarms: [{ signal: 'quality', name: 'a', state: 'ALARM', since: '2026-11-27T03:00:00.000Z' }],
      versions: [
        { version: '3', status: 'quarantined', reason: 'drifted', at: '2026-11-25T00:00:00.000Z', by: 'alarm:x' },
        { version: '1', status: 'healthy', reason: 'good', at: '2026-11-20T00:00:00.000Z', by: 'bob' },
      ],
      releases: [aRelease()],
    },
  });

  // WHEN
  const { text } = await status(prod, 'rain');

  // THEN
  expect(text).toMatch(/^rain in prod\n\nplease look:\n {2}- held until 2026-11-27 08:00:00Z\n {2}- red: quality\n\n/);
  expect(text).toContain('serves        version 2 since 2026-11-26 10:14:00Z (17 h ago)');
  expect(text).toContain('back to       version 1');
  expect(text).toContain('quarantined   v3 since 2026-11-25 00:00:00Z by alarm:x: drifted');
  expect(text).toContain('hold          until 2026-11-27 08:00:00Z by ann: season');
  expect(text).toContain('npx mlops explain approval-rain-v2-abc --environment prod');
});

test.each<[string, Model, string]>([
  [
    'something else serves than the ledger says',
    { ...SERVES, serving: { status: 'InService', version: '3' } },
    'the ledger says that version 2 serves, but version 3 does (InService)',
  ],
  [
    'nothing serves',
    { ...SERVES, serving: { status: 'not there' } },
    'the ledger says that version 2 serves, but nothing that a release made does (not there)',
  ],
  [
    'a release is under way',
    { ...SERVES, state: { ...SERVES.state, ...underway('2026-11-27T04:00:00.000Z') } },
    'release of version 3 under way since 2026-11-27 03:29:00Z; it cannot be stopped, and what else is asked for waits until it has ended, or, if its execution died, until its lock ends at 2026-11-27 04:00:00Z',
  ],
  [
    'a release only shadows',
    { ...SERVES, state: { ...SERVES.state, ...underway('2026-11-27T04:00:00.000Z', true) } },
    'under way since 2026-11-27 03:29:00Z; it only shadows by now, and gives way to a rollback',
  ],
  [
    'a release stopped half-way',
    { ...SERVES, state: { ...SERVES.state, ...underway('2026-11-27T03:29:30.000Z') } },
    "the release of version 3 ('r') stopped half-way; the reconciler finishes or undoes it at its next look, and what is asked for now goes before that",
  ],
  [
    'a rollback stopped half-way',
    { ...SERVES, state: { ...SERVES.state, ...underway('2026-11-27T03:29:30.000Z', undefined, 'rollback') } },
    "the rollback to version 3 ('r') stopped half-way; the reconciler finishes it at its next look, and what is asked for now waits until then",
  ],
  [
    'the reconciler does not come',
    { ...SERVES, state: { ...SERVES.state, ...underway('2026-11-27T03:29:30.000Z') } },
    'if it does not come within minutes, do its work by hand:',
  ],
  [
    'a lock has no expiry, so that its owner is dead by the word of the machine too',
    { ...SERVES, state: { ...SERVES.state, ...underway(undefined) } },
    "the release of version 3 ('r') stopped half-way",
  ],
  [
    'the last release failed',
    { ...SERVES, releases: [aRelease({ outcome: 'failed', version: '3' })] },
    'the last release, of version 3, failed',
  ],
])('%s: says so', async (_, model, words) => {
  const { text, data } = await status(new MemoryPlatform({ rain: model }), 'rain');
  expect(text).toContain(words);
  expect(JSON.stringify(data)).toContain(words);
});

test('a hold that has ended is none', async () => {
  const hold = { until: NOW.toISOString(), reason: 'season', requestedBy: 'ann', since: '2026-11-26T08:00:00.000Z' };
  expect((await status(new MemoryPlatform({ rain: { ...SERVES, hold } }), 'rain')).data).toMatchObject({ hold: null });
});

test('programs get the same in one shape, absent things as null', async () => {
  const { data } = await status(new MemoryPlatform({ rain: SERVES, churn: {} }));
  expect(data).toMatchObject([
    { environment: 'prod', model: 'rain', current: '2', rollbackTarget: '1', hold: null, underway: null, notes: [] },
    { environment: 'prod', model: 'churn', current: null, rollbackTarget: null, healthy: [] },
  ]);
});

test('a platform without models says so', async () => {
  expect((await status(new MemoryPlatform({}))).text).toBe("no model is deployed in 'prod'");
});

function underway(lockExpiresAt: string | undefined, shadowing?: true, action: 'release' | 'rollback' = 'release') {
  return {
    lockOwner: 'arn:execution',
    lockExpiresAt,
    underway: {
      id: 'r',
      action,
      version: '3',
      requestedBy: 'ann',
      reason: 'x',
      startedAt: '2026-11-27T03:29:00.000Z',
      shadowing,
    },
  };
}

test('a version that came from another environment says from which, and by whose word', async () => {
  // GIVEN
  const prod = new MemoryPlatform({ rain: { ...SERVES, promotions: [aPromotion({ version: '1' }), aPromotion()] } });

  // WHEN
  const { text, data } = await status(prod, 'rain');

  // THEN
  expect(text).toContain(
    'came from     version 5 of staging (account 222222222222), approved there at 2026-11-25 09:00:00Z by ann: a week without an alarm',
  );
  expect(data).toMatchObject({ promotedFrom: { version: '2', from: { environment: 'staging' } } });
});

test('a version that was trained here came from nowhere', async () => {
  const prod = new MemoryPlatform({ rain: { ...SERVES, promotions: [aPromotion({ version: '1' })] } });
  const { text, data } = await status(prod, 'rain');
  expect(text).not.toContain('came from');
  expect(data).toMatchObject({ promotedFrom: null });
});
