import fc from 'fast-check';
import type { Asked } from '../../../lambda/promotion/event';
import { promote, type Outcome } from '../../../lambda/promotion/promote';
import { FOLDER, FROM, IMAGE_DIGEST, RUN_ID, SOURCE_ARN, World } from './world';

const ASKED: Asked = { what: 'promote', model: 'rain', version: '3', arn: SOURCE_ARN };
const HERE = 's3://ours/rain/promoted/dev/3/';
const ARN = 'arn:aws:sagemaker:eu-west-1:222222222222:model-package/mlops-prod-rain/1';

const promoteIn = (world: World): Promise<Outcome> => promote(ASKED, FROM, 'ours', world);

test('an approved version is registered here as it is there, and waits', async () => {
  // GIVEN
  const world = new World();

  // WHEN
  const outcome = await promoteIn(world);

  // THEN
  expect(outcome).toMatchObject({ outcome: 'promoted', version: '1', modelPackageArn: ARN });
  const { evaluation, baseline } = {
    evaluation: world.described.ModelMetrics?.ModelQuality?.Statistics,
    baseline: world.described.DriftCheckBaselines?.ModelDataQuality?.Statistics,
  };
  expect(world.made[0]).toMatchObject({
    ModelPackageGroupName: 'mlops-prod-rain',
    ModelApprovalStatus: 'PendingManualApproval',
    InferenceSpecification: {
      Containers: [
        {
          Image: `222222222222.dkr.ecr.eu-west-1.amazonaws.com/served@${IMAGE_DIGEST}`,
          ImageDigest: IMAGE_DIGEST,
          ModelDataUrl: `${HERE}training/job/output/model.tar.gz`,
          // S3's name of the copy, not of the original
          ModelDataETag: 'etag-a model',
          Environment: { THREADS: '2' },
        },
      ],
    },
    ModelMetrics: {
      ModelQuality: {
        Statistics: { S3Uri: `${HERE}evaluation/job/evaluation.json`, ContentDigest: evaluation?.ContentDigest },
      },
    },
    DriftCheckBaselines: {
      ModelDataQuality: {
        Statistics: { S3Uri: `${HERE}evaluation/job/baseline.json`, ContentDigest: baseline?.ContentDigest },
      },
    },
    CustomerMetadataProperties: {
      promotedFrom: SOURCE_ARN,
      trainedAs: SOURCE_ARN,
      runId: RUN_ID,
      approvedThereBy: 'ann',
    },
  });
  expect(world.objects.get(`${HERE}run.json`)).toBe(world.objects.get(`${FOLDER}run.json`));
});

test('the model card comes along, to be reviewed anew', async () => {
  const world = new World();
  world.described.ModelCard = { ModelCardContent: '{}', ModelCardStatus: 'Approved' };
  await promoteIn(world);
  expect(world.made[0]?.ModelCard).toEqual({ ModelCardContent: '{}', ModelCardStatus: 'PendingReview' });
});

test('a version without a model card is promoted without one', async () => {
  const world = new World();
  await promoteIn(world);
  expect(world.made[0]).not.toHaveProperty('ModelCard');
});

test("the champion's number there is left behind, since here it is another version's", async () => {
  const world = new World();
  await promoteIn(world);
  expect(Object.keys(world.made[0]?.CustomerMetadataProperties ?? {})).not.toContain('champion');
  expect(Object.keys(world.made[0]?.CustomerMetadataProperties ?? {})).not.toContain('championAuc');
});

test('the ledger remembers who approved it there, and a person is told what to do', async () => {
  const world = new World();
  await promoteIn(world);
  expect(world.records).toEqual([
    expect.objectContaining({
      from: {
        environment: 'dev',
        account: FROM.account,
        region: FROM.region,
        version: '3',
        modelPackageArn: SOURCE_ARN,
      },
      version: '1',
      approvedBy: 'ann',
      approvedAt: '2026-11-27T10:00:00.000Z',
      reason: 'looked at it',
      digests: expect.objectContaining({ image: IMAGE_DIGEST }),
    }),
  ]);
  expect(world.letters[0]?.youMay[0]).toContain(`--model-package-arn ${ARN} --model-approval-status Approved`);
});

