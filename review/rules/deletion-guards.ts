import type { Finding, Rule } from '../finding';
import { lowered, removed, switchedOff, watch } from './watch';

const ofResources = watch('data at risk', [
  {
    type: /^AWS::(DynamoDB::(Table|GlobalTable)|RDS::.*|Cognito::UserPool|EKS::Cluster|Logs::LogGroup)$/,
    property: 'DeletionProtectionEnabled',
    level: 'danger',
    worse: switchedOff('deletion protection is switched off'),
  },
  {
    type: 'AWS::DynamoDB::GlobalTable',
    property: 'Replicas.*.DeletionProtectionEnabled',
    level: 'danger',
    worse: switchedOff('deletion protection of a replica is switched off'),
  },
  {
    type: /^AWS::(RDS::.*|EKS::Cluster)$/,
    property: 'DeletionProtection',
    level: 'danger',
    worse: switchedOff('deletion protection is switched off'),
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'ObjectLockEnabled',
    level: 'danger',
    worse: switchedOff('object lock is given up'),
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'ObjectLockConfiguration.Rule.DefaultRetention.Days',
    level: 'danger',
    worse: lowered('objects are locked for fewer days', 0),
  },
  {
    type: 'AWS::KMS::Key',
    property: 'PendingWindowInDays',
    level: 'danger',
    worse: lowered('less time to take a deletion of the key back, in days', 30),
  },
  {
    type: 'AWS::KMS::Key',
    property: 'Enabled',
    level: 'danger',
    worse: (_, [enabled]) =>
      enabled === false ? 'the key is disabled: nobody reads what is encrypted with it' : undefined,
  },
  {
    type: 'AWS::Backup::BackupVault',
    property: 'LockConfiguration',
    level: 'danger',
    worse: removed('the vault is no longer locked'),
  },
]);

/** What stands between a mistaken deletion and the data: protection of stacks, tables, clusters, objects and keys. */
export const deletionGuards: Rule = change => [
  ...change.after
    .filter(
      ({ stackName, terminationProtection }) =>
        !terminationProtection &&
        change.before.some(stack => stack.stackName === stackName && stack.terminationProtection),
    )
    .map(({ id, stackName }): Finding => ({
      topic: 'data at risk',
      level: 'danger',
      stack: id,
      says: `termination protection of stack \`${stackName}\` is switched off`,
    })),
  ...ofResources(change),
];
