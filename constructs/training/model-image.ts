import { Aws, Token } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Grant, type IGrantable } from 'aws-cdk-lib/aws-iam';
import { LOGIN_ACTION, PULL_ACTIONS } from '../private/ecr-actions';

const ECR_URI =
  /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?\/([^:@]+)(?::[^@]+)?(?:@sha256:[0-9a-f]{64})?$/;

/** A container image that trains or serves models. */
export class ModelImage {
  /**
   * An image of an ECR repository. Name it by its digest, so that equal runs have the same image: a tag may move.
   *
   * @param repository repository of the image
   * @param tagOrDigest tag, or `sha256:…`
   */
  public static fromEcrRepository(repository: IRepository, tagOrDigest: string): ModelImage {
    return new ModelImage(repository.repositoryUriForTagOrDigest(tagOrDigest), repository.repositoryArn);
  }

  /**
   * An image of an ECR repository by its digest, which may be known at deployment only.
   *
   * @param repository repository of the image
   * @param digest `sha256:…`
   */
  public static fromEcrDigest(repository: IRepository, digest: string): ModelImage {
    return new ModelImage(repository.repositoryUriForDigest(digest), repository.repositoryArn);
  }

  /**
   * An image by its URI, such as those that AWS and other accounts publish.
   *
   * @param uri `<account>.dkr.ecr.<region>.amazonaws.com/<repository>` with a tag or a digest
   */
  public static fromUri(uri: string): ModelImage {
    const match = Token.isUnresolved(uri) ? null : ECR_URI.exec(uri);
    if (match === null) {
      throw new Error(
        `'uri' is '${uri}', must be '<account>.dkr.ecr.<region>.amazonaws.com/<repository>' with a tag or a digest, ` +
          `or use ModelImage.fromEcrRepository`,
      );
    }
    const [, account, region, name] = match;
    return new ModelImage(uri, `arn:${Aws.PARTITION}:ecr:${region}:${account}:repository/${name}`);
  }

  private constructor(
    /** URI of the image. */
    public readonly uri: string,
    private readonly repositoryArn: string,
  ) {}

  /** Lets the grantee pull images of this repository, and of no other. */
  public grantPull(grantee: IGrantable): Grant {
    return Grant.addToPrincipal({ grantee, actions: PULL_ACTIONS, resourceArns: [this.repositoryArn] }).combine(
      // a login belongs to a registry, which has no ARN
      Grant.addToPrincipal({ grantee, actions: [LOGIN_ACTION], resourceArns: ['*'] }),
    );
  }
}
