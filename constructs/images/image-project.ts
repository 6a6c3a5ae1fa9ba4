import { Aws, Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import {
  BuildSpec,
  ComputeType,
  type IProject,
  LinuxArmBuildImage,
  LinuxBuildImage,
  Project,
  Source,
} from 'aws-cdk-lib/aws-codebuild';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import { LOGIN_ACTION, PULL_ACTIONS, PUSH_ACTIONS } from '../private/ecr-actions';
import { explainWildcards } from '../private/wildcards';

/** CodeBuild gives a build up that gets no machine for so long. */
const QUEUED_TIMEOUT = Duration.minutes(10);

/** By which a pull through a cache fills it. */
const CACHE_ACTIONS = ['ecr:CreateRepository', 'ecr:BatchImportUpstreamImage'];

/** Settings of the project that builds one image. */
export interface ImageProjectProps {
  readonly source: Asset;
  readonly repository: IRepository;
  readonly imageTag: string;
  /** Arguments of `docker build`, quoted for a shell. */
  readonly dockerArguments: string;
  readonly platform: Platform;
  readonly baseRepositories: IRepository[];
  /** @default ComputeType.SMALL */
  readonly computeType?: ComputeType;
  readonly timeout: Duration;
}

/**
 * The CodeBuild project of one image, with a role that reads this image's source and pushes to this image's repository:
 * whatever code a Dockerfile runs reaches no other one.
 */
export class ImageProject extends Construct {
  public readonly project: IProject;

  constructor(scope: Construct, id: string, props: ImageProjectProps) {
    super(scope, id);
    const { repository, source, platform } = props;
    const logGroup = new LogGroup(this, 'Logs', {
      retention: RetentionDays.THREE_MONTHS,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const role = this.role(props, logGroup);
    const isArm = platform.platform === Platform.LINUX_ARM64.platform;
    this.project = new Project(this, 'Resource', {
      description: `Builds the image of ${this.node.scope?.node.path}`,
      // as it stands: the project's own grants are on whole buckets and on the logs of every project
      role: role.withoutPolicyUpdates(),
      grantReportGroupPermissions: false,
      source: Source.s3({ bucket: source.bucket, path: source.s3ObjectKey }),
      environment: {
        buildImage: isArm ? LinuxArmBuildImage.AMAZON_LINUX_2023_STANDARD_3_0 : LinuxBuildImage.AMAZON_LINUX_2023_5,
        computeType: props.computeType ?? ComputeType.SMALL,
        privileged: true,
      },
      environmentVariables: {
        REPOSITORY_URI: { value: repository.repositoryUri },
        IMAGE_TAG: { value: props.imageTag },
        // SageMaker takes a plain manifest, not an index of one with its attestation
        BUILDX_NO_DEFAULT_ATTESTATIONS: { value: '1' },
      },
      buildSpec: buildSpec(props),
      logging: { cloudWatch: { logGroup } },
      timeout: props.timeout,
      queuedTimeout: QUEUED_TIMEOUT,
    });
    this.project.node.addDependency(role);
    Validations.of(this.project).acknowledge(
      {
        id: 'AwsSolutions-CB3',
        reason: 'the Docker daemon needs it; the machine is of one build and gone after it, its role pushes one image',
      },
      {
        id: 'AwsSolutions-CB4',
        reason: 'the key is for artifacts, and a build leaves none: its image is encrypted by the repository',
      },
    );
  }

  private role({ repository, source, baseRepositories }: ImageProjectProps, logGroup: LogGroup): Role {
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('codebuild.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    const allow = (actions: string[], ...resources: string[]) =>
      role.addToPolicy(new PolicyStatement({ actions, resources }));
    logGroup.grants.write(role);
    // one object; its folder holds the assets of the whole account
    allow(['s3:GetObject', 's3:GetObjectVersion'], source.bucket.arnForObjects(source.s3ObjectKey));
    allow(['s3:GetBucketAcl', 's3:GetBucketLocation'], source.bucket.bucketArn);
    allow(PUSH_ACTIONS, repository.repositoryArn);
    if (baseRepositories.length > 0) {
      allow([...PULL_ACTIONS, ...CACHE_ACTIONS], ...baseRepositories.map(base => base.repositoryArn));
    }
    // a login belongs to a registry, which has no ARN
    allow([LOGIN_ACTION], '*');
    explainWildcards(role, { wildcard: '*', actions: [LOGIN_ACTION], reason: 'no resource to name' });
    return role;
  }
}

function buildSpec({ repository, baseRepositories, dockerArguments }: ImageProjectProps): BuildSpec {
  const registries = new Set([repository, ...baseRepositories].map(({ registryUri }) => registryUri));
  return BuildSpec.fromObject({
    version: '0.2',
    phases: {
      pre_build: {
        commands: [...registries].map(
          registry => `aws ecr get-login-password | docker login --username AWS --password-stdin ${registry}`,
        ),
      },
      build: {
        // both here: the phase after it runs although this one failed
        commands: [
          `docker build ${dockerArguments} --tag "$REPOSITORY_URI:$IMAGE_TAG" .`,
          'docker push "$REPOSITORY_URI:$IMAGE_TAG"',
        ],
      },
    },
  });
}
