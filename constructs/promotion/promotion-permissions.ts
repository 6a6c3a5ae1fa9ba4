import { ArnFormat, Stack } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { IRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { LOOKUP_ACTIONS, PUSH_ACTIONS, READ_ACTIONS } from '../private/ecr-actions';
import { resourcePrefix, settingsParameterName } from '../private/names';
import type { PlatformFunction } from '../private/platform-function';
import { explainWildcards } from '../private/wildcards';
import type { PromotionEnvironment } from './promotion-environment';

/** What the promotion function works with. */
export interface PromotionPermissions {
  readonly environmentName: string;
  readonly source: PromotionEnvironment;
  readonly artifactBucket: IBucket;
  readonly encryptionKey?: IKey;
  readonly imageRepository: IRepository;
  readonly ledgerTable: ITableV2;
  readonly notificationTopic: ITopic;
}

/** Lets the promotion function read there, as far as the other account lets it, and register here, but approve nothing. */
export function allowPromotion(grantee: PlatformFunction, permissions: PromotionPermissions): void {
  allowThere(grantee, permissions.source);
  allowHere(grantee, permissions);
  const { environmentName, source } = permissions;
  explainWildcards(
    grantee,
    ...[environmentName, source.environmentName].map(name => ({
      wildcard: `/${resourcePrefix(name)}-*`,
      reason: 'groups and versions of the models of one environment; versions are made while it runs',
    })),
    { wildcard: `/mlops/${environmentName}/*`, reason: 'settings of the models, which other stacks make' },
    { wildcard: '/promoted/*', reason: "files of the promoted versions, and nobody else's" },
    {
      wildcard: 's3:::*',
      actions: ['s3:GetObject'],
      reason:
        "which bucket it is, the other account's package says; the account is fixed, and its bucket's policy decides",
    },
    {
      wildcard: ':key/*',
      actions: ['kms:Decrypt'],
      reason:
        "a key of the other account, whose id only that account knows; through S3 alone, and the key's policy decides",
    },
    {
      wildcard: ':repository/*',
      actions: READ_ACTIONS,
      reason: "which repository it is, the other account's package says; the repository's policy decides",
    },
    { wildcard: '*', actions: ['sagemaker:ListModelPackages'], reason: 'SageMaker lists by no resource' },
  );
}

/** The other account's policies must allow the same: `PromotionSource` writes them. */
function allowThere(grantee: PlatformFunction, source: PromotionEnvironment): void {
  const { account, region } = source;
  const stack = Stack.of(grantee);
  const there = (service: string, resource: string, resourceName: string): string =>
    stack.formatArn({ service, account, region, resource, resourceName });
  const allow = (actions: string[], resource: string, equals?: Record<string, string>): void =>
    grantee.addToRolePolicy(
      new PolicyStatement({
        actions,
        resources: [resource],
        conditions: equals === undefined ? undefined : { StringEquals: equals },
      }),
    );
  const packages = `${resourcePrefix(source.environmentName)}-*`;
  allow(['sagemaker:DescribeModelPackage'], there('sagemaker', 'model-package', packages));
  const objects = stack.formatArn({
    service: 's3',
    account: '',
    region: '',
    resource: '*/*',
    arnFormat: ArnFormat.NO_RESOURCE_NAME,
  });
  allow(['s3:GetObject'], objects, { 's3:ResourceAccount': account });
  allow(['kms:Decrypt'], there('kms', 'key', '*'), { 'kms:ViaService': `s3.${region}.${stack.urlSuffix}` });
  allow(READ_ACTIONS, there('ecr', 'repository', '*'));
}

function allowHere(grantee: PlatformFunction, permissions: PromotionPermissions): void {
  const { environmentName, artifactBucket, imageRepository, ledgerTable } = permissions;
  const stack = Stack.of(grantee);
  const allow = (actions: string[], resources: string[], conditions?: Record<string, Record<string, string>>): void =>
    grantee.addToRolePolicy(new PolicyStatement({ actions, resources, conditions }));
  allow(['s3:GetObject', 's3:PutObject'], [artifactBucket.arnForObjects('*/promoted/*')]);
  // without it S3 answers `AccessDenied` for an object that is not there
  allow(['s3:ListBucket'], [artifactBucket.bucketArn]);
  permissions.encryptionKey?.grantEncryptDecrypt(grantee);
  allow([...LOOKUP_ACTIONS, ...PUSH_ACTIONS], [imageRepository.repositoryArn]);
  ledgerTable.grant(grantee, 'dynamodb:GetItem', 'dynamodb:PutItem');
  permissions.notificationTopic.grantPublish(grantee);
  const sagemaker = (resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'sagemaker', resource, resourceName });
  const packages = sagemaker('model-package', `${resourcePrefix(environmentName)}-*`);
  allow(
    ['sagemaker:CreateModelPackage'],
    [sagemaker('model-package-group', `${resourcePrefix(environmentName)}-*`), packages],
    // a version that is registered as approved would serve without a person's word
    { StringEqualsIfExists: { 'sagemaker:ModelApprovalStatus': 'PendingManualApproval' } },
  );
  allow(['sagemaker:DescribeModelPackage'], [packages]);
  allow(['sagemaker:ListModelPackages'], ['*']);
  allow(
    ['ssm:GetParameter'],
    [
      stack.formatArn({
        service: 'ssm',
        resource: `parameter${settingsParameterName(environmentName, '*', 'serving')}`,
        arnFormat: ArnFormat.NO_RESOURCE_NAME,
      }),
    ],
  );
}
