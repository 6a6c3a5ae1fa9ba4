import type { Finding, Rule } from '../finding';
import { changed, lowered, removed, switchedOff, watch } from './watch';

const ofProperties = watch('traces lost', [
  {
    type: 'AWS::Logs::LogGroup',
    property: 'RetentionInDays',
    level: 'danger',
    worse: lowered('the log is kept for fewer days', Infinity),
  },
  {
    type: 'AWS::S3::Bucket',
    property: 'LoggingConfiguration',
    level: 'danger',
    worse: removed('access to the bucket is no longer logged'),
  },
  {
    type: 'AWS::StepFunctions::StateMachine',
    property: 'LoggingConfiguration.Level',
    level: 'danger',
    worse: changed('executions are logged otherwise'),
  },
  {
    type: 'AWS::StepFunctions::StateMachine',
    property: 'TracingConfiguration.Enabled',
    level: 'look',
    worse: switchedOff('executions are no longer traced'),
  },
  {
    type: 'AWS::EKS::Cluster',
    property: 'Logging.ClusterLogging.EnabledTypes',
    level: 'danger',
    worse: removed('the cluster no longer logs'),
  },
  {
    type: 'AWS::CloudTrail::Trail',
    property: 'IsLogging',
    level: 'danger',
    worse: switchedOff('the trail records nothing any more'),
  },
  {
    type: 'AWS::CloudTrail::Trail',
    property: 'EnableLogFileValidation',
    level: 'danger',
    worse: switchedOff('nobody sees any more whether the record was changed'),
  },
  {
    type: 'AWS::CloudTrail::Trail',
    property: 'EventSelectors',
    level: 'danger',
    worse: removed('the trail no longer records'),
  },
  {
    type: 'AWS::CloudTrail::Trail',
    property: 'AdvancedEventSelectors',
    level: 'danger',
    worse: removed('the trail no longer records'),
  },
]);

const RECORDERS = [
  'AWS::EC2::FlowLog',
  'AWS::Config::ConfigRule',
  'AWS::Config::ConfigurationRecorder',
  'AWS::GuardDuty::Detector',
];

/** Logs and records that end, or that end sooner. */
export const traces: Rule = change => [
  ...ofProperties(change),
  ...change.resources
    .filter(({ type, impact }) => RECORDERS.includes(type) && impact === 'deleted')
    .map(({ stack, logicalId, type }): Finding => ({
      topic: 'traces lost',
      level: 'danger',
      stack,
      logicalId,
      says: `\`${type}\` is deleted: what it recorded or watched is no longer`,
    })),
];
