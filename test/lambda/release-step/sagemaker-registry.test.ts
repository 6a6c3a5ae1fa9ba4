import { EcrImages } from '../../../lambda/shared/ecr-images';
import { SageMakerRegistry } from '../../../lambda/release-step/sagemaker-registry';
import { modelPackageRequest } from '../../../lambda/pipeline-control/model-package';
import { evaluationOf, SERVER_DIGEST, SETTINGS } from '../pipeline-control/fixtures';
import { runOf } from '../pipeline-control/run-fixture';
import { fakeClient, serviceError, type Responder } from '../support/fake-client';

const PREFIX = 'arn:aws:sagemaker:eu-west-1:000000000000:model-package/';

const NO_IMAGES = new EcrImages(fakeClient({}).client, { account: '000000000000', region: 'eu-west-1' });

function registry(sagemaker: Partial<Record<string, Responder>>, s3: Partial<Record<string, Responder>> = {}) {
  const models = fakeClient(sagemaker);
  const objects = fakeClient(s3);
  return {
    registry: new SageMakerRegistry(models.client, objects.client, NO_IMAGES, 'local', PREFIX),
    sent: models.sent,
    read: objects.sent,
  };
}

const PACKAGE = {
  ModelApprovalStatus: 'Approved',
  ApprovalDescription: 'good',
  LastModifiedTime: new Date('2026-11-24T03:00:00.000Z'),
  InferenceSpecification: {
    Containers: [
      {
        Image: 'image',
        ModelDataUrl: 's3://artifacts/rain/model.tar.gz',
        ModelDataETag: 'tag',
        ImageDigest: 'sha256:1',
      },
    ],
  },
  DriftCheckBaselines: { ModelDataQuality: { Statistics: { S3Uri: 's3://artifacts/rain/baseline.json' } } },
};

describe('SageMakerRegistry', () => {
  test('describes a version by its ARN', async () => {
    const { registry: models, sent } = registry({ DescribeModelPackage: () => PACKAGE });
    expect(await models.describe('rain', '2')).toEqual({
      model: 'rain',
      version: '2',
      arn: `${PREFIX}mlops-local-rain/2`,
      approval: 'Approved',
      approvalDescription: 'good',
      approvedAt: '2026-11-24T03:00:00.000Z',
      image: 'image@sha256:1',
      artifactUri: 's3://artifacts/rain/model.tar.gz',
      artifactEtag: 'tag',
      environment: {},
      baselineUri: 's3://artifacts/rain/baseline.json',
    });
    expect(sent[0]?.input).toEqual({ ModelPackageName: `${PREFIX}mlops-local-rain/2` });
  });

  test('knows what the pipeline registered, so that an artifact overwritten since is told apart', async () => {
    // GIVEN
    const request = modelPackageRequest(runOf(), SETTINGS, evaluationOf(0.85), {
      image: { uri: SETTINGS.inferenceImage, digest: SERVER_DIGEST },
      modelData: { sha256: '1'.repeat(64), etag: 'as registered' },
      evaluation: '2'.repeat(64),
      baseline: '3'.repeat(64),
    });

    // WHEN
    const packaged = await registry({ DescribeModelPackage: () => request }).registry.describe('rain', '2');

    // THEN
    expect(packaged?.artifactEtag).toBe('as registered');
  });

  test('knows no version that is not there', async () => {
    const { registry: models } = registry({
      DescribeModelPackage: () => {
        throw serviceError('ValidationException', 'ModelPackage arn does not exist.');
      },
    });
    expect(await models.describe('rain', '9')).toBeUndefined();
  });

  test('fails on a version that cannot serve', async () => {
    const { registry: models } = registry({ DescribeModelPackage: () => ({ ModelApprovalStatus: 'Approved' }) });
    await expect(models.describe('rain', '2')).rejects.toThrow('must name an image and an artifact');
  });

  test('tells an artifact that is gone from one that cannot be read', async () => {
    const failing = (name: string) => () => {
      throw serviceError(name);
    };
    const uri = 's3://artifacts/rain/model.tar.gz';
    expect(await registry({}, { HeadObject: failing('NotFound') }).registry.artifact(uri)).toBeUndefined();
    await expect(registry({}, { HeadObject: failing('Forbidden') }).registry.artifact(uri)).rejects.toThrow(
      'Forbidden',
    );
    const { registry: models, read } = registry({}, { HeadObject: () => ({ ETag: '"tag"' }) });
    expect(await models.artifact(uri)).toEqual({ etag: '"tag"' });
    expect(read[0]?.input).toEqual({ Bucket: 'artifacts', Key: 'rain/model.tar.gz' });
  });

  test('fails on a location that is none in S3', async () => {
    await expect(registry({}).registry.artifact('https://x')).rejects.toThrow("'https://x' must be an S3 URI");
  });

  test.each([
    ['of another shape', () => ({ Body: { transformToString: () => Promise.resolve('{}') } }), 'the agreed shape'],
    ['that is no JSON', () => ({ Body: { transformToString: () => Promise.resolve('<a>') } }), 'is no JSON'],
    [
      'that is not there',
      () => {
        throw serviceError('NoSuchKey');
      },
      'is gone',
    ],
  ])('says of a baseline %s that nobody can read it', async (_case, GetObject: Responder, problem) => {
    const { registry: models } = registry({}, { GetObject });
    expect(await models.baseline('s3://a/b')).toEqual({ state: 'lost', problem: expect.stringContaining(problem) });
  });

  test('does not take a failure for a lost baseline', async () => {
    const { registry: models } = registry(
      {},
      {
        GetObject: () => {
          throw serviceError('SlowDown');
        },
      },
    );
    await expect(models.baseline('s3://a/b')).rejects.toThrow('SlowDown');
  });

  test('rejects with a reason that the API takes', async () => {
    const { registry: models, sent } = registry({ UpdateModelPackage: () => ({}) });
    await models.reject('rain', '2', `drift\n${'x'.repeat(2000)}`);
    const { ApprovalDescription: description, ...rest } = sent[0]?.input as { ApprovalDescription: string };
    expect(rest).toEqual({ ModelPackageArn: `${PREFIX}mlops-local-rain/2`, ModelApprovalStatus: 'Rejected' });
    expect(description).toHaveLength(1024);
    expect(description).toMatch(/^drift x+$/);
  });
});
