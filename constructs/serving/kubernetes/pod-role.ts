import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { IInferenceLog } from '../../data/inference-log';
import { modelRolePath } from '../../private/names';
import { explainWildcards } from '../../private/wildcards';
import type { BatchInference } from './batch-inference';
import { SERVICE_ACCOUNT } from './kubernetes-names';
import { PodIdentityRole } from './pod-identity-role';

/** What a model's pods work with. */
export interface PodRoleProps {
  readonly environmentName: string;
  readonly modelName: string;
  readonly clusterName: string;
  readonly namespaceName: string;
  readonly artifactBucket: IBucket;
  /** The only namespace in which the pods may put metrics. */
  readonly metricNamespace: string;
  /**
   * Log to write to.
   *
   * @default - none
   */
  readonly inferenceLog?: IInferenceLog;
  /**
   * Files to predict.
   *
   * @default - none
   */
  readonly batch?: BatchInference;
}

/**
 * Role of a model's pods: they read their own model's artifacts, write their own log and put their own metrics, no other
 * model's. Only pods of the model's service account, in its namespace and cluster, get it.
 */
export class PodRole extends PodIdentityRole {
  constructor(scope: Construct, id: string, props: PodRoleProps) {
    super(scope, id, {
      path: modelRolePath(props.environmentName),
      description: `Pods of ${props.namespaceName}`,
      clusterName: props.clusterName,
      namespaceName: props.namespaceName,
      serviceAccount: SERVICE_ACCOUNT,
    });
    const artifacts = `${props.modelName}/*`;
    this.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [props.artifactBucket.arnForObjects(artifacts)] }),
    );
    props.artifactBucket.encryptionKey?.grantDecrypt(this);
    props.inferenceLog?.grantWrite(this);
    this.addToPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': props.metricNamespace } },
      }),
    );
    if (props.batch !== undefined) this.allowBatch(props.batch);
    explainWildcards(
      this,
      {
        wildcard: `/${artifacts}`,
        actions: ['s3:GetObject'],
        reason: "runs and their artifacts of this model's come later",
      },
      {
        wildcard: '*',
        actions: ['cloudwatch:PutMetricData'],
        reason: "metrics have no resource; the condition names this model's namespace",
      },
    );
  }

  /** Reads the files to predict and writes predictions, each under its own prefix. */
  private allowBatch({ bucket, inputPrefix, outputPrefix }: BatchInference): void {
    this.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects(`${inputPrefix}*`)] }),
    );
    this.addToPolicy(
      new PolicyStatement({ actions: ['s3:PutObject'], resources: [bucket.arnForObjects(`${outputPrefix}*`)] }),
    );
    this.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [bucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': `${inputPrefix}*` } },
      }),
    );
    bucket.encryptionKey?.grantEncryptDecrypt(this);
    explainWildcards(
      this,
      { wildcard: `/${inputPrefix}*`, actions: ['s3:GetObject'], reason: 'files to predict come later' },
      { wildcard: `/${outputPrefix}*`, actions: ['s3:PutObject'], reason: 'predictions are named as the files are' },
      ...['kms:GenerateDataKey*', 'kms:ReEncrypt*'].map(wildcard => ({
        wildcard,
        reason: 'the forms of one KMS operation, on one key',
      })),
    );
  }
}
