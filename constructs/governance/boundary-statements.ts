import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { modelRolePath, resourcePrefix } from '../private/names';

/** What the statements are made from. */
export interface BoundaryScope {
  readonly partition: string;
  readonly account: string;
  readonly environmentName: string;
  readonly qualifier: string;
  readonly sourceAccounts: readonly string[];
  readonly boundaryArn: string;
}

/** Services that the platform uses and of which not all things have its prefix: AWS names them, or they have no name. */
const SERVICES = [
  'application-autoscaling',
  'athena',
  'autoscaling',
  'cloudwatch',
  'codebuild',
  'ec2',
  'ecr',
  'eks',
  'eks-auth',
  'elasticloadbalancing',
  'events',
  'firehose',
  'glue',
  'kms',
  'logs',
  'sagemaker',
  'scheduler',
  'states',
  'xray',
];

/** Services that only a deploy uses. */
const DEPLOYED_SERVICES = ['budgets', 'chatbot', 'cloudformation', 'cloudtrail', 'config'];

/** Changes of the platform itself, which only a deploy makes: by them a role could take another one's rights, or data go. */
const CHANGES = [
  'codebuild:Create*',
  'codebuild:Update*',
  'dynamodb:*ResourcePolicy',
  'dynamodb:Delete*Table*',
  'ecr:*RepositoryPolicy',
  'ecr:DeleteRepository',
  'eks:*Access*',
  'kms:DisableKey*',
  'kms:PutKeyPolicy',
  'kms:ScheduleKeyDeletion',
  'lambda:Add*',
  'lambda:Create*',
  'lambda:Delete*',
  'lambda:Publish*',
  'lambda:Put*',
  'lambda:Update*',
  'logs:DeleteLogGroup',
  's3:DeleteBucket*',
  's3:Put*Configuration',
  's3:PutBucket*',
  'sagemaker:*GroupPolicy',
  'sagemaker:DeleteModelPackage*',
  'sns:*Permission',
  'sns:SetTopicAttributes',
  'sqs:*Permission',
  'sqs:SetQueueAttributes',
  'ssm:Delete*',
  'ssm:Put*',
  'states:CreateStateMachine*',
  'states:DeleteStateMachine*',
  'states:UpdateStateMachine*',
];

/** What takes the lock off evidence, or evidence itself away. */
const LOSES_EVIDENCE = [
  's3:BypassGovernanceRetention',
  's3:DeleteObject*',
  's3:PutObjectLegalHold',
  's3:PutObjectRetention',
];

/**
 * The statements of the boundary. A managed policy has at most 6,144 characters, which is why whole services stand here:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
 *
 * What may be done to roles follows the way in which AWS delegates by a boundary:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_boundaries.html
 */
export function boundaryStatements(scope: BoundaryScope): PolicyStatement[] {
  return [...ofAll(scope), ...ofDeploy(scope), ...ofNobody(scope)];
}

/** What all roles of the platform can do at most. */
function ofAll(scope: BoundaryScope): PolicyStatement[] {
  const { partition, account, environmentName, qualifier, sourceAccounts } = scope;
  const prefix = resourcePrefix(environmentName);
  const iam = iamOf(scope);
  const named = (service: string, resource: string): string => `arn:${partition}:${service}:*:${account}:${resource}`;
  return [
    // whole services: what AWS names, or what has no name, bears no prefix to bound it by
    allow(
      [
        ...SERVICES.map(service => `${service}:*`),
        'dynamodb:ListStreams',
        'ecr-public:Get*',
        'ecr-public:Batch*',
        'ecr-public:Describe*',
        'lambda:*EventSourceMapping*',
        'sts:GetServiceBearerToken',
      ],
      ['*'],
    ),
    allow(
      ['dynamodb:*', 'lambda:*', 's3:*', 'sns:*', 'sqs:*', 'ssm:*'],
      [
        named('dynamodb', `table/${prefix}-*`),
        named('lambda', `function:${prefix}-*`),
        named('lambda', 'layer:*'),
        `arn:${partition}:s3:::${prefix}-*`,
        named('sns', `${prefix}-*`),
        named('sqs', `${prefix}-*`),
        named('ssm', `parameter/mlops/${environmentName}/*`),
      ],
    ),
    ...(sourceAccounts.length === 0
      ? []
      : // the buckets there have names that nobody knows here
        [allow(['s3:GetObject'], ['*'], { StringEquals: { 's3:ResourceAccount': [...sourceAccounts] } })]),
    // training code is an asset, which jobs read where the deploy left it
    allow(
      ['s3:GetBucket*', 's3:GetObject*', 's3:List*'],
      [`arn:${partition}:s3:::cdk-${qualifier}-assets-${account}-*`],
    ),
    // by its outputs a platform is found
    allow(['cloudformation:DescribeStacks'], [named('cloudformation', `stack/${prefix}-*`)]),
    // CI takes the roles of the bootstrap, in this account alone
    allow(['sts:AssumeRole'], [iam(`role/cdk-${qualifier}-*`)], {
      ArnLike: { 'aws:PrincipalArn': iam(`role/${prefix}-delivery-*`) },
    }),
    allow(['iam:PassRole'], rolesOf(scope)),
    allow(['iam:CreateServiceLinkedRole'], [iam('role/aws-service-role/*')]),
    // a spent budget stops trainings by a policy; the role that gets one stays within the boundary
    allow(['iam:AttachRolePolicy', 'iam:DetachRolePolicy'], rolesOf(scope), bounded(scope)),
    // nodes of a cluster in Auto Mode
    allow(['iam:*InstanceProfile'], [iam('instance-profile/eks-*'), iam(`instance-profile/${prefix}-*`)]),
  ];
}

