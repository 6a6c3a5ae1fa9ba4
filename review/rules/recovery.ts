import { lowered, switchedOff, watch } from './watch';

/** Ways back to data as it was: point-in-time recovery, versions, backups. */
export const recovery = watch('data at risk', [
  {
    type: 'AWS::DynamoDB::Table',
    property: 'PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
    level: 'danger',
    worse: switchedOff('point-in-time recovery is switched off'),
  },
  {
    type: 'AWS::DynamoDB::GlobalTable',
    property: 'Replicas.*.PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled',
    level: 'danger',
    worse: switchedOff('point-in-time recovery is switched off'),
  },
  {
    type: /^AWS::DynamoDB::Table$/,
    property: 'PointInTimeRecoverySpecification.RecoveryPeriodInDays',
    level: 'danger',
    worse: lowered('point-in-time recovery reaches less far back, in days', 35),
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'VersioningConfiguration.Status',
    level: 'danger',
    worse: switchedOff('versioning is switched off: what is overwritten or deleted is gone'),
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'ReplicationConfiguration.Rules.*.Status',
    level: 'danger',
    worse: switchedOff('replication is switched off'),
  },
  {
    type: /^AWS::RDS::/,
    property: 'BackupRetentionPeriod',
    level: 'danger',
    worse: lowered('backups are kept for fewer days', 1),
  },
]);
