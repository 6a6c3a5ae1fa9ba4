import { GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import {
  DescribeModelPackageCommand,
  UpdateModelPackageCommand,
  type SageMakerClient,
} from '@aws-sdk/client-sagemaker';
import { imageByDigest, type EcrImages, type StoredImage } from '../shared/ecr-images';
import { baselineSchema } from '../shared/contracts';
import type { Artifact, PackagedVersion, RegistryPort, StoredBaseline } from './ports';
import { ifExists } from '../shared/sagemaker-errors';

/** The API's limit. */
const MAX_DESCRIPTION = 1024;

/** The SageMaker Model Registry, with the artifacts in S3 and the images in ECR to which its packages point. */
export class SageMakerRegistry implements RegistryPort {
  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly s3: S3Client,
    private readonly images: EcrImages,
    private readonly environmentName: string,
    /** `arn:<partition>:sagemaker:<region>:<account>:model-package/`: a version of a group has no other name. */
    private readonly packageArnPrefix: string,
  ) {}

  async describe(model: string, version: string): Promise<PackagedVersion | undefined> {
    const arn = this.packageArn(model, version);
    const found = await ifExists(() => this.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: arn })));
    if (found === undefined) return undefined;
    const container = found.InferenceSpecification?.Containers?.[0];
    if (container?.Image === undefined || container.ModelDataUrl === undefined) {
      throw new Error(
        `model package '${arn}' must name an image and an artifact in 'InferenceSpecification.Containers'`,
      );
    }
    return {
      model,
      version,
      arn,
      approval: found.ModelApprovalStatus ?? 'PendingManualApproval',
      approvalDescription: found.ApprovalDescription,
      approvedAt: (found.LastModifiedTime ?? found.CreationTime)?.toISOString(),
      image: imageByDigest(container.Image, container.ImageDigest),
      artifactUri: container.ModelDataUrl,
      artifactEtag: container.ModelDataETag,
      artifactSha256: found.CustomerMetadataProperties?.['modelDataSha256'],
      environment: container.Environment ?? {},
      baselineUri: found.DriftCheckBaselines?.ModelDataQuality?.Statistics?.S3Uri,
    };
  }

  async artifact(uri: string): Promise<Artifact | undefined> {
    try {
      const head = await this.s3.send(new HeadObjectCommand(location(uri)));
      return { etag: head.ETag };
    } catch (error) {
      if (error instanceof Error && (error.name === 'NotFound' || error.name === 'NoSuchKey')) return undefined;
      throw error;
    }
  }

  image(uri: string): Promise<StoredImage> {
    return this.images.find(uri);
  }

  async baseline(uri: string): Promise<StoredBaseline> {
    const lost = (problem: string): StoredBaseline => ({ state: 'lost', problem: `its baseline '${uri}' ${problem}` });
    try {
      const object = await this.s3.send(new GetObjectCommand(location(uri)));
      const parsed = baselineSchema.safeParse(JSON.parse((await object.Body?.transformToString()) ?? ''));
      return parsed.success ? { state: 'found', baseline: parsed.data } : lost('does not have the agreed shape');
    } catch (error) {
      if (error instanceof SyntaxError) return lost('is no JSON');
      if (error instanceof Error && error.name === 'NoSuchKey') return lost('is gone');
      throw error;
    }
  }

  async reject(model: string, version: string, reason: string): Promise<void> {
    await this.sagemaker.send(
      new UpdateModelPackageCommand({
        ModelPackageArn: this.packageArn(model, version),
        ModelApprovalStatus: 'Rejected',
        // the API takes no control characters
        ApprovalDescription: reason.replace(/\p{C}+/gu, ' ').slice(0, MAX_DESCRIPTION),
      }),
    );
  }

  private packageArn(model: string, version: string): string {
    return `${this.packageArnPrefix}mlops-${this.environmentName}-${model}/${version}`;
  }
}

function location(uri: string): { Bucket: string; Key: string } {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (match === null) {
    throw new Error(`'${uri}' must be an S3 URI like 's3://bucket/key'`);
  }
  return { Bucket: match[1], Key: match[2] };
}
