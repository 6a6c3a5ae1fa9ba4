import { Duration, RemovalPolicy, Stack, Validations } from 'aws-cdk-lib';
import { CfnConfigurationRecorder, CfnDeliveryChannel } from 'aws-cdk-lib/aws-config';
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY } from 'aws-cdk-lib/cx-api';
import { Construct } from 'constructs';
import { LakeBucket } from '../data/lake-bucket';
import { explainWildcards } from '../private/wildcards';

const HISTORY_ENDS_AFTER = Duration.days(400);
const ACCESS_LOGS_END_AFTER = Duration.days(365);
/** What has ended in a bucket with versions is only marked so. */
const MARKED_END_AFTER = Duration.days(1);

/** Settings of a recorder. */
export interface ConfigRecorderProps {
  /** Types of resources that are recorded: each change of one costs. */
  readonly resourceTypes: string[];
}

/** AWS Config's recorder of an account and region, which has one at most, and where it delivers to. */
export class ConfigRecorder extends Construct {
  constructor(scope: Construct, id: string, props: ConfigRecorderProps) {
    super(scope, id);
    const { account } = Stack.of(this);
    this.node.setContext(S3_SERVER_ACCESS_LOGS_USE_BUCKET_POLICY, true);
    const accessLogsBucket = new LakeBucket(this, 'AccessLogs', {
      deleteData: false,
      lifecycleRules: [
        { id: 'access-logs', expiration: ACCESS_LOGS_END_AFTER, noncurrentVersionExpiration: MARKED_END_AFTER },
      ],
    });
    // not the audit bucket: Config cannot deliver where Object Lock has a default retention. Under SSE-S3, since it
    // holds settings and no data, and an own key would have to let Config in
    const bucket = new LakeBucket(this, 'Bucket', {
      accessLogsBucket,
      deleteData: false,
      lifecycleRules: [
        { id: 'history', expiration: HISTORY_ENDS_AFTER, noncurrentVersionExpiration: MARKED_END_AFTER },
      ],
    });
    // Config tries to write when the channel is made: a first deploy that fails then could not delete the bucket
    for (const kept of [bucket, accessLogsBucket]) kept.applyRemovalPolicy(RemovalPolicy.RETAIN);
    const role = new Role(this, 'Role', {
      assumedBy: new ServicePrincipal('config.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': account } },
      }),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWS_ConfigRole')],
    });
    Validations.of(role).acknowledge({
      id: 'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWS_ConfigRole]',
      reason: 'AWS keeps in it what Config must read of each type of resource, which grows with AWS',
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetBucketAcl', 's3:ListBucket'], resources: [bucket.bucketArn] }),
    );
    role.addToPolicy(
      new PolicyStatement({
        actions: ['s3:PutObject'],
        resources: [bucket.arnForObjects(`AWSLogs/${account}/Config/*`)],
        conditions: { StringLike: { 's3:x-amz-acl': 'bucket-owner-full-control' } },
      }),
    );
    explainWildcards(role, { wildcard: '/Config/*', reason: 'Config names its files by day and region' });
    const recorder = new CfnConfigurationRecorder(this, 'Resource', {
      roleArn: role.roleArn,
      recordingGroup: { allSupported: false, includeGlobalResourceTypes: false, resourceTypes: props.resourceTypes },
    });
    const channel = new CfnDeliveryChannel(this, 'Channel', { s3BucketName: bucket.bucketName });
    // Config tries to write when the channel is made; recorder and channel wait for each other in CloudFormation itself
    channel.node.addDependency(role, bucket);
    recorder.node.addDependency(role);
  }
}
