import type { Construct } from 'constructs';
import { MEANT_IMAGE_LOOKUP } from '../private/image-lookup';
import { resourcePrefix } from '../private/names';
import { explainWildcards } from '../private/wildcards';

/** Why the policies of a release controller name more than one resource where they do. */
export function explainReleaseWildcards(releases: Construct, environmentName: string): void {
  explainWildcards(
    releases,
    {
      wildcard: `/${resourcePrefix(environmentName)}-*`,
      reason: "names of this environment's endpoints, configs, models and packages; they are made while it runs",
    },
    { wildcard: `/mlops/${environmentName}/*`, reason: 'settings and roles of the models, which other stacks make' },
    {
      wildcard: '*',
      actions: ['sagemaker:ListEndpointConfigs', 'sagemaker:ListModels'],
      reason: 'SageMaker lists by no resource',
    },
    { wildcard: '*', actions: ['cloudwatch:DescribeAlarms'], reason: 'CloudWatch describes alarms by no resource' },
    {
      wildcard: '*',
      actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
      reason: 'X-Ray knows no resource to write to',
    },
    {
      wildcard: '*',
      actions: [
        'xray:PutTraceSegments',
        'xray:PutTelemetryRecords',
        'xray:GetSamplingRules',
        'xray:GetSamplingTargets',
      ],
      reason: 'X-Ray knows no resource to write to',
    },
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
    { wildcard: '.Arn>:*', actions: ['lambda:InvokeFunction'], reason: 'versions of one function' },
    MEANT_IMAGE_LOOKUP,
    {
      wildcard: '/*',
      actions: ['s3:GetObject'],
      reason: "every model's artifacts and baselines",
    },
    {
      wildcard: '/*.json',
      actions: ['s3:GetObject'],
      reason:
        "templates of the models' versions, which are named by what is in them and must be found by a rollback after a deploy named others; what else ends so there are templates of stacks",
    },
    ...['kms:ReEncrypt*', 'kms:GenerateDataKey*'].map(wildcard => ({
      wildcard,
      reason: 'the forms of one KMS operation, on one key',
    })),
  );
}
