import { Annotations, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { type CfnRepository, Repository, RepositoryEncryption, TagMutability, TagStatus } from 'aws-cdk-lib/aws-ecr';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** What a push leaves that was broken off; whatever a version may refer to has a tag, which is never taken away. */
const UNTAGGED_FOR = Duration.days(7);

/** Settings of a repository of built images. */
export interface ImageRepositoryProps {
  /** @default - CloudFormation makes one */
  readonly repositoryName?: string;
  /** @default - the key that ECR has in the account */
  readonly encryptionKey?: IKey;
  /** @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** @default false */
  readonly deleteData?: boolean;
}

/** Repository of one image and its former states: encrypted, scanned, and no tag of it ever moves. */
export class ImageRepository extends Repository {
  constructor(scope: Construct, id: string, props: ImageRepositoryProps) {
    const mayGo = props.removalPolicy === RemovalPolicy.DESTROY && props.deleteData === true;
    super(scope, id, {
      repositoryName: props.repositoryName,
      encryption: RepositoryEncryption.KMS,
      encryptionKey: props.encryptionKey,
      imageTagMutability: TagMutability.IMMUTABLE,
      imageScanOnPush: true,
      lifecycleRules: [
        { description: 'left by broken pushes', tagStatus: TagStatus.UNTAGGED, maxImageAge: UNTAGGED_FOR },
      ],
      removalPolicy: mayGo ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,
    });
    // a repository that stays is not emptied; one whose creation is taken back, since another image failed, has to go
    (this.node.defaultChild as CfnRepository).emptyOnDelete = true;
    if (props.removalPolicy === RemovalPolicy.DESTROY && !mayGo) {
      Annotations.of(this).addWarningV2(
        'mlops-blueprint:images-kept',
        "the images are kept although 'removalPolicy' is DESTROY, set 'deleteData' to true as well to delete them",
      );
    }
  }
}
