import { modelPackageRequest, versionOf } from '../../../lambda/pipeline-control/model-package';
import { evaluationOf, SERVER_DIGEST, SETTINGS } from './fixtures';
import { runOf } from './run-fixture';

const DIGESTS = {
  image: { uri: SETTINGS.inferenceImage, digest: SERVER_DIGEST },
  modelData: { sha256: '1'.repeat(64), etag: 'tag' },
  evaluation: '2'.repeat(64),
  baseline: '3'.repeat(64),
};

describe('modelPackageRequest', () => {
  const run = runOf({ champion: '4', championAuc: 0.81 });
  const request = modelPackageRequest(run, SETTINGS, evaluationOf(0.85), DIGESTS);

  test('makes a version that waits for a person', () => {
    expect(request).toMatchObject({
      ModelPackageGroupName: 'mlops-test-rain',
      ModelApprovalStatus: 'PendingManualApproval',
      InferenceSpecification: {
        Containers: [{ Image: SETTINGS.inferenceImage, ModelDataUrl: run.modelDataUri, ModelDataETag: 'tag' }],
      },
    });
  });

  test('names its serving image by digest', () => {
    expect(request.InferenceSpecification?.Containers?.[0]).toMatchObject({
      Image: expect.stringMatching(/@sha256:[0-9a-f]{64}$/) as string,
      ImageDigest: SERVER_DIGEST,
    });
  });

  test('carries its evaluation and its baseline, each with its digest', () => {
    expect(request.ModelMetrics?.ModelQuality?.Statistics).toEqual({
      ContentType: 'application/json',
      S3Uri: `${run.evaluationUri}/evaluation.json`,
      ContentDigest: `sha256:${DIGESTS.evaluation}`,
    });
    expect(request.DriftCheckBaselines?.ModelDataQuality?.Statistics).toEqual({
      ContentType: 'application/json',
      S3Uri: `${run.evaluationUri}/baseline.json`,
      ContentDigest: `sha256:${DIGESTS.baseline}`,
    });
  });

  test('says what it was made from', () => {
    expect(request.CustomerMetadataProperties).toEqual({
      runId: run.runId,
      trainingJob: run.jobName,
      attempt: '1',
      snapshotDigest: run.inputs.snapshotDigest,
      schemaDigest: run.schemaDigest,
      codeDigest: run.inputs.codeDigest,
      image: run.inputs.image,
      seed: '42',
      auc: '0.85',
      modelDataSha256: DIGESTS.modelData.sha256,
      champion: '4',
      championAuc: '0.81',
    });
  });

  test('has a token by which SageMaker knows a second request of the same attempt', () => {
    const again = modelPackageRequest(run, SETTINGS, evaluationOf(0.85), DIGESTS).ClientToken;
    const retried = modelPackageRequest(runOf({ attempt: 2 }), SETTINGS, evaluationOf(0.85), DIGESTS).ClientToken;

    expect(request.ClientToken).toBe(again);
    expect(request.ClientToken).not.toBe(retried);
    expect(request.ClientToken).toMatch(/^[a-zA-Z0-9-]{1,36}$/);
  });

  test('keeps to the length that SageMaker allows a property', () => {
    const long = runOf({ inputs: { ...run.inputs, image: 'i'.repeat(300) } });

    expect(
      modelPackageRequest(long, SETTINGS, evaluationOf(0.85), DIGESTS).CustomerMetadataProperties?.image,
    ).toHaveLength(256);
  });
});

describe('versionOf', () => {
  test('reads the version', () => {
    expect(versionOf('arn:aws:sagemaker:eu-west-1:1:model-package/mlops-test-rain/12')).toBe('12');
  });

  test('fails on an ARN without one', () => {
    expect(() => versionOf('arn:aws:sagemaker:eu-west-1:1:model-package/rain')).toThrow(/must end with its version/);
  });
});
