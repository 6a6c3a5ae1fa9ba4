import fc from 'fast-check';
import { Life } from './life';
import { schedules } from './schedule';
import { STORIES } from './stories';

/** Many times as many with `RELEASE_SCHEDULES=10000`, and another seed with `RELEASE_SEED`. */
const SCHEDULES = Number(process.env.RELEASE_SCHEDULES ?? 300);
const SEED = Number(process.env.RELEASE_SEED ?? 5);

test('what always holds, holds in every schedule', async () => {
  await fc.assert(
    fc.asyncProperty(schedules(5, 40), async schedule => {
      // GIVEN
      const life = await Life.begin();

      // WHEN
      for (const event of schedule.events) await life.happen(event);
      await life.settle();
      await life.recovers();

      // THEN
      expect(life.watch.broken).toEqual([]);
    }),
    { numRuns: SCHEDULES, seed: SEED, examples: STORIES },
  );
}, 3_600_000);

test('the schedules reach what they are to test', async () => {
  // GIVEN
  const wanted = [
    'could not answer',
    'could not be watched',
    'hold succeeded',
    'lift-quarantine refused',
    'lift-quarantine succeeded',
    'nothing',
    'page',
    'release failed',
    'release refused',
    'release succeeded',
    'release undone',
    'resume succeeded',
    'retrain',
    'roll-back',
    'rollback refused',
    'rollback succeeded',
    'the artifact',
    'the image',
    'was passed over',
  ];

  // WHEN
  const seen = new Set<string>();
  for (const schedule of fc.sample(schedules(30, 40), { seed: SEED, numRuns: 100 })) {
    const life = await Life.begin();
    for (const event of schedule.events) await life.happen(event);
    await life.settle();
    for (const what of life.came()) seen.add(what);
    if (wanted.every(what => seen.has(what))) break;
  }

  // THEN
  expect([...seen].sort()).toEqual(expect.arrayContaining(wanted));
});
