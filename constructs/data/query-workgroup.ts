import { Size, Stack } from 'aws-cdk-lib';
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Problems } from '../private/validation';

/** Most that one query may scan, where nobody says otherwise. */
export const DEFAULT_QUERY_SCAN_LIMIT = Size.gibibytes(100);

/**
 * Athena's own lower limit of `BytesScannedCutoffPerQuery`:
 * https://docs.aws.amazon.com/athena/latest/APIReference/API_WorkGroupConfiguration.html
 */
const MIN_QUERY_SCAN_LIMIT = Size.mebibytes(10);

/** Settings of the workgroup. */
export interface QueryWorkgroupProps {
  readonly workgroupName: string;
  readonly description: string;
  /** `s3://` address under which results are written, with its slash at the end. */
  readonly resultsUrl: string;
  /** Key of the results. */
  readonly encryptionKey: IKey;
  readonly scanLimit: Size;
}

/** Where queries run: what it says of results, their key and the limit holds for whoever asks, whatever they ask for. */
export class QueryWorkgroup extends CfnWorkGroup {
  constructor(scope: Construct, id: string, props: QueryWorkgroupProps) {
    super(scope, id, {
      name: props.workgroupName,
      description: props.description,
      // a workgroup's contents are its query history
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        engineVersion: { selectedEngineVersion: 'Athena engine version 3' },
        enforceWorkGroupConfiguration: true,
        publishCloudWatchMetricsEnabled: true,
        bytesScannedCutoffPerQuery: props.scanLimit.toBytes(),
        resultConfiguration: {
          outputLocation: props.resultsUrl,
          expectedBucketOwner: Stack.of(scope).account,
          encryptionConfiguration: { encryptionOption: 'SSE_KMS', kmsKey: props.encryptionKey.keyArn },
        },
      },
    });
  }
}

/** A limit that Athena takes. */
export function requireScanLimit(problems: Problems, limit: Size): void {
  problems.require(
    limit.toBytes() >= MIN_QUERY_SCAN_LIMIT.toBytes(),
    `'queryScanLimit' is ${limit.toBytes()} bytes, must be at least ${MIN_QUERY_SCAN_LIMIT.toBytes()}`,
  );
}
