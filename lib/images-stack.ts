import { Stack, type StackProps } from 'aws-cdk-lib';
import { type IRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import type { Construct } from 'constructs';
import { ImageBuild, ImageBuilder } from '../constructs';
import type { Environment } from './config/environment';
import { type BuiltImageConfig, type ImageConfig, isBuilt } from './config/image-schema';
import { dataRemoval } from './data-removal';

/** Each is six resources, and CloudFormation takes 500 in a stack. */
const MAX_IMAGES = 64;

/** Settings of the stack of images. */
export interface ImagesStackProps extends StackProps {
  readonly environment: Environment;
}

/** The images that an environment builds. */
export function builtImages({ images, models }: Environment): BuiltImageConfig[] {
  return [images.trainer, images.modelServer, ...models.flatMap(model => model.trainingImage ?? [])].filter(isBuilt);
}

/**
 * The images that an environment builds, with their repositories: deployed before the models that use them. Those find
 * the repositories by name and the images by tag, which each synth knows: an export that changed would block the update.
 */
export class ImagesStack extends Stack {
  public readonly builder: ImageBuilder;
  private readonly builds = new Map<string, ImageBuild>();

  constructor(scope: Construct, id: string, props: ImagesStackProps) {
    super(scope, id, props);
    const { environment } = props;
    const images = builtImages(environment);
    if (images.length > MAX_IMAGES) {
      throw new Error(
        `${this.node.path}: ${images.length} images are built, must be at most ${MAX_IMAGES}, give some models the environment's 'trainer' or an image by name`,
      );
    }
    this.builder = new ImageBuilder(this, 'Builder');
    for (const { repository, baseRepositories, ...settings } of images) {
      // what is special of its name is what follows the environment's
      const name = repository.slice(repository.indexOf('/') + 1);
      const build = new ImageBuild(this, `Image-${name.replaceAll('/', '-')}`, {
        ...dataRemoval(environment),
        ...settings,
        repositoryName: repository,
        baseRepositories: baseRepositories?.map(base =>
          Repository.fromRepositoryName(this, `Base-${name.replaceAll('/', '-')}-${base.replaceAll('/', '-')}`, base),
        ),
        builder: this.builder,
      });
      this.builds.set(repository, build);
    }
    // all models use it or none does: the last one must not take it from this stack, which is deployed before it
    this.exportValue(this.builder.builderFunction.functionArn);
  }

  /** Tag of an image that this stack builds. */
  public tagOf({ repository }: BuiltImageConfig): string {
    const build = this.builds.get(repository);
    if (build === undefined) throw new Error(`${this.node.path}: image '${repository}' is not built here`);
    return build.imageTag;
  }

  /** Repository of an image, if this stack makes it: then its policy can be added to. */
  public repositoryOf({ repository }: ImageConfig): IRepository | undefined {
    return this.builds.get(repository)?.repository;
  }
}