/** What only CloudFormation can do, with the role that the bootstrap made for it. */
function ofDeploy(scope: BoundaryScope): PolicyStatement[] {
  const { partition, account, environmentName, qualifier } = scope;
  const prefix = resourcePrefix(environmentName);
  const iam = iamOf(scope);
  const cloudFormation = { 'aws:PrincipalArn': iam(`role/cdk-${qualifier}-cfn-exec-role-*`) };
  const byCloudFormation = { ArnLike: cloudFormation };
  return [
    // lists, reads and the services that only a deploy changes take no prefix
    allow([...DEPLOYED_SERVICES.map(service => `${service}:*`), 'iam:Get*', 'iam:List*'], ['*'], byCloudFormation),
    allow(['ssm:GetParameters'], [`arn:${partition}:ssm:*:${account}:parameter/cdk-bootstrap/*`], byCloudFormation),
    allow(['iam:CreateRole', 'iam:PutRolePermissionsBoundary', 'iam:*RolePolicy'], rolesOf(scope), {
      ...byCloudFormation,
      ...bounded(scope),
    }),
    allow(
      ['iam:DeleteRole', 'iam:TagRole', 'iam:UntagRole', 'iam:UpdateAssumeRolePolicy', 'iam:UpdateRole*'],
      rolesOf(scope),
      byCloudFormation,
    ),
    allow(
      ['iam:CreatePolicy*', 'iam:DeletePolicy*', 'iam:*OpenIDConnectProvider*'],
      [iam(`policy/${prefix}-*`), iam('oidc-provider/*')],
      byCloudFormation,
    ),
    deny(CHANGES, ['*'], { ArnNotLike: cloudFormation }),
  ];
}

/** What nobody under the boundary can do, CloudFormation neither. */
function ofNobody({ partition, environmentName, boundaryArn }: BoundaryScope): PolicyStatement[] {
  const governance = `arn:${partition}:s3:::${resourcePrefix(environmentName)}-governance-*`;
  return [
    deny(['iam:CreatePolicy*', 'iam:DeletePolicy*', 'iam:SetDefaultPolicyVersion'], [boundaryArn]),
    deny(['cloudtrail:DeleteTrail', 'cloudtrail:StopLogging'], ['*']),
    deny(LOSES_EVIDENCE, [`${governance}/*`]),
  ];
}

/** Roles of the environment: those of its stacks, and those of its models, which have a path. */
function rolesOf(scope: BoundaryScope): string[] {
  const iam = iamOf(scope);
  return [iam(`role/${resourcePrefix(scope.environmentName)}-*`), iam(`role${modelRolePath(scope.environmentName)}*`)];
}

function iamOf({ partition, account }: BoundaryScope): (resource: string) => string {
  return resource => `arn:${partition}:iam::${account}:${resource}`;
}

/** Only of a role that has this boundary, or gets it with the request. */
function bounded({ boundaryArn }: BoundaryScope): Record<string, Record<string, string>> {
  return { StringEquals: { 'iam:PermissionsBoundary': boundaryArn } };
}

function allow(actions: string[], resources: string[], conditions?: Record<string, unknown>): PolicyStatement {
  return new PolicyStatement({ actions, resources, conditions });
}

function deny(actions: string[], resources: string[], conditions?: Record<string, unknown>): PolicyStatement {
  return new PolicyStatement({ effect: Effect.DENY, actions, resources, conditions });
}
