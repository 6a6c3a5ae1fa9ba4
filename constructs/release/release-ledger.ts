import { Annotations, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, Billing, StreamViewType, TableEncryptionV2, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';

/** Settings of the ledger. */
export interface ReleaseLedgerProps {
  /** @default - a key of the service */
  readonly encryptionKey?: IKey;
  /** @default RemovalPolicy.RETAIN */
  readonly removalPolicy?: RemovalPolicy;
  /** @default false */
  readonly deleteData?: boolean;
}

/** The table that remembers what serves, what served, and every release. It goes only when told so twice. */
export class ReleaseLedger extends TableV2 {
  constructor(scope: Construct, id: string, props: ReleaseLedgerProps) {
    const mayGo = props.removalPolicy === RemovalPolicy.DESTROY && props.deleteData === true;
    super(scope, id, {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      encryption:
        props.encryptionKey === undefined
          ? TableEncryptionV2.dynamoOwnedKey()
          : TableEncryptionV2.customerManagedKey(props.encryptionKey),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // costs nothing until somebody reads it, as `AuditRecords` does
      dynamoStream: StreamViewType.NEW_IMAGE,
      deletionProtection: !mayGo,
      // not RETAIN_ON_UPDATE_OR_DELETE: a protected table would hold up the way back of a failed creation
      removalPolicy: mayGo ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
    });
    if (props.removalPolicy === RemovalPolicy.DESTROY && !mayGo) {
      Annotations.of(scope).addWarningV2(
        'mlops-blueprint:ledger-kept',
        "the ledger is kept although 'removalPolicy' is DESTROY, set 'deleteData' to true as well to delete it",
      );
    }
  }
}
