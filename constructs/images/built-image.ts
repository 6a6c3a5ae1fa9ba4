import { CustomResource, Duration } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { ModelImage } from '../training/model-image';

/** CloudFormation's limit. */
const SERVICE_TIMEOUT = Duration.hours(1);

/** Settings of an image that is built elsewhere. */
export interface BuiltImageProps {
  /** Function of the `ImageBuilder` that builds the image. */
  readonly builderFunction: IFunction;

  /** Repository of the image. */
  readonly repository: IRepository;

  /** Tag of the image, as `ImageBuild.imageTag` tells it. */
  readonly imageTag: string;

  /**
   * CodeBuild project that builds the image if it is not in its repository.
   *
   * @default - it must be there
   */
  readonly projectName?: string;
}

/**
 * An image by its digest, in whichever stack it is used. The tag is known at synth and made of the image's source, so
 * that no stack hands another one a value that changes: CloudFormation refuses to change an export that is in use.
 */
export class BuiltImage extends Construct {
  /** The image, by its digest. */
  public readonly image: ModelImage;

  /** Digest of the image, `sha256:…`. */
  public readonly imageDigest: string;

  constructor(scope: Construct, id: string, props: BuiltImageProps) {
    super(scope, id);
    const resource = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::MlopsImage',
      serviceToken: props.builderFunction.functionArn,
      serviceTimeout: SERVICE_TIMEOUT,
      properties: {
        RepositoryUri: props.repository.repositoryUri,
        ImageTag: props.imageTag,
        ProjectName: props.projectName,
      },
    });
    this.imageDigest = resource.getAttString('ImageDigest');
    this.image = ModelImage.fromEcrDigest(props.repository, this.imageDigest);
  }
}
