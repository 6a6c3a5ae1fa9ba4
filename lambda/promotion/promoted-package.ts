import type { CreateModelPackageCommandInput } from '@aws-sdk/client-sagemaker';
import { sha256 } from '../shared/canonical-json';
import type { SourceVersion } from './source-version';

/** Where the parts of a version lie in the receiving account. */
export interface Arrived {
  readonly modelDataUri: string;
  /** S3's own name of the artifact's bytes here, without quotes. */
  readonly modelDataEtag?: string;
  readonly evaluationUri: string;
  readonly baselineUri: string;
  /** By digest, in a repository of the receiving account. */
  readonly image: string;
}

/** By whose word the version was good where it comes from. */
export interface Approval {
  readonly by: string;
  /** ISO 8601. */
  readonly at: string;
  readonly reason: string;
}

/** SageMaker's limit on a client token. */
const TOKEN_DIGITS = 32;

/** SageMaker's limit on a metadata property's value. */
const MAX_PROPERTY = 256;

/** The champion is a version of the giving environment; here its number would mean another. */
const LEFT_BEHIND = new Set(['champion', 'championAuc']);

/** Property by which a version is recognised as the promoted one. */
export const PROMOTED_FROM = 'promotedFrom';

/** The same version in the receiving account: waits for a person there, and says where it comes from. */
export function promotedPackage(
  group: string,
  source: SourceVersion,
  arrived: Arrived,
  approval: Approval,
): CreateModelPackageCommandInput {
  const { described, arn } = source;
  const container = described.InferenceSpecification?.Containers?.[0];
  const document = (S3Uri: string, digest: string) => ({
    ContentType: 'application/json',
    S3Uri,
    ContentDigest: `sha256:${digest}`,
  });
  const evaluation = document(arrived.evaluationUri, source.evaluation.sha256);
  const baseline = document(arrived.baselineUri, source.baseline.sha256);
  const own = Object.entries(described.CustomerMetadataProperties ?? {}).filter(([name]) => !LEFT_BEHIND.has(name));
  const properties = Object.fromEntries(own) as Partial<Record<string, string>>;
  return {
    ModelPackageGroupName: group,
    ModelPackageDescription: described.ModelPackageDescription,
    ModelApprovalStatus: 'PendingManualApproval',
    // a second request with the same token makes no second version
    ClientToken: sha256(arn).slice(0, TOKEN_DIGITS),
    InferenceSpecification: {
      Containers: [
        {
          Image: arrived.image,
          ImageDigest: arrived.image.split('@')[1],
          ModelDataUrl: arrived.modelDataUri,
          ...(arrived.modelDataEtag === undefined ? {} : { ModelDataETag: arrived.modelDataEtag }),
          ...(container?.Environment === undefined ? {} : { Environment: container.Environment }),
        },
      ],
      SupportedContentTypes: described.InferenceSpecification?.SupportedContentTypes,
      SupportedResponseMIMETypes: described.InferenceSpecification?.SupportedResponseMIMETypes,
    },
    ModelMetrics: { ModelQuality: { Statistics: evaluation } },
    DriftCheckBaselines: { ModelQuality: { Statistics: evaluation }, ModelDataQuality: { Statistics: baseline } },
    // it tells of the training, which was there; whether it is right is judged anew
    ...(described.ModelCard?.ModelCardContent === undefined
      ? {}
      : { ModelCard: { ModelCardContent: described.ModelCard.ModelCardContent, ModelCardStatus: 'PendingReview' } }),
    CustomerMetadataProperties: {
      ...Object.fromEntries(own),
      [PROMOTED_FROM]: arn,
      // the first of a row of environments
      trainedAs: properties.trainedAs ?? arn,
      approvedThereBy: approval.by.slice(0, MAX_PROPERTY),
      approvedThereAt: approval.at,
    },
  };
}
