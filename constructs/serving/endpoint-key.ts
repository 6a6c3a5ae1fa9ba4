import { Token } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { hasLocalDisks } from '../private/instance-disks';
import type { Problems } from '../private/validation';
import type { IReleaseController } from '../release/release-controller-props';

/** What of a service's props the rules of its key are about. */
interface Encrypted {
  readonly instanceType: string;
  readonly encryptionKey?: IKey;
  readonly releaseController?: IReleaseController;
}

/** Notes what SageMaker or KMS would refuse only when a version is released. */
export function checkEndpointKey(problems: Problems, props: Encrypted): void {
  const { encryptionKey, instanceType, releaseController } = props;
  if (encryptionKey === undefined) return;
  problems.require(
    Token.isUnresolved(instanceType) || !hasLocalDisks(instanceType),
    `'encryptionKey' is given with 'instanceType' '${instanceType}', must be left out with types that have disks of their own, which the hardware encrypts; leave it out, or take a type without them such as 'ml.m5.large'`,
  );
  problems.require(
    releaseController?.endpointKeys.some(key => mayBeSame(key, encryptionKey)) ?? true,
    "'encryptionKey' is none of the keys of the 'releaseController', must be one under which it may start endpoints; give it to the controller among its 'endpointKeys'",
  );
}

/** Two ARNs that are not known yet cannot be told apart. */
function mayBeSame(one: IKey, other: IKey): boolean {
  return one.keyArn === other.keyArn || (Token.isUnresolved(one.keyArn) && Token.isUnresolved(other.keyArn));
}
