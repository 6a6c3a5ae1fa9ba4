import { history } from '../../../cli/commands/history';
import { aPromotion, aRelease, MemoryPlatform } from '../support/memory-platform';

const REACTION = {
  id: 'alarm-1',
  alarm: 'rain-quality',
  alarmAt: '2026-11-26T12:00:00.000Z',
  decidedAt: '2026-11-26T12:00:05.000Z',
  decision: 'page' as const,
  reason: 'quality is below its baseline',
  evidence: { from: '2' },
};
const HOLD = {
  id: 'hold-1',
  action: 'hold' as const,
  requestedBy: 'arn:aws:iam::123456789012:root',
  reason: 'season',
  outcome: 'succeeded' as const,
  detail: 'held',
  at: '2026-11-26T13:00:00.000Z',
  generation: 1,
};

test('releases, decisions and holds stand in the order in which they came', async () => {
  // GIVEN
  const undone = aRelease({
    id: 'r2',
    version: '3',
    outcome: 'undone',
    detail: 'an alarm went red',
    endedAt: '2026-11-26T14:00:00.000Z',
  });
  const prod = new MemoryPlatform({
    rain: { releases: [aRelease({ id: 'r1' }), undone], reactions: [REACTION], holdings: [HOLD] },
  });

  // WHEN
  const { text, data } = await history(prod, 'rain', 20);

  // THEN
  expect(text).toBe(`WHEN                  WHAT      VERSION  OUTCOME    ASKED BY      WHY                            ID
2026-11-26 10:15:00Z  release   1 > 2    succeeded  bob           beats version 1                r1
2026-11-26 12:00:05Z  decision  2        page       rain-quality  quality is below its baseline  alarm-1
2026-11-26 13:00:00Z  hold      -        succeeded  root          season                         hold-1
2026-11-26 14:00:00Z  release   1 > 3    undone     bob           an alarm went red              r2`);
  expect(data).toEqual([expect.objectContaining({ id: 'r1' }), REACTION, HOLD, undone]);
});

test('the newest are shown, as many as asked for', async () => {
  const prod = new MemoryPlatform({
    rain: {
      releases: [aRelease({ id: 'r1' }), aRelease({ id: 'r2', endedAt: '2026-11-26T14:00:00.000Z' })],
      reactions: [REACTION],
    },
  });
  const { data } = await history(prod, 'rain', 1);
  expect(data).toEqual([expect.objectContaining({ id: 'r2' })]);
});

test('a drift that people were told of stands in it', async () => {
  const drift = { current: '2', serves: "version 1 by 'rain--v1'", at: '2026-11-26T15:00:00.000Z', generation: 7 };
  const { text, data } = await history(new MemoryPlatform({ rain: { drifts: [drift] } }), 'rain', 20);
  expect(text).toContain(
    "2026-11-26 15:00:00Z  drift  2        told     reconciler  version 1 by 'rain--v1' served  -",
  );
  expect(data).toEqual([drift]);
});

test('all of it is each item of the ledger for programs, and every line for people', async () => {
  // GIVEN
  const many = Array.from({ length: 30 }, (_, index) => aRelease({ id: `r${index}` }));
  const items = [
    { sk: 'RELEASE#t#r1', id: 'r1', generation: 7 },
    { sk: 'VERSION#000000002', version: '2', status: 'healthy' },
  ];

  // WHEN
  const { text, data } = await history(new MemoryPlatform({ rain: { releases: many, items } }), 'rain', 'all');

  // THEN
  expect(data).toEqual(items);
  expect(text.split('\n')).toHaveLength(31);
});

test('a model that was never released says so', async () => {
  expect((await history(new MemoryPlatform({ rain: {} }), 'rain', 20)).text).toBe(
    "nothing was ever released of 'rain' in 'prod'",
  );
});

test('a version that came from another environment stands where it arrived', async () => {
  const prod = new MemoryPlatform({ rain: { releases: [aRelease()], promotions: [aPromotion()] } });
  const { text } = await history(prod, 'rain', 'all');
  expect(text.split('\n')[1]).toMatch(
    /^2026-11-25 09:01:00Z +promotion +staging\/5 > 2 +arrived +ann +a week without an alarm +-$/,
  );
});
