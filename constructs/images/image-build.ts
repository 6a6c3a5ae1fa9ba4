import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Duration, IgnoreMode, RemovalPolicy } from 'aws-cdk-lib';
import type { IProject } from 'aws-cdk-lib/aws-codebuild';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { Problems } from '../private/validation';
import type { ModelImage } from '../training/model-image';
import { BuiltImage } from './built-image';
import type { ImageBuildProps } from './image-build-props';
import { ImageBuilder } from './image-builder';
import { ImageProject } from './image-project';
import { ImageRepository } from './image-repository';

const DEFAULT_FILE = 'Dockerfile';
const DEFAULT_TIMEOUT = Duration.minutes(30);
/** With the wait for a place and for young rights it must end within the hour that CloudFormation waits. */
const MAX_TIMEOUT = Duration.minutes(40);
const IGNORE_FILE = '.dockerignore';
/** Digits of a hash that is no secret; a tag that a person can compare. */
const TAG_DIGITS = 32;

/**
 * A container image that AWS CodeBuild builds while the stack is deployed: no Docker on the deployer's machine. The tag
 * is the hash of all that the image is made from, so that the same source is built once, and a rollback of the stack
 * finds the former image where it was. Who uses the image gets its digest.
 */
export class ImageBuild extends Construct {
  /** The image, by its digest. */
  public readonly image: ModelImage;

  /** Digest of the image, `sha256:…`. */
  public readonly imageDigest: string;

  /** Tag of the image: the hash of its source, known at synth. */
  public readonly imageTag: string;

  /** Repository of the image. */
  public readonly repository: IRepository;

  /** CodeBuild project that builds the image. */
  public readonly project: IProject;

  /** Function that waits for the build. */
  public readonly builder: ImageBuilder;

  constructor(scope: Construct, id: string, props: ImageBuildProps) {
    super(scope, id);
    this.validate(props);
    const { directory, baseRepositories = [] } = props;
    const file = props.file ?? DEFAULT_FILE;
    const platform = props.platform ?? Platform.LINUX_AMD64;
    const dockerArguments = argumentsOf(file, platform, props.buildArgs ?? {});

    const source = new Asset(this, 'Source', {
      path: directory,
      ignoreMode: IgnoreMode.DOCKER,
      exclude: [...ignoredBy(directory), `!${file}`, `!${IGNORE_FILE}`],
    });
    this.imageTag = createHash('sha256')
      .update(JSON.stringify([source.assetHash, dockerArguments]))
      .digest('hex')
      .slice(0, TAG_DIGITS);
    this.repository = new ImageRepository(this, 'Repository', {
      repositoryName: props.repositoryName,
      encryptionKey: props.encryptionKey,
      removalPolicy: props.removalPolicy,
      deleteData: props.deleteData,
    });
    const built = new ImageProject(this, 'Project', {
      source,
      repository: this.repository,
      imageTag: this.imageTag,
      dockerArguments,
      platform,
      baseRepositories,
      computeType: props.computeType,
      timeout: props.timeout ?? DEFAULT_TIMEOUT,
    });
    this.project = built.project;
    this.builder = props.builder ?? new ImageBuilder(this, 'Builder');
    // a construct of its own, since what is in it must be there before the image
    const rights = new Construct(this, 'Rights');
    this.builder._allowBuild(rights, this.project, this.repository);

    const image = new BuiltImage(this, 'Image', {
      builderFunction: this.builder.builderFunction,
      repository: this.repository,
      imageTag: this.imageTag,
      projectName: this.project.projectName,
    });
    // the function and the build have their rights before the first build, and keep them until the image is gone
    image.node.addDependency(built, this.builder, rights);
    this.image = image.image;
    this.imageDigest = image.imageDigest;
  }

  private validate(props: ImageBuildProps): void {
    const problems = new Problems(this);
    const file = props.file ?? DEFAULT_FILE;
    problems.require(
      existsSync(join(props.directory, file)),
      `'directory' is '${props.directory}', must be a folder with '${file}', or name another one in 'file'`,
    );
    const { platform, timeout, buildArgs = {} } = props;
    problems.require(
      platform === undefined ||
        [Platform.LINUX_AMD64, Platform.LINUX_ARM64].some(one => one.platform === platform.platform),
      `'platform' is '${platform?.platform}', must be Platform.LINUX_AMD64 or Platform.LINUX_ARM64`,
    );
    for (const name of Object.keys(buildArgs)) {
      problems.requirePattern('buildArgs', name, /^[A-Za-z_]\w*$/, `named by letters, digits and underscores`);
    }
    problems.require(
      timeout === undefined ||
        timeout.isUnresolved() ||
        (timeout.toSeconds() >= 300 && timeout.toSeconds() <= MAX_TIMEOUT.toSeconds()),
      `'timeout' is ${timeout?.toHumanString()}, must be from 5 minutes to ${MAX_TIMEOUT.toHumanString()}: CloudFormation waits an hour`,
    );
    problems.requirePattern(
      'repositoryName',
      props.repositoryName,
      /^(?=.{2,256}$)[a-z0-9]+([._-][a-z0-9]+)*(\/[a-z0-9]+([._-][a-z0-9]+)*)*$/,
      `2 to 256 lower-case letters and digits with single '.', '_', '-' or '/' between them, such as 'mlops/trainer'`,
    );
    problems.require(
      props.deleteData !== true || props.removalPolicy === RemovalPolicy.DESTROY,
      `'deleteData' is true but 'removalPolicy' is not RemovalPolicy.DESTROY, set both or neither`,
    );
    problems.throwIfAny();
  }
}

function ignoredBy(directory: string): string[] {
  const file = join(directory, IGNORE_FILE);
  return existsSync(file) ? readFileSync(file, 'utf8').split(/\r?\n/) : [];
}

/** What `docker build` is given, in one order, so that equal settings make equal tags. */
function argumentsOf(file: string, platform: Platform, buildArgs: Record<string, string>): string {
  const given = Object.entries(buildArgs)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .map(([name, value]) => `--build-arg ${quoted(`${name}=${value}`)}`);
  return [`--platform ${platform.platform}`, `--file ${quoted(file)}`, ...given].join(' ');
}

/** One word of a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
