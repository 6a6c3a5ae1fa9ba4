import { Stack } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import type { IDataLake } from '../data/data-lake';
import { ATHENA_RESULTS_PREFIX, INFERENCE_LOG_PREFIX, LABELS_PREFIX } from '../data/monitoring-prefixes';
import { queryRights, workgroupArn } from '../data/query-permissions';
import { resourcePrefix, settingsParameterName } from '../private/names';
import { explainWildcards } from '../private/wildcards';

/** Namespace of the models' metrics; `METRIC_NAMESPACE` of `lambda/shared/contracts.ts`, as a test holds. */
export const METRIC_NAMESPACE = 'MLOps/Model';

/** What the monitor keeps in the monitoring bucket: counts for itself, reports for people. */
const KEPT_PREFIXES = ['counts', 'reports'];

const RUN_QUERY_ACTIONS = ['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:StopQueryExecution'];

/** What the monitor works with. */
export interface MonitorPermissions {
  readonly environmentName: string;
  readonly dataLake: IDataLake;
  readonly ledgerTable: ITableV2;
  readonly notificationTopic: ITopic;
}

/** Lets the steps read what they judge by, and write counts, reports and the models' metrics. */
export function allowMonitoring(step: LambdaFunction, permissions: MonitorPermissions): void {
  const { environmentName, dataLake } = permissions;
  const stack = Stack.of(step);
  const bucket = dataLake.monitoringBucket;
  permissions.ledgerTable.grant(step, 'dynamodb:GetItem');
  permissions.ledgerTable.encryptionKey?.grantDecrypt(step);
  permissions.notificationTopic.grantPublish(step);
  dataLake.encryptionKey.grantEncryptDecrypt(step);
  step.addToRolePolicy(
    allow(
      ['ssm:GetParameter'],
      ...(['monitoring', 'serving'] as const).map(part =>
        stack.formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: settingsParameterName(environmentName, '*', part).slice(1),
        }),
      ),
    ),
  );
  step.addToRolePolicy(
    allow(
      ['sagemaker:DescribeModelPackage'],
      stack.formatArn({
        service: 'sagemaker',
        resource: 'model-package',
        resourceName: `${resourcePrefix(environmentName)}-*`,
      }),
    ),
  );
  step.addToRolePolicy(allow(['s3:GetObject'], dataLake.artifactBucket.arnForObjects('*/evaluation/*/baseline.json')));
  step.addToRolePolicy(allow(['s3:GetObject'], bucket.arnForObjects('counts/*')));
  step.addToRolePolicy(allow(['s3:PutObject'], ...KEPT_PREFIXES.map(prefix => bucket.arnForObjects(`${prefix}/*`))));
  // without the right to list, S3 calls an object that is not there forbidden
  step.addToRolePolicy(allow(['s3:ListBucket'], bucket.bucketArn));
  step.addToRolePolicy(allow(['athena:GetQueryResults'], workgroupArn(stack, dataLake.workgroupName)));
  step.addToRolePolicy(allow(['s3:GetObject'], bucket.arnForObjects(`${ATHENA_RESULTS_PREFIX}/*`)));
  step.addToRolePolicy(
    new PolicyStatement({
      effect: Effect.ALLOW,
      actions: ['cloudwatch:PutMetricData'],
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': METRIC_NAMESPACE } },
    }),
  );
  explainWildcards(
    step,
    { wildcard: `/${resourcePrefix(environmentName)}-*`, reason: "versions of this environment's models" },
    { wildcard: `/mlops/${environmentName}/*/`, reason: 'settings of the models, which other stacks make' },
    { wildcard: '/*/evaluation/*/baseline.json', reason: "baselines of every model's versions" },
    ...[...KEPT_PREFIXES, ATHENA_RESULTS_PREFIX].map(prefix => ({
      wildcard: `/${prefix}/*`,
      reason: 'objects of one prefix, by model and time',
    })),
    {
      wildcard: '*',
      actions: ['cloudwatch:PutMetricData'],
      reason: 'metrics have no resource to name; the condition on the namespace bounds it',
    },
    ...kmsForms(),
  );
}

/** Lets the state machine run queries over the log and the labels; Athena reads and writes in its name. */
export function allowQueries(machine: StateMachine, dataLake: IDataLake): void {
  const { statements, wildcards } = queryRights(machine, dataLake, {
    actions: RUN_QUERY_ACTIONS,
    prefixes: [INFERENCE_LOG_PREFIX, LABELS_PREFIX],
  });
  for (const statement of statements) machine.addToRolePolicy(statement);
  dataLake.encryptionKey.grantEncryptDecrypt(machine);
  explainWildcards(
    machine,
    ...wildcards,
    { wildcard: '.Arn>:*', actions: ['lambda:InvokeFunction'], reason: 'versions of one function' },
    ...kmsForms(),
    ...machineWildcards(),
  );
}

function machineWildcards(): { wildcard: string; actions: string[]; reason: string }[] {
  return [
    {
      wildcard: '*',
      actions: [
        'logs:CreateLogDelivery',
        'logs:GetLogDelivery',
        'logs:UpdateLogDelivery',
        'logs:DeleteLogDelivery',
        'logs:ListLogDeliveries',
        'logs:PutResourcePolicy',
        'logs:DescribeResourcePolicies',
        'logs:DescribeLogGroups',
      ],
      reason: 'deliveries of logs have no resource',
    },
    {
      wildcard: '*',
      actions: [
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
      ],
      reason: 'X-Ray has no resources to name',
    },
  ];
}

function kmsForms(): { wildcard: string; reason: string }[] {
  return ['kms:ReEncrypt*', 'kms:GenerateDataKey*'].map(wildcard => ({
    wildcard,
    reason: 'the forms of one KMS operation, on one key',
  }));
}

function allow(actions: string[], ...resources: string[]): PolicyStatement {
  return new PolicyStatement({ actions, resources });
}
