import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { DescribeModelPackageCommand, type SageMakerClient } from '@aws-sdk/client-sagemaker';
import { baselineSchema, type Baseline } from '../shared/contracts';

/** Baselines as the model packages name them, each proved by the digest beside its address. */
export class BaselineSource {
  constructor(
    private readonly sagemaker: SageMakerClient,
    private readonly s3: S3Client,
  ) {}

  /** Baseline of a model package. */
  async read(modelPackageArn: string): Promise<Baseline> {
    const described = await this.sagemaker.send(new DescribeModelPackageCommand({ ModelPackageName: modelPackageArn }));
    const statistics = described.DriftCheckBaselines?.ModelDataQuality?.Statistics;
    const address = /^s3:\/\/([^/]+)\/(.+)$/.exec(statistics?.S3Uri ?? '');
    if (address === null) {
      throw new Error(
        `model package '${modelPackageArn}' has '${statistics?.S3Uri ?? ''}' in 'DriftCheckBaselines.ModelDataQuality.Statistics.S3Uri', must be the S3 address of its baseline.json, register a version by the training pipeline`,
      );
    }
    const [, bucket, key] = address;
    const answer = await this.s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    const bytes = Buffer.from((await answer.Body?.transformToByteArray()) ?? []);
    const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
    const registered = statistics?.ContentDigest?.toLowerCase();
    if (digest !== registered) {
      throw new Error(
        `baseline '${statistics?.S3Uri ?? ''}' has digest '${digest}', model package '${modelPackageArn}' was registered with '${registered ?? ''}', restore the object's registered content`,
      );
    }
    return baselineSchema.parse(JSON.parse(bytes.toString('utf8')));
  }
}
