import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { IInferenceLog } from '../data/inference-log';
import { LOGIN_ACTION, PULL_ACTIONS } from '../private/ecr-actions';
import { InlineRole } from '../private/inline-role';
import { modelRolePath } from '../private/names';
import { explainWildcards } from '../private/wildcards';

const LOG_ACTIONS = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:DescribeLogStreams', 'logs:PutLogEvents'];

/**
 * Namespace in which a container of an endpoint may put metrics. Not ours: IAM cannot bound dimensions, so that a
 * container could roll back a neighbour by metrics in its name.
 */
const METRIC_NAMESPACES = ['/aws/sagemaker/Endpoints'];

/** What a model's containers work with. */
export interface ServingRoleProps {
  readonly environmentName: string;
  readonly modelName: string;
  readonly endpointName: string;
  readonly artifactBucket: IBucket;
  /**
   * Log to write to.
   *
   * @default - none
   */
  readonly inferenceLog?: IInferenceLog;
  /**
   * Repositories to pull from.
   *
   * @default - every repository of this account and region
   */
  readonly imageRepositories?: IRepository[];
}

/** Role of a model's containers: they read their own model's artifacts and write their own log, no other model's. */
export class ServingRole extends InlineRole {
  constructor(scope: Construct, id: string, props: ServingRoleProps) {
    super(scope, id, {
      // the release function may pass the roles under this path, and no others
      path: modelRolePath(props.environmentName),
      description: `Containers of ${props.endpointName}`,
      assumedBy: new ServicePrincipal('sagemaker.amazonaws.com'),
    });
    const stack = Stack.of(this);
    const artifacts = `${props.modelName}/*`;
    this.addToPolicy(
      new PolicyStatement({ actions: ['s3:GetObject'], resources: [props.artifactBucket.arnForObjects(artifacts)] }),
    );
    this.addToPolicy(
      new PolicyStatement({
        actions: ['s3:ListBucket'],
        resources: [props.artifactBucket.bucketArn],
        conditions: { StringLike: { 's3:prefix': artifacts } },
      }),
    );
    props.artifactBucket.encryptionKey?.grantDecrypt(this);
    props.inferenceLog?.grantWrite(this);
    this.addToPolicy(
      new PolicyStatement({
        actions: PULL_ACTIONS,
        resources: props.imageRepositories?.map(repository => repository.repositoryArn) ?? [
          stack.formatArn({ service: 'ecr', resource: 'repository', resourceName: '*' }),
        ],
      }),
    );
    this.addToPolicy(new PolicyStatement({ actions: [LOGIN_ACTION], resources: ['*'] }));
    const logGroup = stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      resourceName: `/aws/sagemaker/Endpoints/${props.endpointName}`,
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
    this.addToPolicy(new PolicyStatement({ actions: LOG_ACTIONS, resources: [logGroup, `${logGroup}:*`] }));
    this.addToPolicy(
      new PolicyStatement({
        actions: ['cloudwatch:PutMetricData'],
        resources: ['*'],
        conditions: { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACES } },
      }),
    );
    // in the name of this role SageMaker looks at the guardrail alarms while an update bakes
    this.addToPolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
    explainWildcards(
      this,
      {
        wildcard: `/${artifacts}`,
        actions: ['s3:GetObject'],
        reason: "runs and their artifacts of this model's come later",
      },
      {
        wildcard: ':repository/*',
        actions: PULL_ACTIONS,
        reason: 'the image is part of a version, not of the service; name the repositories to narrow it',
      },
      {
        wildcard: '*',
        actions: [LOGIN_ACTION],
        reason: 'a token is for the registry, not a repository',
      },
      {
        wildcard: `${props.endpointName}:*`,
        actions: LOG_ACTIONS,
        reason: 'one stream for each instance of the endpoint',
      },
      {
        wildcard: '*',
        actions: ['cloudwatch:DescribeAlarms'],
        reason: 'CloudWatch describes alarms by no resource',
      },
      {
        wildcard: '*',
        actions: ['cloudwatch:PutMetricData'],
        reason: 'metrics have no resource; the condition names the namespaces',
      },
    );
  }
}