test('what came from another environment itself goes on, and says where it was trained', async () => {
  // GIVEN
  const world = new World();
  for (const [uri, text] of [...world.objects]) {
    world.objects.set(uri.replace(`runs/${RUN_ID}`, 'promoted/lab/7'), text);
    world.objects.delete(uri);
  }
  world.described = JSON.parse(JSON.stringify(world.described).replaceAll(`runs/${RUN_ID}`, 'promoted/lab/7'));
  world.described.CreationTime = new Date('2026-11-27T09:00:00.000Z');
  world.described.LastModifiedTime = world.approvedAt;
  const properties = world.described.CustomerMetadataProperties ?? {};
  Object.assign(properties, { promotedFrom: 'arn:lab', trainedAs: 'arn:lab' });

  // WHEN
  expect(await promoteIn(world)).toMatchObject({ outcome: 'promoted' });

  // THEN
  expect(world.made[0]?.CustomerMetadataProperties).toMatchObject({ promotedFrom: SOURCE_ARN, trainedAs: 'arn:lab' });
  expect(world.objects.has(`${HERE}evaluation/job/baseline.json`)).toBe(true);
});

test('however often the event comes, and wherever the function dies, there is one version and one record', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(9), { maxLength: 5 }), async deaths => {
      // GIVEN
      const world = new World();
      for (const after of deaths) {
        world.diesAfter = after;
        Object.assign(world, { changes: 0 });
        await promoteIn(world).catch(() => undefined);
      }
      // WHEN
      world.diesAfter = Infinity;
      const last = await promoteIn(world);
      // THEN
      expect(['promoted', 'exists']).toContain(last.outcome);
      expect(last.version).toBe('1');
      expect(world.made).toHaveLength(1);
      expect(world.records).toHaveLength(1);
      expect(world.letters.length).toBeGreaterThan(0);
    }),
  );
});

test('a second try fetches nothing that is here already', async () => {
  const world = new World();
  world.diesAfter = 5;
  await expect(promoteIn(world)).rejects.toThrow('died');
  const before = world.copies.length;
  world.diesAfter = Infinity;
  await promoteIn(world);
  // the record of the run proves itself, and is small
  expect(world.copies.slice(before)).toEqual([`${FOLDER}run.json`]);
});

test('a part that is not what was registered keeps the whole version out, whichever part it is', async () => {
  const parts = [...new World().objects.keys()];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...parts), fc.string(), async (uri, text) => {
      const world = new World();
      fc.pre(text !== world.objects.get(uri));
      world.objects.set(uri, text);
      expect(await promoteIn(world)).toMatchObject({ outcome: 'refused' });
      expect([world.made, world.records]).toEqual([[], []]);
      expect(world.letters[0]?.subject).toBe('rain: version 3 of dev was NOT promoted');
      expect(world.letters[0]?.what).toContain(`'${uri}' is not`);
    }),
  );
});

test('a part that cannot be read is tried again, and not taken for a refusal', async () => {
  const world = new World();
  world.objects.delete(`${FOLDER}run.json`);
  await expect(promoteIn(world)).rejects.toThrow('could not be copied');
  expect(world.letters).toEqual([]);
});

test.each([
  ['no digest of its image', { ImageDigest: undefined }, "an image by digest, it has '111111111111.dkr"],
  [
    'its model outside of a run',
    { ModelDataUrl: 's3://theirs/rain/elsewhere' },
    "'ModelDataUrl' in the folder of a run",
  ],
])('a version with %s is refused by what it lacks', async (_, container, words) => {
  const world = new World();
  Object.assign(world.described.InferenceSpecification?.Containers?.[0] ?? {}, container);
  expect(await promoteIn(world)).toMatchObject({ outcome: 'refused' });
  expect(world.letters[0]?.what).toContain(words);
  expect(world.copies).toEqual([]);
});

test('a version whose documents lie in another folder is refused: nothing else of the bucket is fetched', async () => {
  const world = new World();
  Object.assign(world.described.ModelMetrics?.ModelQuality?.Statistics ?? {}, { S3Uri: 's3://theirs/churn/secret' });
  expect(await promoteIn(world)).toMatchObject({ outcome: 'refused' });
  expect(world.letters[0]?.what).toContain(`all of its files under '${FOLDER}', it has 's3://theirs/churn/secret'`);
  expect(world.copies).toEqual([]);
});

test('an event that comes when the version is approved no more does nothing', async () => {
  const world = new World();
  world.described.ModelApprovalStatus = 'Rejected';
  expect(await promoteIn(world)).toMatchObject({ outcome: 'ignored' });
  expect([world.made, world.letters]).toEqual([[], []]);
});

test('a model that this environment does not have is ignored', async () => {
  const world = new World();
  world.groups.clear();
  expect(await promoteIn(world)).toEqual({ outcome: 'ignored', detail: "this environment has no model 'rain'" });
});

test('a version that does not exist is refused, as a person may have asked for it', async () => {
  const world = new World();
  expect(await promote({ ...ASKED, version: '4', arn: `${SOURCE_ARN}4` }, FROM, 'ours', world)).toMatchObject({
    outcome: 'refused',
    detail: `'${SOURCE_ARN}4' does not exist`,
  });
});
