import { Duration } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IProject } from 'aws-cdk-lib/aws-codebuild';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { PlatformFunction } from '../private/platform-function';

/** Lambda's limit; a build that takes longer is waited for by the function's next run. */
const TIMEOUT = Duration.minutes(15);

/**
 * Waits for the builds of images while CloudFormation deploys: one function, however many images there are. It builds
 * nothing itself.
 */
export class ImageBuilder extends Construct {
  /** Function behind the custom resources of the images. */
  public readonly builderFunction: IFunction;

  private readonly executionRole: PlatformFunction['executionRole'];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    const builder = new PlatformFunction(this, 'Function', {
      handler: 'image-build',
      description: 'Starts the builds of container images, waits for them and tells their digests',
      environment: {},
      timeout: TIMEOUT,
    });
    this.builderFunction = builder;
    this.executionRole = builder.executionRole;
    // in a policy of its own, since the function needs the other one
    new Policy(this, 'RunOn', {
      roles: [builder.executionRole],
      statements: [new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [builder.functionArn] })],
    });
  }

  /**
   * Lets the function build an image and see whether it is there. `ImageBuild` calls it.
   *
   * @internal
   */
  public _allowBuild(project: IProject, repository: IRepository): void {
    this.allow(['codebuild:StartBuild', 'codebuild:BatchGetBuilds'], project.projectArn);
    this.allow(['ecr:DescribeImages'], repository.repositoryArn);
  }

  private allow(actions: string[], resource: string): void {
    this.executionRole.addToPrincipalPolicy(new PolicyStatement({ actions, resources: [resource] }));
  }
}
