import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IDataLake } from '../data/data-lake';
import { INFERENCE_LOG_PREFIX } from '../data/monitoring-prefixes';
import { queryRights } from '../data/query-permissions';
import { explainWildcards } from '../private/wildcards';

const QUERY_ACTIONS = ['athena:StartQueryExecution', 'athena:GetQueryExecution', 'athena:GetQueryResults'];

/** Lets the release function compare a version that shadows with the one that serves: by the log, and by their metrics. */
export function allowComparisons(step: LambdaFunction, dataLake: IDataLake): void {
  const { statements, wildcards } = queryRights(step, dataLake, {
    actions: QUERY_ACTIONS,
    prefixes: [INFERENCE_LOG_PREFIX],
  });
  for (const statement of statements) step.addToRolePolicy(statement);
  dataLake.encryptionKey.grantEncryptDecrypt(step);
  step.addToRolePolicy(new PolicyStatement({ actions: ['cloudwatch:GetMetricData'], resources: ['*'] }));
  explainWildcards(step, ...wildcards, {
    wildcard: '*',
    actions: ['cloudwatch:GetMetricData', 'cloudwatch:DescribeAlarms'],
    reason: 'CloudWatch reads metrics and describes alarms by no resource',
  });
}
