import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentNames, loadEnvironment } from '../../lib/config/environment';
import { type Resource, synthesise, type SynthesisedStack } from '../support/platform';
import { ACCOUNT, boundaryOf, type Request } from './boundary-evaluation';
import { rootOf } from './environment-of';

const ROOT = join(__dirname, '..', '..');

/** All that an environment can have, so that no right is left out. */
const EVERYTHING = {
  tier: 'prod',
  account: ACCOUNT,
  network: { source: 'create' },
  cluster: { source: 'create', gateway: true },
  images: { trainer: { build: 'image' }, modelServer: 'server:1' },
  notifications: {
    emails: ['on-call@example.com'],
    slack: [{ workspaceId: 'T0123ABCD', channelId: 'C0123ABCD' }],
  },
  governance: { configRules: true },
  budgets: { monthlyUsd: 100, models: { rain: 10 } },
  delivery: {
    issuer: 'token.actions.githubusercontent.com',
    subjects: ['repo:acme/models:environment:dev'],
    reviewSubjects: ['repo:acme/models:pull_request'],
    mergeSubjects: ['repo:acme/models:ref:refs/heads/main'],
  },
  promotion: {
    from: { environment: 'sandbox', account: '222222222222', region: 'eu-west-1' },
    to: [{ environment: 'prod', account: '333333333333', region: 'eu-west-1' }],
  },
  models: {
    rain: { training: { triggers: { merge: true, schedule: 'rate(7 days)' } } },
    snow: { serving: { target: 'eks' } },
  },
};

/** Rights that policies of AWS give, those by which each is known: they are AWS's to change. */
const OF_AWS: Readonly<Record<string, readonly string[]>> = {
  AmazonEC2ContainerRegistryPullOnly: [
    'ecr:GetAuthorizationToken',
    'ecr:BatchGetImage',
    'ecr:BatchImportUpstreamImage',
  ],
  AmazonEC2ContainerRegistryReadOnly: [
    'ecr:GetAuthorizationToken',
    'ecr:BatchGetImage',
    'ecr:DescribeImageScanFindings',
  ],
  AmazonElasticContainerRegistryPublicReadOnly: ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'],
  AmazonEKSBlockStoragePolicy: ['ec2:CreateVolume', 'ec2:AttachVolume', 'ec2:CreateSnapshot'],
  AmazonEKSClusterPolicy: ['ec2:CreateSecurityGroup', 'elasticloadbalancing:CreateLoadBalancer', 'kms:DescribeKey'],
  AmazonEKSComputePolicy: ['ec2:RunInstances', 'ec2:CreateFleet', 'ec2:CreateLaunchTemplate'],
  AmazonEKSLoadBalancingPolicy: ['elasticloadbalancing:CreateTargetGroup', 'ec2:AuthorizeSecurityGroupIngress'],
  AmazonEKSNetworkingPolicy: ['ec2:CreateNetworkInterface', 'ec2:AssignPrivateIpAddresses'],
  AmazonEKSWorkerNodeMinimalPolicy: ['eks-auth:AssumeRoleForPodIdentity'],
  AWSLambdaBasicExecutionRole: ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents'],
  AWSLambdaVPCAccessExecutionRole: ['ec2:CreateNetworkInterface', 'ec2:UnassignPrivateIpAddresses'],
};

