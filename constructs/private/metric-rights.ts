import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { explainWildcards } from './wildcards';

const PUT_METRIC_DATA = ['cloudwatch:PutMetricData'];

/** Lets a function publish metrics of one namespace. */
export function allowMetrics(grantee: LambdaFunction, namespace: string): void {
  grantee.addToRolePolicy(
    new PolicyStatement({
      actions: PUT_METRIC_DATA,
      resources: ['*'],
      conditions: { StringEquals: { 'cloudwatch:namespace': namespace } },
    }),
  );
  explainWildcards(grantee, {
    wildcard: '*',
    actions: PUT_METRIC_DATA,
    reason: 'a metric is no resource; the namespace is named',
  });
}
