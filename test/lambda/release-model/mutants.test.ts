import fc from 'fast-check';
import { Life } from './life';
import { KUBERNETES_MUTANTS } from './kubernetes-mutants';
import { KUBERNETES_STORIES } from './kubernetes-stories';
import { MUTANTS } from './mutants';
import { schedules } from './schedule';
import { STORIES } from './stories';

const SEED = 5;

/** More than the rarest needs. */
const SCHEDULES = 300;

const ALL = [
  ...MUTANTS.map(mutant => ({ ...mutant, target: 'sagemaker' as const })),
  ...KUBERNETES_MUTANTS.map(mutant => ({ ...mutant, target: 'eks' as const })),
];

test.each(ALL)(
  'the model notices when it does not hold any more that $guard',
  async mutant => {
    const outcome = await fc.check(
      fc.asyncProperty(schedules(20, 40, mutant.target), async schedule => {
        // GIVEN
        const life = await Life.begin(mutant, mutant.target);

        // WHEN
        for (const event of schedule.events) await life.happen(event);
        await life.settle();
        await life.recovers();

        // THEN
        return !life.watch.broken.some(what => what.startsWith(`${mutant.breaks}: `));
      }),
      {
        numRuns: SCHEDULES,
        seed: SEED,
        endOnFailure: true,
        examples: mutant.target === 'eks' ? [...KUBERNETES_STORIES, ...STORIES] : STORIES,
      },
    );
    expect(outcome.errorInstance).toMatchObject({ message: 'Property failed by returning false' });
  },
  600_000,
);
