import { Stack } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { allowImageLookup } from '../private/image-lookup';
import { modelRolePath, resourcePrefix, settingsParameterName } from '../private/names';
import { allowEndOfScaling, allowScaling } from './scaling-permissions';

const LEDGER_ACTIONS = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'];
/** What a function may do with the things that a release makes, each on those of its own kind. */
interface ServingActions {
  readonly endpoint: string[];
  readonly endpointConfig: string[];
  readonly model: string[];
}
const RELEASE_ACTIONS: ServingActions = {
  // by its tags a cost is told from others: giving them while making a thing needs the right to tag it
  endpoint: [
    'sagemaker:AddTags',
    'sagemaker:CreateEndpoint',
    'sagemaker:UpdateEndpoint',
    'sagemaker:UpdateEndpointWeightsAndCapacities',
    'sagemaker:DescribeEndpoint',
    'sagemaker:DeleteEndpoint',
    'sagemaker:InvokeEndpoint',
  ],
  endpointConfig: [
    // making and updating an endpoint is checked against its config as well
    'sagemaker:CreateEndpoint',
    'sagemaker:UpdateEndpoint',
    'sagemaker:AddTags',
    'sagemaker:CreateEndpointConfig',
    'sagemaker:DescribeEndpointConfig',
    'sagemaker:DeleteEndpointConfig',
  ],
  model: ['sagemaker:AddTags', 'sagemaker:CreateModel', 'sagemaker:DescribeModel', 'sagemaker:DeleteModel'],
};
const CLEANUP_ACTIONS: ServingActions = {
  endpoint: ['sagemaker:DescribeEndpoint', 'sagemaker:DeleteEndpoint'],
  endpointConfig: ['sagemaker:DeleteEndpointConfig'],
  model: ['sagemaker:DeleteModel'],
};
const LIST_ACTIONS = ['sagemaker:ListEndpointConfigs', 'sagemaker:ListModels'];

/** What the release function works with. */
export interface ReleasePermissions {
  readonly environmentName: string;
  readonly artifactBucket: IBucket;
  readonly encryptionKey?: IKey;
  readonly ledgerTable: ITableV2;
  readonly notificationTopic: ITopic;
}

/** Lets the release function do what a release needs in its own environment, and nothing that approves a version. */
export function allowRelease(step: LambdaFunction, permissions: ReleasePermissions): void {
  const { environmentName } = permissions;
  const stack = Stack.of(step);
  permissions.ledgerTable.grant(step, ...LEDGER_ACTIONS);
  permissions.encryptionKey?.grantEncryptDecrypt(step);
  permissions.notificationTopic.grantPublish(step);
  allowArtifacts(step, permissions.artifactBucket);
  const artifactKey = permissions.artifactBucket.encryptionKey;
  if (artifactKey !== permissions.encryptionKey) artifactKey?.grantDecrypt(step);
  allowServing(step, environmentName, RELEASE_ACTIONS);
  allowScaling(step, environmentName);

  const packages = sagemakerArn(stack, 'model-package', environmentName);
  step.addToRolePolicy(new PolicyStatement({ actions: ['sagemaker:DescribeModelPackage'], resources: [packages] }));
  step.addToRolePolicy(
    new PolicyStatement({
      actions: ['sagemaker:UpdateModelPackage'],
      resources: [packages],
      // a machine rejects, a person approves
      conditions: { StringEqualsIfExists: { 'sagemaker:ModelApprovalStatus': 'Rejected' } },
    }),
  );
  step.addToRolePolicy(
    new PolicyStatement({
      actions: ['ssm:GetParameter'],
      resources: [
        stack.formatArn({
          service: 'ssm',
          resource: 'parameter',
          resourceName: settingsParameterName(environmentName, '*', 'serving').replace(/^\/|\/serving$/g, ''),
        }),
      ],
    }),
  );
  step.addToRolePolicy(
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [
        stack.formatArn({
          service: 'iam',
          region: '',
          resource: 'role',
          resourceName: `${modelRolePath(environmentName).slice(1)}*`,
        }),
      ],
      conditions: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    }),
  );
  // a tag may mean another image than when the version was registered
  allowImageLookup(step);
  // SageMaker's words leave open whether the caller or the containers' role must see the guardrail alarms: both do
  step.addToRolePolicy(new PolicyStatement({ actions: ['cloudwatch:DescribeAlarms'], resources: ['*'] }));
}

/** Lets the function start endpoints whose disks are under these keys: SageMaker asks for its grant in the caller's name. */
export function allowEndpointKeys(step: LambdaFunction, keys: IKey[]): void {
  if (keys.length === 0) return;
  const resources = keys.map(key => key.keyArn);
  step.addToRolePolicy(new PolicyStatement({ actions: ['kms:DescribeKey'], resources }));
  step.addToRolePolicy(
    new PolicyStatement({
      actions: ['kms:CreateGrant'],
      resources,
      conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
    }),
  );
}

/** The artifact and the baseline of a version are looked at; which model's they are is known only then. */
function allowArtifacts(step: LambdaFunction, bucket: IBucket): void {
  step.addToRolePolicy(new PolicyStatement({ actions: ['s3:GetObject'], resources: [bucket.arnForObjects('*')] }));
  // without it S3 answers `AccessDenied` for an object that is not there
  step.addToRolePolicy(new PolicyStatement({ actions: ['s3:ListBucket'], resources: [bucket.bucketArn] }));
}

/** Lets the cleanup delete what releases made, and nothing that was registered. */
export function allowServingCleanup(cleanup: LambdaFunction, environmentName: string): void {
  allowServing(cleanup, environmentName, CLEANUP_ACTIONS);
  allowEndOfScaling(cleanup, environmentName);
}

function allowServing(grantee: LambdaFunction, environmentName: string, actions: ServingActions): void {
  const stack = Stack.of(grantee);
  const allow = (resource: string, allowed: string[]): void =>
    grantee.addToRolePolicy(
      new PolicyStatement({ actions: allowed, resources: [sagemakerArn(stack, resource, environmentName)] }),
    );
  allow('endpoint', actions.endpoint);
  allow('endpoint-config', actions.endpointConfig);
  allow('model', actions.model);
  grantee.addToRolePolicy(new PolicyStatement({ actions: LIST_ACTIONS, resources: ['*'] }));
}

function sagemakerArn(stack: Stack, resource: string, environmentName: string): string {
  return stack.formatArn({ service: 'sagemaker', resource, resourceName: `${resourcePrefix(environmentName)}-*` });
}
