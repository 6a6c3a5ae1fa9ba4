import fc from 'fast-check';
import { Life } from './life';
import { MUTANTS } from './mutants';
import { schedules } from './schedule';
import { STORIES } from './stories';

const SEED = 5;

/** More than the rarest needs. */
const SCHEDULES = 300;

test.each(MUTANTS)(
  'the model notices when it does not hold any more that $guard',
  async mutant => {
    const outcome = await fc.check(
      fc.asyncProperty(schedules(20, 40), async schedule => {
        // GIVEN
        const life = await Life.begin(mutant);

        // WHEN
        for (const event of schedule.events) await life.happen(event);
        await life.settle();
        await life.recovers();

        // THEN
        return !life.watch.broken.some(what => what.startsWith(`${mutant.breaks}: `));
      }),
      { numRuns: SCHEDULES, seed: SEED, endOnFailure: true, examples: STORIES },
    );
    expect(outcome.errorInstance).toMatchObject({ message: 'Property failed by returning false' });
  },
  600_000,
);
