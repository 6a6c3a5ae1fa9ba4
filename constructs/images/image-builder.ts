import { Duration, Stack } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import type { IProject } from 'aws-cdk-lib/aws-codebuild';
import { Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { LOOKUP_ACTIONS } from '../private/ecr-actions';
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
  public _allowBuild(image: Construct, project: IProject, repository: IRepository): void {
    const statements = [
      new PolicyStatement({
        actions: ['codebuild:StartBuild', 'codebuild:BatchGetBuilds'],
        resources: [project.projectArn],
      }),
      new PolicyStatement({ actions: LOOKUP_ACTIONS, resources: [repository.repositoryArn] }),
    ];
    if (Stack.of(image) === Stack.of(this)) {
      for (const statement of statements) this.executionRole.addToPrincipalPolicy(statement);
    } else {
      // in the stack of the image, which needs this one's function: two stacks cannot each stand on the other
      new Policy(image, 'BuilderRights', { roles: [this.executionRole], statements });
    }
  }
}
