import fc from 'fast-check';
import { claimStep } from '../../../lambda/pipeline-control/claim-step';
import { guardStep } from '../../../lambda/pipeline-control/guard-step';
import { pinnedImage } from '../../../lambda/pipeline-control/pinned-image';
import { registerStep } from '../../../lambda/pipeline-control/register-step';
import { runSchema } from '../../../lambda/shared/contracts';
import type { StoredImage } from '../../../lambda/shared/ecr-images';
import {
  BASELINE,
  contextOf,
  evaluationOf,
  EXECUTION,
  inputOf,
  SETTINGS,
  SNAPSHOT,
  SURROUNDINGS,
  World,
} from './fixtures';

const REGISTRY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const BY_DIGEST = /^[^:@]+@sha256:[0-9a-f]{64}$/;
const FROZEN = { snapshotDigest: SNAPSHOT, seenThrough: 'here' };

const digest = fc.integer({ min: 0 }).map(seed => `sha256:${seed.toString(16).padStart(64, '0')}`);
const repository = fc.stringMatching(/^[a-z][a-z0-9]{0,8}(\/[a-z][a-z0-9]{0,8})?$/);
const tag = fc.stringMatching(/^[\w][\w.-]{0,12}$/);
const stored: fc.Arbitrary<StoredImage> = fc.oneof(
  digest.map(found => ({ state: 'found' as const, digest: found })),
  fc.constant({ state: 'gone' as const }),
  fc.constant({ state: 'elsewhere' as const }),
);

const pin = (uri: string, image: StoredImage) => pinnedImage(uri, { image: () => Promise.resolve(image) });

describe('pinnedImage', () => {
  test('is named by its digest alone, whatever named it, or is refused by its name', async () => {
    const named = fc.tuple(repository, fc.option(tag), fc.option(digest)).map(([name, its, at]) => ({
      uri: `${REGISTRY}/${name}${its === null ? '' : `:${its}`}${at === null ? '' : `@${at}`}`,
      at,
    }));
    await fc.assert(
      fc.asyncProperty(named, stored, async ({ uri, at }, image) => {
        // what is found by a digest has that digest
        const known = image.state === 'found' && at !== null ? { ...image, digest: at } : image;
        const answer = await pin(uri, known);
        if ('problem' in answer) {
          expect(answer.problem).toContain(`image '${uri}'`);
          expect(known.state === 'gone' || (known.state === 'elsewhere' && at === null)).toBe(true);
        } else {
          expect(answer.uri).toMatch(BY_DIGEST);
          expect(answer.uri).toBe(`${uri.split('@')[0].replace(/:[^:/]+$/, '')}@${answer.digest}`);
          expect(answer.digest).toBe(known.state === 'found' ? known.digest : at);
        }
      }),
    );
  });

  test('fails for a tag of another registry, with what to do', async () => {
    expect(await pin('763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch:2', { state: 'elsewhere' })).toEqual({
      problem:
        "image '763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch:2' lies in another registry than this account's in " +
        "this region, where no tag can be looked up, name it by its digest, '…@sha256:…'",
    });
  });
});

describe('a run whose settings name images by tags', () => {
  const TRAINER = `${REGISTRY}/trainer:1`;
  const SERVER = `${REGISTRY}/model-server:1`;
  const [FIRST, SECOND, SERVING] = ['a', 'b', 'c'].map(digit => `sha256:${digit.repeat(64)}`);

  function world(): World {
    const made = new World();
    made.deployed = { ...SETTINGS, image: TRAINER, inferenceImage: SERVER };
    made.images.set(TRAINER, FIRST).set(SERVER, SERVING);
    for (const one of [FIRST, SECOND]) made.images.set(`${REGISTRY}/trainer@${one}`, one);
    made.images.set(`${REGISTRY}/model-server@${SERVING}`, SERVING);
    return made;
  }

  async function begin(outside: World, execution = EXECUTION) {
    const guarded = await guardStep(inputOf(), execution, outside);
    if (guarded.outcome !== 'continue') throw new Error(guarded.reason);
    return contextOf({ settings: guarded.settings, execution });
  }

  async function claim(outside: World, context: Awaited<ReturnType<typeof begin>>) {
    const claimed = await claimStep(context, FROZEN, SURROUNDINGS, outside);
    if (claimed.outcome !== 'continue') throw new Error(claimed.reason);
    return claimed;
  }

  test('trains, evaluates and is written down with the image that they meant when it began', async () => {
    // GIVEN
    const outside = world();
    const context = await begin(outside);

    // WHEN
    outside.images.set(TRAINER, SECOND);
    const { runId, trainingJob, processingJob } = await claim(outside, context);

    // THEN
    const image = `${REGISTRY}/trainer@${FIRST}`;
    expect(trainingJob.AlgorithmSpecification?.TrainingImage).toBe(image);
    expect(processingJob.AppSpecification?.ImageUri).toBe(image);
    const run = runSchema.parse(JSON.parse(outside.files.get(`s3://artifacts/rain/runs/${runId}/run.json`) ?? ''));
    expect(run.inputs.image).toBe(image);
  });

  test('goes on with that image when a step is done again after the tag moved', async () => {
    const outside = world();
    const context = await begin(outside);
    const before = await claim(outside, context);

    outside.images.set(TRAINER, SECOND);

    expect(await claim(outside, context)).toEqual(before);
  });

  test('is another run once the tag means another image', async () => {
    // GIVEN
    const outside = world();
    const first = await claim(outside, await begin(outside));

    // WHEN
    outside.images.set(TRAINER, SECOND);
    outside.state = { ...outside.state, trainings: [], lastTrainingAt: undefined };
    const second = await claim(outside, await begin(outside, `${EXECUTION}-2`));

    // THEN
    expect(second.runId).not.toBe(first.runId);
    expect(second.trainingJob.AlgorithmSpecification?.TrainingImage).toBe(`${REGISTRY}/trainer@${SECOND}`);
  });

  test('makes a version that refers to its serving image by digest', async () => {
    // GIVEN
    const outside = world();
    const context = await begin(outside);
    const { runId } = await claim(outside, context);
    const run = outside.runRecords.get(runId);
    if (run === undefined) throw new Error('no run was claimed');
    outside.runRecords.set(runId, { ...run, auc: 0.9 });
    outside.files.set(`${run.evaluationUri}/evaluation.json`, JSON.stringify(evaluationOf(0.9)));
    outside.files.set(`${run.evaluationUri}/baseline.json`, JSON.stringify(BASELINE));
    outside.files.set(run.modelDataUri, 'model');

    // WHEN
    outside.images.set(SERVER, SECOND);
    await registerStep(context, runId, outside);

    // THEN
    expect(outside.created[0]?.InferenceSpecification?.Containers?.[0]).toMatchObject({
      Image: `${REGISTRY}/model-server@${SERVING}`,
      ImageDigest: SERVING,
    });
  });

  test.each([
    ['training', TRAINER],
    ['serving', SERVER],
  ])('fails before anything is trained when its %s image is not there', async (_, uri) => {
    const outside = world();
    outside.images.delete(uri);

    expect(await guardStep(inputOf(), EXECUTION, outside)).toEqual({
      outcome: 'failed',
      reason: `image '${uri}' is not in its repository, push it, or name in the settings one that is there`,
    });
  });
});