const CLOUDFORMATION = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-eu-west-1`;

/** What IAM calls a service that CloudFormation calls otherwise. */
const SERVICES: Readonly<Record<string, string>> = {
  ApplicationAutoScaling: 'application-autoscaling',
  ElasticLoadBalancingV2: 'elasticloadbalancing',
  KinesisFirehose: 'firehose',
  StepFunctions: 'states',
};

interface Granted extends Request {
  readonly at: string;
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Condition?: Record<string, Record<string, string>>;
}

/** Each right that a stack gives to a role of its own or of another stack. */
function granted({ stackName, resources }: SynthesisedStack, account: string): Granted[] {
  const roleOf = (id: string): string => {
    const path = (resources[id]?.Properties?.['Path'] as string | undefined) ?? '/';
    return `arn:aws:iam::${account}:role${path}${stackName}-${id}`;
  };
  return Object.entries(resources).flatMap(([id, resource]) => {
    const roles = resource.Type === 'AWS::IAM::Role' ? [id] : rolesOf(resource);
    return roles.flatMap(role =>
      [
        ...documentsOf(resource).flatMap(({ Statement }) =>
          Statement.filter(({ Effect }) => Effect === 'Allow').flatMap(({ Action, Resource: on, Condition }) =>
            [Action].flat().flatMap(action =>
              [on].flat().map(what => ({
                action,
                resource: arnOf(what, action, stackName, account),
                resourceAccount: Condition?.['StringEquals']?.['s3:ResourceAccount'],
              })),
            ),
          ),
        ),
        ...managedOf(resource).map(action => ({ action, resource: '*' })),
      ].map(right => ({
        at: `${stackName}/${id}`,
        principal: roleOf(role),
        // no role is without it
        boundary: `arn:aws:iam::${account}:policy/mlops-${stackName.split('-')[1] ?? ''}-boundary`,
        ...right,
      })),
    );
  });
}

function documentsOf({ Type, Properties }: Resource): { readonly Statement: Statement[] }[] {
  if (Type === 'AWS::IAM::Policy' || Type === 'AWS::IAM::ManagedPolicy') return [Properties['PolicyDocument'] as never];
  if (Type !== 'AWS::IAM::Role') return [];
  return ((Properties['Policies'] ?? []) as { PolicyDocument: never }[]).map(({ PolicyDocument }) => PolicyDocument);
}

/** Roles of a policy; one of another stack is as good as one of its own. */
function rolesOf({ Type, Properties }: Resource): string[] {
  if (!/^AWS::IAM::(Managed)?Policy$/.test(Type)) return [];
  return ((Properties['Roles'] ?? []) as { Ref?: string }[]).map(({ Ref }) => Ref ?? 'Imported');
}

/** What the policies of AWS that a role has give it. */
function managedOf({ Properties }: Resource): string[] {
  const text = JSON.stringify(Properties?.['ManagedPolicyArns'] ?? []);
  return [...text.matchAll(/:iam::aws:policy\/(?:service-role\/)?(\w+)/g)].flatMap(([, name = '']) => {
    const actions = OF_AWS[name];
    if (actions === undefined) throw new Error(`what '${name}' gives is not known here, add it`);
    return actions;
  });
}

/** ARN of what a stack makes without a name. */
function ownArn(action: string, stackName: string, account: string): string {
  const [service = ''] = action.split(':');
  const made = `${stackName}-made`;
  const arns: Readonly<Record<string, string>> = {
    s3: `arn:aws:s3:::${made}`,
    dynamodb: `arn:aws:dynamodb:eu-west-1:${account}:table/${made}`,
    lambda: `arn:aws:lambda:eu-west-1:${account}:function:${made}`,
    iam: `arn:aws:iam::${account}:role/${made}`,
    // the stacks' own parameters have names
    ssm: `arn:aws:ssm:eu-west-1:${account}:parameter/mlops/${stackName.split('-')[1] ?? ''}/made`,
  };
  return arns[service] ?? `arn:aws:${service}:eu-west-1:${account}:${made}`;
}

/** An ARN as AWS would make it: what a stack makes without a name bears the stack's. */
function arnOf(value: unknown, action: string, stackName: string, account: string): string {
  if (typeof value === 'string') return value;
  const own = (stack: string): string => ownArn(action, stack, account);
  const [[intrinsic, argument]] = Object.entries(value as object) as [[string, never]];
  switch (intrinsic) {
    case 'Fn::Sub':
      return String(argument).replaceAll('${AWS::AccountId}', account);
    case 'Ref': {
      const pseudo: Record<string, string> = { 'AWS::AccountId': account, 'AWS::Partition': 'aws', 'AWS::NoValue': '' };
      pseudo['AWS::Region'] = 'eu-west-1';
      pseudo['AWS::URLSuffix'] = 'amazonaws.com';
      return pseudo[argument] ?? own(stackName);
    }
    case 'Fn::ImportValue':
      return own(String(argument).split(':')[0] ?? '');
    case 'Fn::GetStackOutput':
      return own((argument as { StackName: string }).StackName);
    case 'Fn::Join': {
      const [delimiter, parts] = argument as [string, unknown[]];
      // a name within an ARN is no ARN itself
      return parts
        .map(part => arnOf(part, action, stackName, account))
        .map((text, index) => (index > 0 && text.startsWith('arn:') ? text.slice(text.search(/[^:/]+$/)) : text))
        .join(delimiter);
    }
    default:
      return own(stackName);
  }
}

/** Rights outside of the boundary. */
function outside(root: string, name: string): string[] {
  const { account = ACCOUNT, promotion } = loadEnvironment(root, name);
  const lies = boundaryOf(
    { environmentName: name, sourceAccounts: promotion?.from === undefined ? [] : [promotion.from.account] },
    account,
  );
  const rights = (synthesise({ root, environmentNames: [name] }).get(name) ?? []).flatMap(stack =>
    granted(stack, account),
  );
  expect(rights.length).toBeGreaterThan(100);
  return [
    ...new Set(
      rights
        .filter(({ resource }) => resource !== '')
        .filter(right => !lies(right))
        .map(({ at, action, resource }) => `${at}: ${action} on ${resource}`),
    ),
  ];
}

test.each(environmentNames(ROOT))('all rights of all roles of %s lie within its boundary', name => {
  expect(outside(ROOT, name)).toEqual([]);
});

describe('an environment that has everything', () => {
  const root = rootOf(EVERYTHING);
  appendFileSync(join(root, 'rain.yaml'), 'subject: person\n');
  mkdirSync(join(root, 'image'));
  writeFileSync(join(root, 'image', 'Dockerfile'), 'FROM scratch');

  test('has no right outside of its boundary', () => {
    expect(outside(root, 'dev')).toEqual([]);
  });

  test('is made of resources that CloudFormation can make within it', () => {
    const lies = boundaryOf({ environmentName: 'dev' });
    const types = (synthesise({ root }).get('dev') ?? []).flatMap(({ resources }) =>
      Object.values(resources).map(({ Type }) => Type),
    );
    const services = new Set(types.filter(type => type.startsWith('AWS::')).map(type => type.split('::')[1] ?? ''));
    expect(services.size).toBeGreaterThan(20);
    const cannot = [...services].filter(service => {
      const prefix = SERVICES[service] ?? service.toLowerCase();
      const action = `${prefix}:${prefix === 'iam' ? 'CreateRole' : 'CreateWhatever'}`;
      const resource = ownArn(action, 'mlops-dev-stack', ACCOUNT);
      const boundary = `arn:aws:iam::${ACCOUNT}:policy/mlops-dev-boundary`;
      return !lies({ principal: CLOUDFORMATION, boundary, action, resource });
    });
    expect(cannot).toEqual([]);
  });
});

describe('outside of it lies', () => {
  const lies = boundaryOf({ environmentName: 'dev' });
  const boundary = `arn:aws:iam::${ACCOUNT}:policy/mlops-dev-boundary`;
  const ROLE = `arn:aws:iam::${ACCOUNT}:role/mlops-dev-platform-ReleaseStep`;
  const EVIDENCE = 'arn:aws:s3:::mlops-dev-governance-trail';

  const NOBODY: readonly [string, string, string][] = [
    ['a role without the boundary', 'iam:CreateRole', ROLE],
    ['rights for a role without the boundary', 'iam:PutRolePolicy', ROLE],
    ['a policy for a role without the boundary', 'iam:AttachRolePolicy', ROLE],
    ['the boundary taken off a role', 'iam:DeleteRolePermissionsBoundary', ROLE],
    ['a new version of the boundary', 'iam:CreatePolicyVersion', boundary],
    ['another version of the boundary', 'iam:SetDefaultPolicyVersion', boundary],
    ['the boundary deleted', 'iam:DeletePolicy', boundary],
    ['a user', 'iam:CreateUser', `arn:aws:iam::${ACCOUNT}:user/mlops-dev-user`],
    ['a key that does not expire', 'iam:CreateAccessKey', `arn:aws:iam::${ACCOUNT}:user/ann`],
    ['a role of somebody else passed on', 'iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/Admin`],
    ['a role of another environment passed on', 'iam:PassRole', `arn:aws:iam::${ACCOUNT}:role/mlops-prod-platform-X`],
    ['a role of another account taken', 'sts:AssumeRole', 'arn:aws:iam::999999999999:role/Admin'],
    ['the trail ended', 'cloudtrail:StopLogging', `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/mlops-dev`],
    ['the trail deleted', 'cloudtrail:DeleteTrail', `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/mlops-dev`],
    ['evidence deleted', 's3:DeleteObjectVersion', `${EVIDENCE}/AWSLogs/x`],
    ['the lock of evidence taken off', 's3:BypassGovernanceRetention', `${EVIDENCE}/AWSLogs/x`],
    ['a bucket of somebody else read', 's3:GetObject', 'arn:aws:s3:::payroll/x'],
    ['a bucket of another environment read', 's3:GetObject', 'arn:aws:s3:::mlops-prod-data-lake/x'],
    [
      'a table of another environment read',
      'dynamodb:GetItem',
      `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/mlops-prod-x`,
    ],
    ['a secret', 'secretsmanager:GetSecretValue', `arn:aws:secretsmanager:eu-west-1:${ACCOUNT}:secret:x`],
    ['an organisation left', 'organizations:LeaveOrganization', '*'],
    ['an account closed', 'account:CloseAccount', '*'],
  ];
  test.each(NOBODY)('%s, for CloudFormation as well', (_what, action, resource) => {
    for (const principal of [ROLE, CLOUDFORMATION]) {
      expect(lies({ principal, action, resource, resourceAccount: ACCOUNT })).toBe(false);
    }
  });

  const ONLY_CLOUDFORMATION: readonly [string, string, string][] = [
    ['a role within the boundary', 'iam:CreateRole', ROLE],
    ['the rights of a role within the boundary', 'iam:PutRolePolicy', ROLE],
    ['whom a role trusts', 'iam:UpdateAssumeRolePolicy', ROLE],
    ['what a trail logs', 'cloudtrail:PutEventSelectors', `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/mlops-dev`],
    ['who may read evidence', 's3:PutBucketPolicy', EVIDENCE],
    ['how long data stays', 's3:PutLifecycleConfiguration', 'arn:aws:s3:::mlops-dev-data-lake'],
    ['who may use a key', 'kms:PutKeyPolicy', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/x`],
    ['the end of a key', 'kms:ScheduleKeyDeletion', `arn:aws:kms:eu-west-1:${ACCOUNT}:key/x`],
    ['the code of a function', 'lambda:UpdateFunctionCode', `arn:aws:lambda:eu-west-1:${ACCOUNT}:function:mlops-dev-x`],
    ['the steps of a release', 'states:UpdateStateMachine', `arn:aws:states:eu-west-1:${ACCOUNT}:stateMachine:x`],
    ['the ledger', 'dynamodb:DeleteTable', `arn:aws:dynamodb:eu-west-1:${ACCOUNT}:table/mlops-dev-platform-Ledger`],
    [
      'the settings of a model',
      'ssm:PutParameter',
      `arn:aws:ssm:eu-west-1:${ACCOUNT}:parameter/mlops/dev/rain/serving`,
    ],
    ['who may use a cluster', 'eks:CreateAccessEntry', `arn:aws:eks:eu-west-1:${ACCOUNT}:cluster/x`],
    [
      'the registry',
      'sagemaker:DeleteModelPackageGroup',
      `arn:aws:sagemaker:eu-west-1:${ACCOUNT}:model-package-group/x`,
    ],
  ];
  test.each(ONLY_CLOUDFORMATION)('%s, but for CloudFormation', (_what, action, resource) => {
    expect(lies({ principal: ROLE, boundary, action, resource })).toBe(false);
    expect(lies({ principal: CLOUDFORMATION, boundary, action, resource })).toBe(true);
  });

  test('the roles of the bootstrap, but for CI', () => {
    const resource = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-deploy-role-${ACCOUNT}-eu-west-1`;
    const ci = `arn:aws:iam::${ACCOUNT}:role/mlops-dev-delivery-DeployRole`;
    expect(lies({ principal: ROLE, action: 'sts:AssumeRole', resource })).toBe(false);
    expect(lies({ principal: ci, action: 'sts:AssumeRole', resource })).toBe(true);
  });

  test('data of another account, but where versions come from', () => {
    const read = { principal: ROLE, action: 's3:GetObject', resource: 'arn:aws:s3:::mlops-sandbox-artifacts/x' };
    const giving = boundaryOf({ environmentName: 'dev', sourceAccounts: ['222222222222'] });
    expect(giving({ ...read, resourceAccount: '222222222222' })).toBe(true);
    expect(giving({ ...read, resourceAccount: '333333333333' })).toBe(false);
    expect(lies({ ...read, resourceAccount: '222222222222' })).toBe(false);
  });
});
