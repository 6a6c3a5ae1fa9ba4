import type { DescribeModelPackageCommandOutput, MetricsSource } from '@aws-sdk/client-sagemaker';
import { imageByDigest, isByDigest } from '../shared/ecr-images';

/** What of SageMaker's answer is read. */
export type Described = Omit<DescribeModelPackageCommandOutput, '$metadata'>;

/** A document of a version, with what its bytes must be. */
export interface Proved {
  readonly uri: string;
  /** In hex. */
  readonly sha256: string;
}

/** A version of the giving environment: all that makes it what it is, each part by its digest. */
export interface SourceVersion {
  readonly arn: string;
  readonly runId: string;
  /** Folder in which all that its run left lies, with a slash at its end. */
  readonly folder: string;
  /** By digest. */
  readonly image: string;
  readonly modelData: Proved;
  readonly evaluation: Proved;
  readonly baseline: Proved;
  readonly described: Described;
}

/** Why a version cannot be promoted. */
export interface Unfit {
  readonly unfit: string;
}

/** A run's folder, or that of a version which was promoted itself. */
const FOLDER = /^s3:\/\/[^/]+\/[^/]+\/(?:runs\/[0-9a-f]+|promoted\/[a-z][a-z0-9]*\/\d+)\//;

/** Reads a package as one that can be proved whole elsewhere, or tells what it lacks. */
export function sourceVersion(described: Described): SourceVersion | Unfit {
  const containers = described.InferenceSpecification?.Containers ?? [];
  const [container] = containers;
  const properties = described.CustomerMetadataProperties ?? {};
  const { runId, modelDataSha256 } = properties as Partial<typeof properties>;
  const evaluation = proved(described.ModelMetrics?.ModelQuality?.Statistics);
  const baseline = proved(described.DriftCheckBaselines?.ModelDataQuality?.Statistics);
  const { Image, ImageDigest, ModelDataUrl: uri } = containers.length === 1 ? container : {};
  const folder = FOLDER.exec(uri ?? '')?.[0];
  const image = Image === undefined ? '' : imageByDigest(Image, ImageDigest);
  const lacks = [
    ...(containers.length === 1 ? [] : [`one container in 'InferenceSpecification', it has ${containers.length}`]),
    ...(isByDigest(image) ? [] : [`an image by digest, it has '${image}'`]),
    ...(runId === undefined ? ["a run: 'runId' in 'CustomerMetadataProperties'"] : []),
    ...(modelDataSha256 === undefined ? ["'modelDataSha256' in 'CustomerMetadataProperties'"] : []),
    ...(folder === undefined ? [`'ModelDataUrl' in the folder of a run, it has '${uri ?? '(none)'}'`] : []),
    ...(evaluation === undefined ? ["an evaluation with its digest in 'ModelMetrics'"] : []),
    ...(baseline === undefined ? ["a baseline with its digest in 'DriftCheckBaselines'"] : []),
    ...[evaluation, baseline].flatMap(document =>
      document === undefined || folder === undefined || document.uri.startsWith(folder)
        ? []
        : [`all of its files under '${folder}', it has '${document.uri}'`],
    ),
  ];
  const arn = described.ModelPackageArn ?? '';
  if (
    lacks.length > 0 ||
    runId === undefined ||
    modelDataSha256 === undefined ||
    uri === undefined ||
    folder === undefined ||
    evaluation === undefined ||
    baseline === undefined
  ) {
    return { unfit: `'${arn}' must have ${lacks.join('; ')}` };
  }
  return { arn, runId, folder, image, modelData: { uri, sha256: modelDataSha256 }, evaluation, baseline, described };
}

function proved(source: MetricsSource | undefined): Proved | undefined {
  const digest = /^sha256:([0-9a-f]{64})$/.exec(source?.ContentDigest ?? '')?.[1];
  return source?.S3Uri === undefined || digest === undefined ? undefined : { uri: source.S3Uri, sha256: digest };
}
