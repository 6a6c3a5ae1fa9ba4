import { CustomResource, Duration } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { PlatformFunction } from '../private/platform-function';
import { explainWildcards } from '../private/wildcards';

/** CloudFormation waits an hour for a custom resource, a function runs for a quarter of one. */
const CLEANUP_TIMEOUT = Duration.minutes(15);

/** Settings of the lake's cleanup. */
export interface LakeCleanupProps {
  /** The buckets to empty before CloudFormation deletes them. */
  readonly buckets: IBucket[];
}

/**
 * Empties the lake's buckets when the stack goes. The CDK's own `autoDeleteObjects` cannot: it does not bypass the
 * snapshots' lock.
 */
export class LakeCleanup extends Construct {
  constructor(scope: Construct, id: string, props: LakeCleanupProps) {
    super(scope, id);

    const cleanup = new PlatformFunction(this, 'Function', {
      handler: 'data-cleanup',
      description: "Empties the lake's buckets before they are deleted",
      environment: {},
      timeout: CLEANUP_TIMEOUT,
    });
    cleanup.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:GetBucketTagging', 's3:ListBucketVersions'],
        resources: props.buckets.map(bucket => bucket.bucketArn),
      }),
    );
    cleanup.addToRolePolicy(
      new PolicyStatement({
        actions: ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'],
        resources: props.buckets.map(bucket => bucket.arnForObjects('*')),
      }),
    );

    explainWildcards(this, {
      wildcard: '.Arn>/*',
      actions: ['s3:BypassGovernanceRetention', 's3:DeleteObject', 's3:DeleteObjectVersion'],
      reason: 'every object of these buckets goes',
    });

    const emptied = new CustomResource(this, 'Resource', {
      resourceType: 'Custom::EmptyLake',
      serviceToken: cleanup.functionArn,
      serviceTimeout: CLEANUP_TIMEOUT,
      properties: { BucketNames: props.buckets.map(bucket => bucket.bucketName) },
    });
    // the function keeps its rights, and the buckets their policies, until it has run
    emptied.node.addDependency(cleanup, ...props.buckets);
  }
}
