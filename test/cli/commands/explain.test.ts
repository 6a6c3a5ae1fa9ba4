import { explain } from '../../../cli/commands/explain';
import { aPromotion, aRelease, MemoryPlatform } from '../support/memory-platform';

const REACTION = {
  id: 'alarm-1',
  alarm: 'rain-predictionDrift',
  alarmAt: '2026-11-26T12:00:00.000Z',
  decidedAt: '2026-11-26T12:00:05.000Z',
  decision: 'roll-back' as const,
  reason: 'predictions drift while version 2 serves for 2 h',
  evidence: {
    from: '2',
    red: [
      {
        metric: 'PredictionPsiExcess',
        threshold: 0.02,
        windows: [{ end: 'noon', value: 1.25 }],
        reason: '1.25 > 0.02',
      },
    ],
  },
};
const ROLLBACK = aRelease({
  id: 'alarm-1',
  action: 'rollback',
  version: '1',
  from: '2',
  requestedBy: 'alarm:rain-predictionDrift',
  reason: REACTION.reason,
});

test('a rollback by an alarm is told from the numbers to what a person may do', async () => {
  // GIVEN
  const prod = new MemoryPlatform({ rain: { releases: [ROLLBACK], reactions: [REACTION] } });
  prod.executions.set('alarm-1', {
    status: 'SUCCEEDED',
    startedAt: ROLLBACK.startedAt,
    input: { model: 'rain', action: 'rollback' },
    output: { outcome: 'succeeded' },
  });
  prod.history.set('alarm-1', [
    { at: '2026-11-26T10:00:00.000Z', kind: 'entered', state: 'Acquire' },
    { at: '2026-11-26T10:00:00.250Z', kind: 'exited', state: 'Acquire', output: { kind: 'acquired' } },
  ]);

  // WHEN
  const { text } = await explain(prod, 'alarm-1');

  // THEN
  expect(text).toMatch(/^rollback to version 1 of 'rain': succeeded \(version 2 served before\)\n/);
  expect(text).toContain('alarm              rain-predictionDrift, red since 2026-11-26 12:00:00Z');
  expect(text).toContain('decided            roll-back at 2026-11-26 12:00:05Z: predictions drift');
  expect(text).toContain('traffic moved      2026-11-26 10:14:00Z, 14 min later');
  expect(text).toContain(
    'red   metric PredictionPsiExcess, threshold 0.02, windows end noon value 1.25, reason 1.25 > 0.02',
  );
  expect(text).toMatch(/ acquire {2}10:00:00.000Z {2}250 ms {2}acquired/);
  expect(text).toContain("npx mlops lift-quarantine rain 2 --reason 'WHY' --environment prod");
});

test('a decision that moved nothing is told too', async () => {
  const prod = new MemoryPlatform({ rain: { reactions: [{ ...REACTION, decision: 'page' }] } });
  const { text } = await explain(prod, 'alarm-1');
  expect(text).toMatch(/^decision on 'rain': page\n/);
});

test('a release that is under way says so', async () => {
  const prod = new MemoryPlatform({ rain: {} });
  const input = { model: 'rain', action: 'release', version: '3', requestedBy: 'ann', reason: 'better' };
  prod.executions.set('r', { status: 'RUNNING', startedAt: '2026-11-27T03:29:00.000Z', input });
  const { text } = await explain(prod, 'r');
  expect(text).toMatch(/^release of version 3 of 'rain': under way\n/);
  expect(text).toContain('because   better');
});

test.each([
  ['release', 'undone', 'npx mlops release rain 3'],
  ['rollback', 'undone', 'npx mlops rollback rain --to 3'],
  ['release', 'failed', 'npx mlops status rain'],
  ['lift-quarantine', 'succeeded', 'Approve version 3 again'],
  ['release', 'succeeded', 'npx mlops rollback rain'],
] as const)('a %s that was %s tells what a person may do', async (action, outcome, words) => {
  const prod = new MemoryPlatform({ rain: { releases: [aRelease({ id: 'r', action, outcome, version: '3' })] } });
  expect((await explain(prod, 'r')).text.split('What you may do')[1]).toContain(words);
});

test('a failed release is not answered with a rollback that quarantines the version which is good', async () => {
  // GIVEN: version 2 serves by the ledger, version 3 or nothing does on the endpoint
  const failed = aRelease({ id: 'r', from: '2', version: '3', outcome: 'failed' });

  // WHEN
  const advice = (await explain(new MemoryPlatform({ rain: { releases: [failed] } }), 'r')).text;

  // THEN
  expect(advice).toContain('If it is a bad version, or nothing, bring version 2 back: npx mlops rollback rain --to 2 ');
  expect(advice).not.toMatch(/mlops rollback rain --reason/);
});

test('a rollback that was undone says who serves on, and asks to act', async () => {
  const undone = aRelease({ id: 'r', action: 'rollback', from: '2', version: '1', outcome: 'undone' });
  const { text } = await explain(new MemoryPlatform({ rain: { releases: [undone] } }), 'r');
  expect(text).toContain('Act now: version 2, which was to leave, serves on');
  expect(text).toContain('npx mlops rollback rain --to 1');
});

