import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { resourcePrefix } from '../private/names';
import { explainWildcards } from '../private/wildcards';

const SERVICE = 'application-autoscaling';
const REGISTER_ACTIONS = [`${SERVICE}:RegisterScalableTarget`, `${SERVICE}:PutScalingPolicy`];
const DEREGISTER_ACTIONS = [`${SERVICE}:DeregisterScalableTarget`];
const DESCRIBE_TARGETS = `${SERVICE}:DescribeScalableTargets`;
const DESCRIBE_POLICIES = `${SERVICE}:DescribeScalingPolicies`;
const NO_RESOURCE = 'Application Auto Scaling describes by no resource';
/**
 * With the caller's rights Application Auto Scaling keeps the alarms by which it tracks a target.
 *
 * @see https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-auto-scaling-prerequisites.html
 */
const ALARM_ACTIONS = ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'];
/** Of the same list; an alarm is described by no resource. */
const DESCRIBE_ALARMS = 'cloudwatch:DescribeAlarms';
const LINKED_ROLE_SERVICE = 'sagemaker.application-autoscaling.amazonaws.com';

/** Lets a function register endpoint variants to scale by themselves, and take them off again. */
export function allowScaling(grantee: LambdaFunction, environmentName: string): void {
  allowOnVariants(grantee, [...REGISTER_ACTIONS, ...DEREGISTER_ACTIONS]);
  allowLooks(grantee, [DESCRIBE_TARGETS, DESCRIBE_POLICIES], NO_RESOURCE);
  allowAlarms(grantee, environmentName, ALARM_ACTIONS);
  allowLooks(grantee, [DESCRIBE_ALARMS], 'CloudWatch describes alarms by no resource');
  const linkedRole = Stack.of(grantee).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: `aws-service-role/${LINKED_ROLE_SERVICE}/AWSServiceRoleForApplicationAutoScaling_SageMakerEndpoint`,
  });
  grantee.addToRolePolicy(
    new PolicyStatement({
      // the first registration in an account makes the role in whose name the service scales
      actions: ['iam:CreateServiceLinkedRole'],
      resources: [linkedRole],
      conditions: { StringEquals: { 'iam:AWSServiceName': LINKED_ROLE_SERVICE } },
    }),
  );
}

/** Lets a function take endpoint variants off that are about to go. */
export function allowEndOfScaling(grantee: LambdaFunction, environmentName: string): void {
  allowOnVariants(grantee, DEREGISTER_ACTIONS);
  allowLooks(grantee, [DESCRIBE_TARGETS], NO_RESOURCE);
  allowAlarms(grantee, environmentName, ['cloudwatch:DeleteAlarms']);
}

function allowOnVariants(grantee: LambdaFunction, actions: string[]): void {
  grantee.addToRolePolicy(
    new PolicyStatement({
      actions,
      resources: [Stack.of(grantee).formatArn({ service: SERVICE, resource: 'scalable-target', resourceName: '*' })],
      conditions: {
        StringEquals: {
          [`${SERVICE}:service-namespace`]: 'sagemaker',
          [`${SERVICE}:scalable-dimension`]: 'sagemaker:variant:DesiredInstanceCount',
        },
      },
    }),
  );
  explainWildcards(grantee, {
    wildcard: ':scalable-target/*',
    actions,
    reason: 'AWS gives a scalable target an id of its own; the conditions name instances of endpoint variants',
  });
}

function allowLooks(grantee: LambdaFunction, actions: string[], reason: string): void {
  grantee.addToRolePolicy(new PolicyStatement({ actions, resources: ['*'] }));
  explainWildcards(grantee, { wildcard: '*', actions, reason });
}

function allowAlarms(grantee: LambdaFunction, environmentName: string, actions: string[]): void {
  const alarms = `TargetTracking-endpoint/${resourcePrefix(environmentName)}-*`;
  grantee.addToRolePolicy(
    new PolicyStatement({
      actions,
      resources: [
        Stack.of(grantee).formatArn({
          service: 'cloudwatch',
          resource: 'alarm',
          resourceName: alarms,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ],
    }),
  );
  explainWildcards(grantee, {
    wildcard: `:alarm:${alarms}`,
    actions,
    reason: "the alarms of this environment's variants, which Application Auto Scaling names",
  });
}
