import type { Resource } from '../canonical';
import type { EnvironmentChange, ResourceChange } from '../compare';
import type { Finding, Rule } from '../finding';
import { isRecord, listed, numberOf, textOf, valuesAt } from '../values';

/** What is lost with a resource that holds something. */
const HELD: Readonly<Record<string, string>> = {
  'AWS::DynamoDB::Table': 'the items of the table',
  'AWS::DynamoDB::GlobalTable': 'the items of the table',
  'AWS::EC2::Volume': 'the data on the volume',
  'AWS::ECR::Repository': 'the images in the repository',
  'AWS::EFS::FileSystem': 'the files of the file system',
  'AWS::EKS::Cluster': 'everything that runs in the cluster, with its volumes',
  'AWS::Backup::BackupVault': 'the backups in the vault',
  'AWS::CloudTrail::Trail': 'the record of who did what from now on',
  'AWS::Kinesis::Stream': 'the records that are still in the stream',
  'AWS::KMS::Key': 'everything that is encrypted with the key',
  'AWS::Logs::LogGroup': 'the log',
  'AWS::RDS::DBCluster': 'the database',
  'AWS::RDS::DBInstance': 'the database',
  'AWS::S3::Bucket': 'the objects of the bucket',
  'AWS::SageMaker::FeatureGroup': 'the features of the group',
  'AWS::SageMaker::ModelPackageGroup': 'the registered versions of the model',
  'AWS::SecretsManager::Secret': 'the secret',
  'AWS::SQS::Queue': 'the messages that wait in the queue',
};

/** What comes again by itself is no reason to stop somebody. */
const EPHEMERAL = ['AWS::Logs::LogGroup', 'AWS::SQS::Queue'];

/** Things that are deleted or replaced with what they hold, and guards of data that are given up. */
export const dataAtRisk: Rule = change => [
  ...goneStacks(change),
  ...change.resources.flatMap(resource => [
    ...goneWithData(resource),
    ...lessKept(resource, 'DeletionPolicy', 'when it or its stack is deleted'),
    ...lessKept(resource, 'UpdateReplacePolicy', 'when it is replaced'),
    ...emptying(resource),
    ...shorterLife(resource),
  ]),
];

function goneStacks({ before, after }: EnvironmentChange): Finding[] {
  return before
    .filter(({ stackName }) => !after.some(stack => stack.stackName === stackName))
    .map(({ id, stackName, resources }) => ({
      topic: 'data at risk',
      level: 'danger',
      stack: id,
      says: `stack \`${stackName}\` is no longer there: its ${Object.keys(resources).length} resources are deleted with it when somebody deletes it, and managed by nobody until then`,
    }));
}

function goneWithData({ stack, logicalId, type, impact, before, after, replacing }: ResourceChange): Finding[] {
  const held = HELD[type] as string | undefined;
  if (held === undefined || before === undefined || impact === 'added' || impact === 'changed') {
    return [];
  }
  const policy = impact === 'deleted' ? before.DeletionPolicy : after?.UpdateReplacePolicy;
  const kept = /^Retain/.test(policy ?? '');
  const because = replacing.length === 0 ? '' : `, since ${listed(replacing)} cannot be changed in place`;
  const happens = `${impact === 'deleted' ? 'is deleted' : impact === 'replaced' ? 'is replaced by a new, empty one' : 'may be replaced by a new, empty one'}${because}`;
  const outcome = kept
    ? `what it holds (${held}) stays in the account (\`${policy ?? ''}\`), but nothing here knows it any more`
    : policy === 'Snapshot'
      ? 'a snapshot of it is taken'
      : `what it holds is lost (${held})`;
  const level = EPHEMERAL.includes(type) ? 'look' : 'danger';
  return [{ topic: 'data at risk', level, stack, logicalId, says: `the ${noun(type)} ${happens}: ${outcome}` }];
}

/** `AWS::DynamoDB::Table` as people call it. */
function noun(type: string): string {
  const [, service, thing] = type.split('::');
  return `${service} ${thing.replaceAll(/([a-z])([A-Z])/g, (_, a: string, b: string) => `${a} ${b.toLowerCase()}`).toLowerCase()}`;
}

type PolicyName = 'DeletionPolicy' | 'UpdateReplacePolicy';

function lessKept(change: ResourceChange, policy: PolicyName, when: string): Finding[] {
  const { before, after, stack, logicalId, type } = change;
  if (before === undefined || after === undefined || keeping(after, policy) >= keeping(before, policy)) {
    return [];
  }
  const what = HELD[type] as string | undefined;
  return [
    {
      topic: 'data at risk',
      level: 'danger',
      stack,
      logicalId,
      says: `\`${policy}\` goes from \`${before[policy] ?? 'Delete'}\` to \`${after[policy] ?? 'none, which is Delete'}\`: ${when}, what it holds is lost${what === undefined ? '' : ` (${what})`}`,
    },
  ];
}

function keeping(resource: Resource, policy: PolicyName): number {
  return ['Snapshot', 'RetainExceptOnCreate', 'Retain'].indexOf(resource[policy] ?? 'Delete') >= 1
    ? 2
    : resource[policy] === 'Snapshot'
      ? 1
      : 0;
}

/** Custom resources that delete what a store holds, so that the store itself can be deleted. */
function emptying({ before, after, type, stack, logicalId }: ResourceChange): Finding[] {
  return before === undefined && after !== undefined && /^Custom::.*(Empty|AutoDelete)/.test(type)
    ? [
        {
          topic: 'data at risk',
          level: 'danger',
          stack,
          logicalId,
          says: `\`${type}\` is added: it deletes what is stored when the stack is deleted`,
        },
      ]
    : [];
}

/** Rules that expire data, of buckets and of tables. */
function shorterLife({ before, after, type, stack, logicalId }: ResourceChange): Finding[] {
  if (before === undefined || after === undefined) {
    return [];
  }
  if (/^AWS::DynamoDB::/.test(type)) {
    const ttl = 'TimeToLiveSpecification';
    return valuesAt(after, ttl).length > valuesAt(before, ttl).length
      ? [
          {
            topic: 'data at risk',
            level: 'danger',
            stack,
            logicalId,
            says: 'items of the table now expire by themselves',
          },
        ]
      : [];
  }
  const old = expirations(before);
  return [...expirations(after)]
    .filter(([rule, days]) => days < (old.get(rule) ?? Infinity))
    .map(([rule, days]) => ({
      topic: 'data at risk',
      level: 'danger',
      stack,
      logicalId,
      says: `objects live shorter by rule '${rule}': ${old.get(rule) ?? 'no end'} → ${days} days`,
    }));
}

function expirations(resource: Resource): Map<string, number> {
  const rules = valuesAt(resource, 'LifecycleConfiguration.Rules.*').filter(isRecord);
  return new Map(
    rules
      .filter(({ Status }) => Status === 'Enabled')
      .flatMap(rule =>
        Object.entries({
          '': rule.ExpirationInDays,
          ', replaced objects':
            rule.NoncurrentVersionExpirationInDays ??
            (isRecord(rule.NoncurrentVersionExpiration) ? rule.NoncurrentVersionExpiration.NoncurrentDays : undefined),
        }).flatMap(([suffix, days]): [string, number][] => {
          const number = numberOf(days);
          return number === undefined ? [] : [[`${textOf(rule.Id ?? rule.Prefix ?? 'all objects')}${suffix}`, number]];
        }),
      ),
  );
}