test('a version that was brought back is not rolled back from itself', async () => {
  const back = aRelease({ id: 'r', action: 'rollback', from: '2', version: '2' });
  const { text } = await explain(new MemoryPlatform({ rain: { releases: [back] } }), 'r');
  expect(text).not.toMatch(/what is wrong with version 2|lift-quarantine/);
});

test('an execution that Step Functions has forgotten is found in the ledger of whichever model', async () => {
  const prod = new MemoryPlatform({ churn: {}, rain: { releases: [ROLLBACK] } });
  const { text, data } = await explain(prod, 'alarm-1');
  expect(text).toContain('Step Functions remembers them for 90 days; these are gone');
  expect(data).toMatchObject({ model: 'rain', release: ROLLBACK });
});

test('a hold is told long after its execution is forgotten', async () => {
  const hold = {
    id: 'hold-1',
    action: 'hold' as const,
    requestedBy: 'ann',
    reason: 'season',
    outcome: 'succeeded' as const,
    detail: 'held until tomorrow',
    at: '2026-01-26T13:00:00.000Z',
    generation: 1,
  };
  const { text } = await explain(new MemoryPlatform({ rain: { holdings: [hold] } }), 'hold-1');
  expect(text).toMatch(/^hold of 'rain': succeeded\n/);
  expect(text).toMatch(/asked by +ann\n +because +season\n +began .*\n +what became of it +held until tomorrow/);
});

test('an id that nobody knows is refused with where to find one', async () => {
  await expect(explain(new MemoryPlatform({ rain: {} }), 'nope')).rejects.toThrow(
    "there is no release or decision 'nope' of 'rain' in 'prod', see 'npx mlops history MODEL'",
  );
});

test('a release of a version that came from another environment says from which', async () => {
  const prod = new MemoryPlatform({ rain: { releases: [aRelease({ id: 'r' })], promotions: [aPromotion()] } });
  const { text } = await explain(prod, 'r');
  expect(text).toMatch(/came from +version 5 of staging \(account 222222222222\), approved there .* by ann/);
});

describe('the model card of the version', () => {
  const CARD = {
    status: 'PendingReview',
    owner: 'weather team',
    purpose: 'tells whether it will rain',
    riskRating: 'Low',
    riskExplanation: 'somebody gets wet',
    intendedUses: 'advice for walks, never for flights',
    limits: 'worse in the mountains',
  };
  const released = { releases: [aRelease({ id: 'r', version: '2' })] };

  test('says what it is for, whose it is, how much harm it can do, and where it is worse', async () => {
    // GIVEN
    const prod = new MemoryPlatform({ rain: { ...released, cards: { '1': { purpose: 'of another' }, '2': CARD } } });

    // WHEN
    const { text, data } = await explain(prod, 'r');

    // THEN
    const [, card] = text.split('Model card of version 2\n');
    expect(card?.split('\n\n')[0]?.split('\n')).toEqual([
      '  purpose        tells whether it will rain',
      '  owner          weather team',
      '  risk           Low: somebody gets wet',
      '  intended uses  advice for walks, never for flights',
      '  limits         worse in the mountains',
      '  review         PendingReview',
    ]);
    expect(data).toMatchObject({ version: '2', card: CARD });
  });

  test('is short for people and whole for programs', async () => {
    const purpose = 'rain '.repeat(199).trim();
    const prod = new MemoryPlatform({ rain: { ...released, cards: { '2': { purpose } } } });
    const { text, data } = await explain(prod, 'r');
    const line = /^ {2}purpose {2}(.*)$/m.exec(text)?.[1] ?? '';
    expect(line).toHaveLength(200);
    expect(line).toMatch(/…$/);
    expect(data).toMatchObject({ card: { purpose } });
  });

  test('is told of a release that is under way', async () => {
    const prod = new MemoryPlatform({ rain: { cards: { '3': CARD } } });
    const input = { model: 'rain', action: 'release', version: '3', requestedBy: 'ann', reason: 'better' };
    prod.executions.set('r', { status: 'RUNNING', startedAt: '2026-11-27T03:29:00.000Z', input });
    expect((await explain(prod, 'r')).text).toContain('Model card of version 3\n  purpose');
  });

  test('is not spoken of where there is none', async () => {
    expect((await explain(new MemoryPlatform({ rain: released }), 'r')).text).not.toContain('Model card');
  });

  test('that may not be read hides nothing else of the story', async () => {
    // GIVEN
    const prod = new MemoryPlatform({ rain: released });
    prod.cardProblem = Object.assign(new Error('no sagemaker:DescribeModelPackage'), { name: 'AccessDeniedException' });

    // WHEN
    const { text, done } = await explain(prod, 'r');

    // THEN
    expect(done).toBe(true);
    expect(text).toContain(
      'Model card of version 2\n  not read: AccessDeniedException: no sagemaker:DescribeModelPackage\n',
    );
    expect(text).toContain('What you may do\n');
  });
});
