import { removed, switchedOff, type Watched, watch } from './watch';

const KEYS: readonly (readonly [string | RegExp, string])[] = [
  [
    'AWS::S3::Bucket',
    'BucketEncryption.ServerSideEncryptionConfiguration.*.ServerSideEncryptionByDefault.KMSMasterKeyID',
  ],
  ['AWS::DynamoDB::Table', 'SSESpecification.KMSMasterKeyId'],
  ['AWS::DynamoDB::GlobalTable', 'Replicas.*.SSESpecification.KMSMasterKeyId'],
  ['AWS::SNS::Topic', 'KmsMasterKeyId'],
  ['AWS::SQS::Queue', 'KmsMasterKeyId'],
  [/^AWS::(Logs::LogGroup|Kinesis::Stream|EFS::FileSystem|RDS::.*|SecretsManager::Secret|SageMaker::.*)$/, 'KmsKeyId'],
  ['AWS::Lambda::Function', 'KmsKeyArn'],
  ['AWS::CloudTrail::Trail', 'KMSKeyId'],
  ['AWS::ECR::Repository', 'EncryptionConfiguration.KmsKey'],
  ['AWS::KinesisFirehose::DeliveryStream', 'DeliveryStreamEncryptionConfigurationInput.KeyARN'],
  [
    'AWS::KinesisFirehose::DeliveryStream',
    'ExtendedS3DestinationConfiguration.EncryptionConfiguration.KMSEncryptionConfig.AWSKMSKeyARN',
  ],
  ['AWS::StepFunctions::StateMachine', 'EncryptionConfiguration.KmsKeyId'],
  ['AWS::EKS::Cluster', 'EncryptionConfig.*.Provider.KeyArn'],
  ['AWS::Athena::WorkGroup', 'WorkGroupConfiguration.ResultConfiguration.EncryptionConfiguration.KmsKey'],
];

/** Keys that are no longer used, and encryption that is switched off, at rest and on the way. */
export const encryption = watch('encryption weakened', [
  ...KEYS.flatMap(([type, property]): Watched[] => [
    { type, property, level: 'danger', worse: removed('it is no longer encrypted with its key') },
    {
      type,
      property,
      level: 'look',
      worse: (before, after) =>
        before.length === after.length && JSON.stringify(before) !== JSON.stringify(after)
          ? `it is encrypted with another key: \`${before.join(', ')}\` → \`${after.join(', ')}\`; what is there keeps its old one`
          : undefined,
    },
  ]),
  {
    type: 'AWS::S3::Bucket',
    property: 'BucketEncryption',
    level: 'danger',
    worse: removed('the bucket says nothing of encryption any more'),
  },
  {
    type: /^AWS::DynamoDB::/,
    property: 'SSESpecification.SSEEnabled',
    level: 'danger',
    worse: switchedOff('encryption with a key of the account is switched off'),
  },
  {
    type: 'AWS::SQS::Queue',
    property: 'SqsManagedSseEnabled',
    level: 'danger',
    worse: (before, after) =>
      before[0] !== false && after[0] === false ? 'encryption of the queue is switched off' : undefined,
  },
  {
    type: /^AWS::(EFS::FileSystem|EC2::Volume)$/,
    property: 'Encrypted',
    level: 'danger',
    worse: switchedOff('encryption is switched off'),
  },
  {
    type: /^AWS::RDS::/,
    property: 'StorageEncrypted',
    level: 'danger',
    worse: switchedOff('encryption is switched off'),
  },
  {
    type: 'AWS::KMS::Key',
    property: 'EnableKeyRotation',
    level: 'look',
    worse: switchedOff('the key is no longer rotated'),
  },
  {
    type: 'AWS::ElasticLoadBalancingV2::Listener',
    property: 'Protocol',
    level: 'danger',
    alsoNew: true,
    worse: ([before], [after]) => (after === 'HTTP' && before !== after ? 'the listener speaks plain HTTP' : undefined),
  },
]);
