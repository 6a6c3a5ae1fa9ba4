import fc from 'fast-check';
import { Life } from './life';
import { KUBERNETES_STORIES } from './kubernetes-stories';
import { type Schedule, schedules } from './schedule';
import { STORIES } from './stories';

/** Many times as many with `RELEASE_SCHEDULES=10000`, and another seed with `RELEASE_SEED`. */
const SCHEDULES = Number(process.env.RELEASE_SCHEDULES ?? 300);
const SEED = Number(process.env.RELEASE_SEED ?? 5);

/** What is tried before chance has its turn. */
function storiesOf(target: 'sagemaker' | 'eks'): [Schedule][] {
  return target === 'eks' ? [...KUBERNETES_STORIES, ...STORIES] : STORIES;
}

test.each(['sagemaker', 'eks'] as const)(
  'what always holds, holds in every schedule on %s',
  async target => {
    await fc.assert(
      fc.asyncProperty(schedules(5, 40, target), async schedule => {
        // GIVEN
        const life = await Life.begin(undefined, target);

        // WHEN
        for (const event of schedule.events) await life.happen(event);
        await life.settle();
        await life.recovers();

        // THEN
        expect(life.watch.broken).toEqual([]);
      }),
      // on Kubernetes a step asks many times as often
      { numRuns: target === 'eks' ? Math.ceil(SCHEDULES / 3) : SCHEDULES, seed: SEED, examples: storiesOf(target) },
    );
  },
  3_600_000,
);

const ON_SAGEMAKER = [
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
  'sleep refused',
  'sleep succeeded',
  'the artifact',
  'the image',
  'wake refused',
  'wake succeeded',
  'was passed over',
];

const ON_KUBERNETES = [
  'collected',
  'doubted',
  'kept named',
  'named before its first request',
  'release failed',
  'release refused',
  'release succeeded',
  'release undone',
  'roll-back',
  'rollback succeeded',
  'went back by an alarm',
  'went back for its pods',
];

test.each<['sagemaker' | 'eks', string[]]>([
  ['sagemaker', ON_SAGEMAKER],
  ['eks', ON_KUBERNETES],
])('the schedules on %s reach what they are to test', async (target, wanted) => {
  // WHEN
  const seen = new Set<string>();
  const stories = target === 'eks' ? KUBERNETES_STORIES.flat() : [];
  for (const schedule of [...stories, ...fc.sample(schedules(30, 40, target), { seed: SEED, numRuns: 100 })]) {
    const life = await Life.begin(undefined, target);
    for (const event of schedule.events) await life.happen(event);
    await life.settle();
    for (const what of life.came()) seen.add(what);
    if (wanted.every(what => seen.has(what))) break;
  }

  // THEN
  expect([...seen].sort()).toEqual(expect.arrayContaining(wanted));
});
