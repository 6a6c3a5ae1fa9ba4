import fc from 'fast-check';
import { CONDITION_MUTANTS } from './condition-mutants';
import { Life } from './life';
import { INTACT, type Mutant } from './mutant';
import { throngs, type Throng } from './schedule';
import { STORIES_AT_ONCE } from './stories';

/** A third as many as there are schedules: many times as many with `RELEASE_SCHEDULES=10000`, and another seed with `RELEASE_SEED`. */
const THRONGS = Math.ceil(Number(process.env.RELEASE_SCHEDULES ?? 300) / 3);
const SEED = Number(process.env.RELEASE_SEED ?? 5);

/** What was broken in a life in which several acted at once. */
async function brokenIn(throng: Throng, mutant: Mutant = INTACT): Promise<string[]> {
  const life = await Life.begin(mutant);
  for (const event of throng.before) await life.happen(event);
  await life.atOnce(throng.atOnce, throng.turns);
  await life.settle();
  await life.recovers();
  return life.watch.broken;
}

test('what always holds, holds whatever others do between two calls of one step', async () => {
  await fc.assert(
    fc.asyncProperty(throngs(6), async throng => {
      expect(await brokenIn(throng)).toEqual([]);
    }),
    { numRuns: THRONGS, seed: SEED, examples: STORIES_AT_ONCE },
  );
}, 3_600_000);

/** More than the rarest needs. */
const MOST = 300;

// the schedules of `release-model.test.ts`, in which a step is one thing, notice none of these
test.each(CONDITION_MUTANTS)(
  'it is noticed when it does not hold any more that $guard',
  async mutant => {
    const outcome = await fc.check(
      fc.asyncProperty(throngs(6), async throng => {
        const broken = await brokenIn(throng, mutant);
        return !broken.some(what => what.startsWith(`${mutant.breaks}: `));
      }),
      { numRuns: MOST, seed: SEED, endOnFailure: true, examples: STORIES_AT_ONCE },
    );
    expect(outcome.errorInstance).toMatchObject({ message: 'Property failed by returning false' });
  },
  600_000,
);
