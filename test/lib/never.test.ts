import { join } from 'node:path';
import { environmentNames, loadEnvironment } from '../../lib/config/environment';
import { readable } from '../../review/readable';
import { EVERYTHING, synthesiseEverything, type SynthesisedStack } from '../support/platform';

const ROOT = join(__dirname, '..', '..');

/** What JSON holds: a rule reaches deep into resources of the type that it is about. */
type Untyped = ReturnType<typeof JSON.parse>;

/** A resource as a person reads it. */
interface Resource {
  readonly Type: string;
  readonly Properties: Record<string, Untyped>;
  readonly DeletionPolicy?: string;
  readonly UpdateReplacePolicy?: string;
}

/** The same with where it is. */
interface Placed extends Resource {
  readonly at: string;
  readonly environment: string;
}

/** What must never be in a template of any environment, and a resource that is so: a rule that sees nothing is none. */
interface Never {
  readonly name: string;
  readonly isWrong: (resource: Placed, all: readonly Placed[]) => boolean;
  readonly seeded: Resource;
}

const STATEFUL = [
  'AWS::DynamoDB::GlobalTable',
  'AWS::DynamoDB::Table',
  'AWS::ECR::Repository',
  'AWS::KMS::Key',
  'AWS::S3::Bucket',
  'AWS::SageMaker::ModelPackageGroup',
];
const PUBLIC_BLOCKS = ['BlockPublicAcls', 'BlockPublicPolicy', 'IgnorePublicAcls', 'RestrictPublicBuckets'];
/** A name of their own would stop CloudFormation from putting a new one in their place, which it must when they change. */
const NAMED: Record<string, string> = {
  'AWS::DynamoDB::GlobalTable': 'TableName',
  'AWS::DynamoDB::Table': 'TableName',
  'AWS::IAM::ManagedPolicy': 'ManagedPolicyName',
  'AWS::IAM::Role': 'RoleName',
  'AWS::KinesisFirehose::DeliveryStream': 'DeliveryStreamName',
  'AWS::Lambda::Function': 'FunctionName',
  'AWS::S3::Bucket': 'BucketName',
  'AWS::SNS::Topic': 'TopicName',
  'AWS::SQS::Queue': 'QueueName',
};
/** The policies of another account name it, where no reference reaches; it is never replaced but with its environment. */
const NAMED_ON_PURPOSE = /\/PromotionTargetFunctionRole[0-9A-F]{8}$/;
/** Accounts that an environment's file names: its own, and those that versions come from and go to. */
const ACCOUNTS: Readonly<Record<string, readonly (string | undefined)[]>> = Object.fromEntries(
  [ROOT, EVERYTHING].flatMap(root =>
    environmentNames(root).map(name => {
      const { account, promotion } = loadEnvironment(root, name);
      return [name, [account, ...[promotion?.from ?? [], promotion?.to ?? []].flat().map(peer => peer.account)]];
    }),
  ),
);
/** The only things that are secret by their name; a reference to a secret says `secretsmanager` or `ssm-secure`. */
const SECRET = /(password|passwd|secret|token|api_?key|credential)s?$/i;

interface Statement {
  readonly Effect: string;
  readonly Action?: string | string[];
  readonly NotAction?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Condition?: unknown;
}

/** Statements of every policy in a resource, wherever it keeps them. */
function statements(value: unknown): Statement[] {
  if (typeof value !== 'object' || value === null) {
    return [];
  }
  if (Array.isArray(value)) {
    return value.flatMap(statements);
  }
  const { Statement } = value as { Statement?: Statement | Statement[] };
  const own = [Statement ?? []].flat().filter(({ Effect }) => Effect !== undefined);
  return own.length > 0 ? own : Object.values(value).flatMap(statements);
}

function allowing(resource: Resource): Statement[] {
  return statements(resource.Properties).filter(({ Effect }) => Effect === 'Allow');
}

function allowed(...of: Statement[]): Resource {
  return { Type: 'AWS::IAM::Policy', Properties: { PolicyDocument: { Statement: of } } };
}

/** The same in a role itself, as those of models have their rights. */
function allowedInRole(...of: Statement[]): Resource {
  return {
    Type: 'AWS::IAM::Role',
    Properties: { Policies: [{ PolicyName: 'Rights', PolicyDocument: { Statement: of } }] },
  };
}

