import type { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { ComputeType } from 'aws-cdk-lib/aws-codebuild';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { ImageBuilder } from './image-builder';

/** Settings of an image that is built while its stack is deployed. */
export interface ImageBuildProps {
  /** Folder of the Dockerfile and of what it copies. What its `.dockerignore` leaves out is not uploaded either. */
  readonly directory: string;

  /**
   * Path of the Dockerfile in the folder.
   *
   * @default 'Dockerfile'
   */
  readonly file?: string;

  /**
   * Build arguments. They stand in the image's history: no place for secrets.
   *
   * @default - none
   */
  readonly buildArgs?: Record<string, string>;

  /**
   * Platform of the instances that run the image, `Platform.LINUX_AMD64` or `Platform.LINUX_ARM64`; it is built on such
   * a machine.
   *
   * @default Platform.LINUX_AMD64
   */
  readonly platform?: Platform;

  /**
   * Repositories from which the build may pull: base images, or those of a pull-through cache, which it may fill.
   *
   * @default - public registries only
   */
  readonly baseRepositories?: IRepository[];

  /**
   * Name of the image's own repository.
   *
   * @default - CloudFormation makes one
   */
  readonly repositoryName?: string;

  /**
   * Key under which the images are encrypted. Another key replaces the repository.
   *
   * @default - the key that ECR has in the account
   */
  readonly encryptionKey?: IKey;

  /**
   * Size of the machine that builds.
   *
   * @default ComputeType.SMALL
   */
  readonly computeType?: ComputeType;

  /**
   * Time after which a build is stopped, at most 40 minutes: CloudFormation waits an hour, in which the build may also
   * wait for a machine.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * Function that waits for the build; give all images of an app the same one.
   *
   * @default - one of this image's own
   */
  readonly builder?: ImageBuilder;

  /**
   * What happens to the repository when it leaves the stack. `DESTROY` keeps it all the same unless `deleteData` is true
   * too: versions that serve refer to its images.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Second word on the deletion of the images, beside `RemovalPolicy.DESTROY`.
   *
   * @default false
   */
  readonly deleteData?: boolean;
}
