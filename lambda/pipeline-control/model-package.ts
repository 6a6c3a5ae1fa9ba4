import type { CreateModelPackageCommandInput } from '@aws-sdk/client-sagemaker';
import type { Evaluation, TrainingSettings } from '../shared/contracts';
import { modelCard } from './model-card';
import type { PinnedImage } from './pinned-image';
import type { ObjectDigest } from './ports';
import type { RunRecord } from './records';

const JSON_TYPE = 'application/json';

/** SageMaker's limit on a client token. */
const TOKEN_RUN_DIGITS = 32;

/** SageMaker's limit on a metadata property's value. */
const MAX_PROPERTY = 256;

/** Digests of what a version is made of, those of its documents SHA-256 in hex. */
export interface VersionDigests {
  modelData: ObjectDigest;
  /** The image in which the version serves. */
  image: PinnedImage;
  evaluation: string;
  baseline: string;
}

/** Properties by which a version is recognised as a run's. */
export function identityOf(run: RunRecord): { runId: string; trainingJob: string } {
  return { runId: run.runId, trainingJob: run.jobName };
}

/** A version that waits for a person: what it is, what it was made from, and what it is to be held against. */
export function modelPackageRequest(
  run: RunRecord,
  settings: TrainingSettings,
  evaluated: Evaluation,
  digests: VersionDigests,
): CreateModelPackageCommandInput {
  const evaluation = {
    ContentType: JSON_TYPE,
    S3Uri: `${run.evaluationUri}/evaluation.json`,
    ContentDigest: `sha256:${digests.evaluation}`,
  };
  const baseline = {
    ContentType: JSON_TYPE,
    S3Uri: `${run.evaluationUri}/baseline.json`,
    ContentDigest: `sha256:${digests.baseline}`,
  };
  const { auc } = evaluated.challenger;
  const properties: Record<string, string> = {
    ...identityOf(run),
    attempt: String(run.attempt),
    snapshotDigest: run.inputs.snapshotDigest,
    schemaDigest: run.schemaDigest,
    codeDigest: run.inputs.codeDigest,
    image: run.inputs.image,
    seed: String(run.inputs.seed),
    auc: String(auc),
    modelDataSha256: digests.modelData.sha256,
    ...(run.champion === undefined ? {} : { champion: run.champion }),
    ...(run.championAuc === undefined ? {} : { championAuc: String(run.championAuc) }),
  };
  return {
    ModelPackageGroupName: settings.modelPackageGroupName,
    ModelPackageDescription: `run ${run.runId}, AUC ${auc.toFixed(4)} on held-out rows`,
    ModelApprovalStatus: 'PendingManualApproval',
    // a second request with the same token makes no second version
    ClientToken: `${run.runId.slice(0, TOKEN_RUN_DIGITS)}-${run.attempt}`,
    InferenceSpecification: {
      Containers: [
        {
          Image: digests.image.uri,
          ImageDigest: digests.image.digest,
          ModelDataUrl: run.modelDataUri,
          // a release refuses an artifact that was overwritten since
          ...(digests.modelData.etag === undefined ? {} : { ModelDataETag: digests.modelData.etag }),
        },
      ],
      SupportedContentTypes: [JSON_TYPE, 'text/csv'],
      SupportedResponseMIMETypes: [JSON_TYPE],
    },
    ModelMetrics: { ModelQuality: { Statistics: evaluation } },
    DriftCheckBaselines: { ModelQuality: { Statistics: evaluation }, ModelDataQuality: { Statistics: baseline } },
    ModelCard: modelCard(run, settings, evaluated, digests),
    CustomerMetadataProperties: Object.fromEntries(
      Object.entries(properties).map(([name, value]) => [name, value.slice(0, MAX_PROPERTY)]),
    ),
  };
}

/** Version number in a model package's ARN. */
export function versionOf(modelPackageArn: string): string {
  const version = modelPackageArn.split('/').at(-1);
  if (version === undefined || !/^\d+$/.test(version)) {
    throw new Error(`model package '${modelPackageArn}' must end with its version, e.g. 'model-package/group/1'`);
  }
  return version;
}
