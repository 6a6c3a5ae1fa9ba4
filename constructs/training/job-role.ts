import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { Asset } from 'aws-cdk-lib/aws-s3-assets';
import type { Construct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { LOGIN_ACTION } from '../private/ecr-actions';
import { InlineRole } from '../private/inline-role';
import { modelRolePath } from '../private/names';
import { explainWildcards } from '../private/wildcards';
import type { ModelImage } from './model-image';

/** Where SageMaker's jobs write their logs and metrics, the same for all accounts. */
const LOG_GROUPS = ['/aws/sagemaker/TrainingJobs', '/aws/sagemaker/ProcessingJobs'];

/** What the jobs of one model may touch. */
export interface JobRoleProps {
  readonly environmentName: string;
  readonly modelName: string;
  readonly dataLake: IDataLake;
  readonly image: ModelImage;
  readonly code: Asset;
}

/** The role that a model's training and evaluation jobs run as: its own data, its own runs, nothing of a neighbour. */
export class JobRole extends InlineRole {
  constructor(scope: Construct, id: string, props: JobRoleProps) {
    super(scope, id, {
      // the pipeline may pass roles under this path, and no others
      path: modelRolePath(props.environmentName),
      assumedBy: new ServicePrincipal('sagemaker.amazonaws.com'),
      description: `Training and evaluation jobs of ${props.modelName} in ${props.environmentName}`,
    });
    const { dataLake, modelName } = props;
    const { snapshotBucket, artifactBucket, encryptionKey } = dataLake;

    for (const bucket of [snapshotBucket, artifactBucket]) {
      this.allow(['s3:ListBucket'], [bucket.bucketArn], { StringLike: { 's3:prefix': `${modelName}/*` } });
      this.allow(['s3:GetObject'], [bucket.arnForObjects(`${modelName}/*`)]);
    }
    this.allow(['s3:PutObject', 's3:AbortMultipartUpload'], [artifactBucket.arnForObjects(`${modelName}/runs/*`)]);
    // one object; its folder holds the assets of the whole account
    this.allow(['s3:GetObject'], [props.code.bucket.arnForObjects(props.code.s3ObjectKey)]);
    this.allow(['s3:ListBucket'], [props.code.bucket.bucketArn], {
      StringLike: { 's3:prefix': `${props.code.s3ObjectKey}*` },
    });
    encryptionKey.grant(this, 'kms:Decrypt', 'kms:GenerateDataKey', 'kms:DescribeKey');
    this.allow(['kms:CreateGrant'], [encryptionKey.keyArn], {
      // for the disks of the instances, which SageMaker attaches under the key
      Bool: { 'kms:GrantIsForAWSResource': 'true' },
    });
    props.image.grantPull(this);
    this.allow(
      ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'],
      // a group is made under its own name; its streams lie behind the colon
      LOG_GROUPS.flatMap(group => [group, `${group}:*`]).map(name =>
        Stack.of(this).formatArn({
          service: 'logs',
          resource: 'log-group',
          resourceName: name,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    );
    this.allow(['cloudwatch:PutMetricData'], ['*'], { StringLike: { 'cloudwatch:namespace': LOG_GROUPS } });

    explainWildcards(
      this,
      { wildcard: `/${modelName}/`, reason: 'keys are made at run time; bounded by the folder of the model' },
      { wildcard: 'log-group:', reason: 'SageMaker names the log streams of its jobs; bounded by its own log groups' },
      { wildcard: '*', actions: ['cloudwatch:PutMetricData'], reason: 'no resource to name; bounded by namespace' },
      { wildcard: '*', actions: [LOGIN_ACTION], reason: 'no resource to name' },
    );
  }

  private allow(actions: string[], resources: string[], conditions?: Record<string, unknown>): void {
    this.addToPrincipalPolicy(new PolicyStatement({ actions, resources, conditions }));
  }
}
