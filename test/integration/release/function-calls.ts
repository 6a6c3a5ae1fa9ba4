import type { ReleaseCloud } from './release-cloud';

/** Calls that the release function makes where nothing shadows, by the life in which they are struck: few of one step in one life. */
export const CALLS = {
  firstRelease: ['sagemaker:CreateEndpoint', 'sagemaker:InvokeEndpoint', 'sagemaker:DeleteEndpoint'],
  release: [
    'ssm:GetParameter',
    'sagemaker:DescribeEndpoint',
    'sagemaker:DescribeModel',
    'sagemaker:CreateModel',
    'sagemaker:UpdateEndpoint',
    'sagemaker:ListEndpointConfigs',
    'application-autoscaling:DescribeScalableTargets',
    'sns:Publish',
  ],
  nextRelease: [
    'dynamodb:GetItem',
    'dynamodb:TransactWriteItems',
    'sagemaker:DescribeModelPackage',
    's3:GetObject',
    'sagemaker:DescribeEndpointConfig',
    'sagemaker:CreateEndpointConfig',
    'sagemaker:ListModels',
  ],
  rollback: ['sagemaker:UpdateModelPackage', 'sagemaker:DeleteEndpointConfig', 'sagemaker:DeleteModel'],
  hold: ['dynamodb:Query'],
};

/** Rights that are checked with another call, and calls that are checked by another right. */
const NO_CALL = ['iam:PassRole', 'sagemaker:AddTags'];
const RIGHT_OF_CALL: Record<string, string> = { 'dynamodb:TransactWriteItems': 'dynamodb:PutItem' };

/** The rights that let these calls through. */
export function rightsOf(calls: readonly string[]): string[] {
  return [...new Set(calls.map(call => RIGHT_OF_CALL[call] ?? call))].sort();
}

/** Rights of the release function by which it has asked for something, by the record of its role's rights. */
export async function rightsUsed({ cloud }: ReleaseCloud): Promise<string[]> {
  const response = await fetch(`${cloud.endpoint}/_mlops/rights`);
  const { roles } = (await response.json()) as {
    roles: { role: string; rights: { action: string; used: number }[] }[];
  };
  const used = roles
    .filter(({ role }) => role.includes('ReleasesStepFunctionRole'))
    .flatMap(({ rights }) => rights.filter(right => right.used > 0).map(({ action }) => action));
  return [...new Set(used)].filter(action => !NO_CALL.includes(action)).sort();
}