/** Whether a statement names an action, by itself or by a wildcard. */
function names({ Action }: Statement, action: string): boolean {
  return [Action ?? []].flat().some(pattern => matches(pattern, action));
}

function matches(pattern: string, action: string): boolean {
  const source = pattern.split('*').map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}$`, 'i').test(action);
}

function passing(resource: Resource): Statement[] {
  return allowing(resource).filter(statement => names(statement, 'iam:PassRole'));
}

function isIdentityPolicy({ Type }: Resource): boolean {
  return /^AWS::IAM::/.test(Type);
}

const NEVER: readonly Never[] = [
  {
    name: 'a bucket that may become public',
    isWrong: ({ Type, Properties }) =>
      Type === 'AWS::S3::Bucket' &&
      PUBLIC_BLOCKS.some(block => Properties.PublicAccessBlockConfiguration?.[block] !== true),
    seeded: {
      Type: 'AWS::S3::Bucket',
      Properties: { PublicAccessBlockConfiguration: { BlockPublicAcls: true, BlockPublicPolicy: true } },
    },
  },
  {
    name: 'anybody in the world who may do anything',
    isWrong: resource =>
      allowing(resource).some(
        ({ Principal, NotPrincipal }) =>
          NotPrincipal !== undefined || Principal === '*' || (JSON.stringify(Principal) ?? '').includes('"*"'),
      ) ||
      (resource.Type === 'AWS::Lambda::Permission' && resource.Properties.Principal === '*'),
    seeded: allowed({ Effect: 'Allow', Action: 's3:GetObject', Principal: { AWS: '*' } }),
  },
  {
    name: 'a service that may call a function for whomever it likes',
    isWrong: ({ Type, Properties }) =>
      Type === 'AWS::Lambda::Permission' &&
      Properties.SourceArn === undefined &&
      Properties.SourceAccount === undefined,
    seeded: { Type: 'AWS::Lambda::Permission', Properties: { Principal: 'events.amazonaws.com' } },
  },
  {
    name: 'an identity that may do everything, or everything of a service, or all but something',
    isWrong: resource =>
      isIdentityPolicy(resource) &&
      allowing(resource).some(
        ({ Action, NotAction, NotResource }) =>
          NotAction !== undefined ||
          NotResource !== undefined ||
          [Action ?? []].flat().some(action => /^(\*|[a-z0-9-]+:\*)$/.test(action)),
      ),
    seeded: allowed({ Effect: 'Allow', Action: ['s3:GetObject', 'sagemaker:*'] }),
  },
  {
    name: 'an identity with a policy of AWS that may do everything',
    isWrong: ({ Properties }) =>
      /(AdministratorAccess|PowerUserAccess|FullAccess)/.test(JSON.stringify(Properties.ManagedPolicyArns ?? [])),
    seeded: {
      Type: 'AWS::IAM::Role',
      Properties: { ManagedPolicyArns: ['arn:aws:iam::aws:policy/AmazonSageMakerFullAccess'] },
    },
  },
  {
    name: 'a function or machine that approves a version',
    isWrong: resource =>
      allowing(resource).some(
        statement =>
          names(statement, 'sagemaker:UpdateModelPackage') &&
          !JSON.stringify(statement.Condition ?? {}).includes('"Rejected"'),
      ),
    seeded: allowedInRole({ Effect: 'Allow', Action: ['sagemaker:UpdateModelPackage'] }),
  },
  {
    name: 'a role that may be passed to any service',
    isWrong: resource =>
      passing(resource).some(
        ({ Condition }) => !/iam:PassedToService.*\.amazonaws\.com/.test(JSON.stringify(Condition ?? {})),
      ),
    seeded: allowedInRole({ Effect: 'Allow', Action: 'iam:PassRole', Resource: 'arn:aws:iam::1:role/mlops/prod/*' }),
  },
  {
    name: 'a role that may be passed from elsewhere than the path of the models',
    isWrong: resource =>
      passing(resource).some(
        ({ Resource }) => !JSON.stringify(Resource ?? '').includes(`:role/mlops/${resource.environment}/*`),
      ),
    seeded: allowedInRole({
      Effect: 'Allow',
      Action: 'iam:PassRole',
      Resource: 'arn:aws:iam::1:role/mlops/dev/*',
      Condition: { StringEquals: { 'iam:PassedToService': 'sagemaker.amazonaws.com' } },
    }),
  },
  {
    name: 'a store that is not encrypted with a key of the account',
    isWrong: ({ Type, Properties }) => {
      const text = JSON.stringify(Properties);
      switch (Type) {
        case 'AWS::S3::Bucket':
          return Properties.BucketEncryption === undefined;
        case 'AWS::DynamoDB::Table':
        case 'AWS::DynamoDB::GlobalTable':
          return Properties.SSESpecification?.SSEEnabled !== true || !text.includes('KMSMasterKeyId');
        case 'AWS::SQS::Queue':
          return Properties.SqsManagedSseEnabled !== true && Properties.KmsMasterKeyId === undefined;
        case 'AWS::SNS::Topic':
          // `ReactionController` says why its own topic has none: names and numbers of alarms alone go through it
          return Properties.KmsMasterKeyId === undefined && !/^mlops-[a-z]+: alarms$/.test(Properties.DisplayName);
        case 'AWS::EKS::Cluster':
          return Properties.EncryptionConfig === undefined;
        default:
          return false;
      }
    },
    seeded: { Type: 'AWS::DynamoDB::Table', Properties: { SSESpecification: { SSEEnabled: false } } },
  },
  {
    name: 'a bucket, queue or topic that takes plain HTTP',
    isWrong: ({ Type, Properties, environment, at }, all) => {
      const policyType = {
        'AWS::S3::Bucket': 'BucketPolicy',
        'AWS::SQS::Queue': 'QueuePolicy',
        'AWS::SNS::Topic': 'TopicPolicy',
      }[Type];
      const name = at.split('/').at(-1);
      return (
        policyType !== undefined &&
        Properties !== undefined &&
        !all.some(
          policy =>
            policy.environment === environment &&
            policy.Type.endsWith(policyType) &&
            JSON.stringify([policy.Properties.Bucket, policy.Properties.Queues, policy.Properties.Topics]).includes(
              `\${${name}}`,
            ) &&
            statements(policy.Properties).some(
              ({ Effect, Condition }) =>
                Effect === 'Deny' && JSON.stringify(Condition ?? {}).includes('"aws:SecureTransport":"false"'),
            ),
        )
      );
    },
    seeded: { Type: 'AWS::S3::Bucket', Properties: {} },
  },
  {
    name: 'an address of plain HTTP',
    isWrong: ({ Type, Properties }) =>
      (Type === 'AWS::SNS::Subscription' && Properties.Protocol === 'http') ||
      (Type === 'AWS::ElasticLoadBalancingV2::Listener' && Properties.Protocol === 'HTTP'),
    seeded: { Type: 'AWS::SNS::Subscription', Properties: { Protocol: 'http', Endpoint: 'http://example.com' } },
  },
  {
    name: 'a secret in the open',
    isWrong: ({ Type, Properties }) => {
      const variables = (Properties.Environment?.Variables ?? {}) as Record<string, unknown>;
      const inVariables = Object.entries(variables).some(
        ([name, value]) => SECRET.test(name) && !/secretsmanager|ssm-secure|\$\{|^arn:/.test(String(value)),
      );
      const inText = /AKIA[0-9A-Z]{16}|-----BEGIN [A-Z ]*PRIVATE KEY-----|hooks\.slack\.com\/services\/T/.test(
        JSON.stringify(Properties),
      );
      return inText || (Type === 'AWS::Lambda::Function' && inVariables);
    },
    seeded: {
      Type: 'AWS::Lambda::Function',
      Properties: { Environment: { Variables: { DATABASE_PASSWORD: 'correct horse battery staple' } } },
    },
  },
  {
    name: 'a security group that lets the internet in',
    isWrong: ({ Type, Properties }) =>
      /^AWS::EC2::SecurityGroup(Ingress)?$/.test(Type) &&
      [...((Properties.SecurityGroupIngress ?? []) as object[]), Type.endsWith('Ingress') ? Properties : {}].some(
        rule => /"(0\.0\.0\.0|::)\/0"/.test(JSON.stringify(rule)),
      ),
    seeded: {
      Type: 'AWS::EC2::SecurityGroup',
      Properties: { SecurityGroupIngress: [{ CidrIp: '0.0.0.0/0', IpProtocol: '-1' }] },
    },
  },
  {
    name: 'an API server of Kubernetes that the internet reaches',
    isWrong: ({ Type, Properties }) =>
      Type === 'AWS::EKS::Cluster' && Properties.ResourcesVpcConfig?.EndpointPublicAccess !== false,
    seeded: { Type: 'AWS::EKS::Cluster', Properties: { ResourcesVpcConfig: { EndpointPrivateAccess: true } } },
  },
  {
    name: 'data of the tier prod that goes with its stack',
    isWrong: ({ Type, environment, DeletionPolicy, UpdateReplacePolicy }) =>
      ['full', 'prod', 'staging'].includes(environment) &&
      STATEFUL.includes(Type) &&
      ![DeletionPolicy, UpdateReplacePolicy].every(policy => /^Retain/.test(policy ?? '')),
    seeded: { Type: 'AWS::S3::Bucket', Properties: {}, DeletionPolicy: 'Delete', UpdateReplacePolicy: 'Retain' },
  },
  {
    name: 'something that empties what prod stores',
    isWrong: ({ Type, environment }) => environment === 'prod' && /^Custom::.*(Empty|AutoDelete)/.test(Type),
    seeded: { Type: 'Custom::S3AutoDeleteObjects', Properties: {} },
  },
  {
    name: 'a table that cannot be put back to any second',
    isWrong: ({ Type, Properties }) =>
      /^AWS::DynamoDB::/.test(Type) && !JSON.stringify(Properties).includes('"PointInTimeRecoveryEnabled":true'),
    seeded: { Type: 'AWS::DynamoDB::Table', Properties: {} },
  },
  {
    name: 'the number of an account that the environment does not name',
    // those of AWS itself, such as the layer of another account, would have their reason here
    isWrong: ({ Properties, environment }) =>
      [...JSON.stringify(Properties).matchAll(/arn:aws[a-z-]*:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):/g)].some(
        ([, account = '']) => !(ACCOUNTS[environment] ?? []).includes(account),
      ),
    seeded: allowed({ Effect: 'Allow', Principal: { AWS: 'arn:aws:iam::111122223333:root' } }),
  },
  {
    name: 'an alarm that tells nobody and guards no release',
    isWrong: ({ Type, Properties, at, environment }, all) =>
      Type === 'AWS::CloudWatch::Alarm' &&
      ((Properties.AlarmActions ?? []) as unknown[]).length === 0 &&
      !all.some(
        other =>
          other.environment === environment &&
          other.Type === 'AWS::SSM::Parameter' &&
          JSON.stringify(other.Properties.Value).includes(`\${${at.split('/').at(-1) ?? ''}}`),
      ),
    seeded: { Type: 'AWS::CloudWatch::Alarm', Properties: { AlarmActions: [] } },
  },
  {
    name: 'a log without an end',
    isWrong: ({ Type, Properties }) => Type === 'AWS::Logs::LogGroup' && Properties.RetentionInDays === undefined,
    seeded: { Type: 'AWS::Logs::LogGroup', Properties: {} },
  },
  {
    name: 'a name that stops CloudFormation from replacing what has it',
    isWrong: ({ Type, Properties, at }) =>
      Type in NAMED && Properties[NAMED[Type]] !== undefined && !NAMED_ON_PURPOSE.test(at),
    seeded: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'trainer' } },
  },
  {
    name: 'a queue for failures that forgets within four days',
    isWrong: ({ Type, Properties }) =>
      Type === 'AWS::SQS::Queue' && Number(Properties.MessageRetentionPeriod ?? 0) <= 345_600,
    seeded: { Type: 'AWS::SQS::Queue', Properties: { SqsManagedSseEnabled: true } },
  },
];

const everything = [...synthesiseEverything()].flatMap(([environment, stacks]) =>
  stacks.flatMap(stack => placed(environment, stack)),
);

function placed(environment: string, { id, resources }: SynthesisedStack): Placed[] {
  return Object.entries(resources).map(([logicalId, resource]) => ({
    at: `${environment}/${id}/${logicalId}`,
    environment,
    ...(readable(resource) as Resource),
    Properties: (readable(resource) as Partial<Resource>).Properties ?? {},
  }));
}

test.each(NEVER)('never in a template of any environment: $name', ({ isWrong }) => {
  expect(everything.filter(resource => isWrong(resource, everything)).map(({ at }) => at)).toEqual([]);
});

test.each(NEVER)('it would be seen in a template: $name', ({ isWrong, seeded }) => {
  const wrong: Placed = { at: 'prod/Data/Seeded', environment: 'prod', ...seeded };

  expect(isWrong(wrong, [...everything, wrong])).toBe(true);
});
