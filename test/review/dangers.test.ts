import { type EditableTemplate, type Find, firstLines, reviewOf } from './support/platform-change';

/** A dangerous change of the platform's real templates, and what the first lines of its review must say. */
interface Danger {
  readonly name: string;
  readonly environment?: 'prod' | 'localeks';
  readonly stack: 'Foundation' | 'Data' | 'Platform' | 'Model-rain' | 'Cluster';
  readonly edit: (template: EditableTemplate, find: Find) => void;
  readonly says: RegExp;
}

const DANGERS: readonly Danger[] = [
  {
    name: 'a bucket policy lets the world in',
    stack: 'Data',
    edit: (_, find) =>
      find('AWS::S3::BucketPolicy', 'Raw').resource.Properties.PolicyDocument.Statement.push({
        Effect: 'Allow',
        Principal: '*',
        Action: 's3:GetObject',
        Resource: '*',
      }),
    says: /public exposure.*anybody in the world may now do `s3:GetObject` on `Data\/LakeRaw/,
  },
  {
    name: 'a bucket policy lets another account in',
    stack: 'Data',
    edit: (_, find) =>
      find('AWS::S3::BucketPolicy', 'Raw').resource.Properties.PolicyDocument.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: ['s3:GetObject', 's3:PutObject'],
        Resource: '*',
      }),
    says: /rights widened.*`arn:aws:iam::111122223333:root` may now do `s3:GetObject`, `s3:PutObject`/,
  },
  {
    name: 'a bucket takes plain HTTP',
    stack: 'Data',
    edit: (_, find) => {
      const { PolicyDocument } = find('AWS::S3::BucketPolicy', 'Raw').resource.Properties;
      PolicyDocument.Statement = PolicyDocument.Statement.filter(
        (statement: object) => !JSON.stringify(statement).includes('SecureTransport'),
      );
    },
    says: /encryption weakened.*no longer refuses plain HTTP/,
  },
  {
    name: 'a key is deleted',
    stack: 'Foundation',
    edit: ({ Resources }, find) => {
      Reflect.deleteProperty(Resources, find('AWS::KMS::Key').id);
    },
    says: /data at risk.*the KMS key is deleted: what it holds \(everything that is encrypted with the key\) stays in the account/,
  },
  {
    name: 'a key loses its waiting time before deletion',
    stack: 'Foundation',
    edit: (_, find) => {
      find('AWS::KMS::Key').resource.Properties.PendingWindowInDays = 7;
    },
    says: /data at risk.*less time to take a deletion of the key back, in days: 30 → 7/,
  },
  {
    name: 'everybody in the account may use a key',
    stack: 'Foundation',
    edit: (_, find) =>
      find('AWS::KMS::Key').resource.Properties.KeyPolicy.Statement.push({
        Effect: 'Allow',
        Principal: { AWS: '*' },
        Action: 'kms:Decrypt',
        Resource: '*',
      }),
    says: /public exposure.*anybody in the world may now do `kms:Decrypt` on `Foundation\/Key/,
  },
  {
    name: 'a table is replaced',
    stack: 'Platform',
    edit: (_, find) => {
      find('AWS::DynamoDB::Table').resource.Properties.KeySchema[1].AttributeName = 'other';
    },
    says: /data at risk.*the DynamoDB table is replaced by a new, empty one, since `KeySchema` cannot be changed/,
  },
  {
    name: 'the ledger is replaced, and not kept',
    stack: 'Platform',
    edit: (_, find) => {
      const { resource } = find('AWS::DynamoDB::GlobalTable');
      resource.Properties.KeySchema[0].AttributeName = 'other';
      resource.UpdateReplacePolicy = 'Delete';
    },
    says: /data at risk.*the DynamoDB global table is replaced by a new, empty one.*what it holds is lost \(the items of the table\)/,
  },
  {
    name: 'retain is dropped',
    stack: 'Data',
    edit: (_, find) => {
      const { resource } = find('AWS::S3::Bucket', 'Snapshots');
      resource.DeletionPolicy = 'Delete';
    },
    says: /data at risk.*`DeletionPolicy` goes from `RetainExceptOnCreate` to `Delete`/,
  },
  {
    name: 'deletion protection of a table is switched off',
    stack: 'Platform',
    edit: (_, find) => {
      find('AWS::DynamoDB::Table').resource.Properties.DeletionProtectionEnabled = false;
    },
    says: /data at risk.*deletion protection is switched off/,
  },
  {
    name: 'point-in-time recovery of the ledger is switched off',
    stack: 'Platform',
    edit: (_, find) => {
      find('AWS::DynamoDB::GlobalTable').resource.Properties.Replicas[0].PointInTimeRecoverySpecification = undefined;
    },
    says: /data at risk.*point-in-time recovery is switched off/,
  },
  {
    name: 'versioning of a bucket is suspended',
    stack: 'Data',
    edit: (_, find) => {
      find('AWS::S3::Bucket', 'Artifacts').resource.Properties.VersioningConfiguration.Status = 'Suspended';
    },
    says: /data at risk.*versioning is switched off/,
  },
  {
    name: 'data expires sooner',
    stack: 'Data',
    edit: (_, find) => {
      const { Rules } = find('AWS::S3::Bucket', 'Monitoring').resource.Properties.LifecycleConfiguration;
      Rules.find(({ Id }: { Id: string }) => Id === 'inference-log').ExpirationInDays = 3;
    },
    says: /data at risk.*objects live shorter by rule 'inference-log': 400 → 3 days/,
  },
  {
    name: 'something empties the buckets when the stack goes',
    stack: 'Data',
    edit: ({ Resources }) => {
      Resources.Emptying = { Type: 'Custom::S3AutoDeleteObjects', Properties: { ServiceToken: 'x' } };
    },
    says: /data at risk.*`Custom::S3AutoDeleteObjects` is added: it deletes what is stored/,
  },
  {
    name: 'public access is no longer blocked',
    stack: 'Data',
    edit: (_, find) => {
      delete find('AWS::S3::Bucket', 'Raw').resource.Properties.PublicAccessBlockConfiguration;
    },
    says: /public exposure.*block of public access `BlockPublicAcls` is switched off/,
  },
  {
    name: 'a bucket is no longer encrypted with its key',
    stack: 'Data',
    edit: (_, find) => {
      find('AWS::S3::Bucket', 'Raw').resource.Properties.BucketEncryption.ServerSideEncryptionConfiguration = [
        { ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } },
      ];
    },
    says: /encryption weakened.*no longer encrypted with its key/,
  },
  {
    name: 'access to a bucket is no longer logged',
    stack: 'Data',
    edit: (_, find) => {
      delete find('AWS::S3::Bucket', 'Raw').resource.Properties.LoggingConfiguration;
    },
    says: /traces lost.*access to the bucket is no longer logged/,
  },
  {
    name: 'a role may do everything',
    stack: 'Platform',
    edit: (_, find) =>
      find('AWS::IAM::Policy', 'Reaction').resource.Properties.PolicyDocument.Statement.push({
        Effect: 'Allow',
        Action: '*',
        Resource: '*',
      }),
    says: /rights widened.*may now do `\*` on everything \(`\*`\)/,
  },
  {
    name: 'a role may do everything of a service',
    stack: 'Platform',
    edit: (_, find) => {
      const { Statement } = find('AWS::IAM::Policy', 'PipelineControl').resource.Properties.PolicyDocument;
      Statement[0].Action = 'dynamodb:*';
    },
    says: /rights widened.*may now do `dynamodb:\*`/,
  },
  {
    name: 'a role may pass any role',
    stack: 'Platform',
    edit: (_, find) => {
      const { Statement } = find('AWS::IAM::Policy', 'PipelineRole').resource.Properties.PolicyDocument;
      const passing = Statement.find(({ Action }: { Action: unknown }) => Action === 'iam:PassRole');
      passing.Resource = '*';
      delete passing.Condition;
    },
    says: /rights widened.*may now do `iam:PassRole` on everything \(`\*`\)/,
  },
  {
    name: 'a role has the rights of an administrator',
    stack: 'Platform',
    edit: (_, find) => {
      find('AWS::IAM::Role', 'Reaction').resource.Properties.ManagedPolicyArns = [
        'arn:aws:iam::aws:policy/AdministratorAccess',
      ];
    },
    says: /rights widened.*has now all rights of `arn:aws:iam::aws:policy\/AdministratorAccess`/,
  },
  {
    name: 'a role gets a policy inside of itself',
    stack: 'Platform',
    edit: (_, find) => {
      find('AWS::IAM::Role', 'Reaction').resource.Properties.Policies = [
        {
          PolicyName: 'more',
          PolicyDocument: { Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }] },
        },
      ];
    },
    says: /rights widened.*may now do `s3:\*` on everything/,
  },
  {
    name: 'another account may take a role',
    stack: 'Platform',
    edit: (_, find) =>
      find('AWS::IAM::Role', 'Reaction').resource.Properties.AssumeRolePolicyDocument.Statement.push({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
      }),
    says: /rights widened.*role `Platform\/Reaction.*may now be taken by `arn:aws:iam::111122223333:root`/,
  },
  {
    name: 'anybody may take a role',
    stack: 'Platform',
    edit: (_, find) =>
      find('AWS::IAM::Role', 'Reaction').resource.Properties.AssumeRolePolicyDocument.Statement.push({
        Effect: 'Allow',
        Action: 'sts:AssumeRole',
        Principal: { AWS: '*' },
      }),
    says: /public exposure.*may now be taken by anybody in the world/,
  },
  {
    name: 'anybody may call a function',
    stack: 'Platform',
    edit: (_, find) => {
      const { Properties } = find('AWS::Lambda::Permission').resource;
      Properties.Principal = '*';
      delete Properties.SourceArn;
    },
    says: /public exposure.*anybody in the world may now do `lambda:InvokeFunction`/,
  },
  {
    name: 'a topic takes messages from everywhere',
    stack: 'Platform',
    edit: (_, find) =>
      find('AWS::SNS::TopicPolicy').resource.Properties.PolicyDocument.Statement.push({
        Effect: 'Allow',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: '*',
      }),
    says: /public exposure.*anybody in the world may now do `sns:Publish`/,
  },
  {
    name: 'a guardrail is removed',
    stack: 'Model-rain',
    edit: ({ Resources }, find) => {
      const { resource } = find('AWS::SSM::Parameter', 'ServiceSettings');
      const gone = find('AWS::CloudWatch::Alarm', 'GuardrailLatency').id;
      const parts = resource.Properties.Value['Fn::Join'][1] as unknown[];
      const at = parts.findIndex(part => JSON.stringify(part) === JSON.stringify({ Ref: gone }));
      // the name and the quotes around it
      parts.splice(at - 1, 2);
      Reflect.deleteProperty(Resources, gone);
    },
    says: /release safety.*a guardrail is removed: `guardrailAlarmNames/,
  },
  {
    name: 'an alarm is deleted',
    stack: 'Model-rain',
    edit: ({ Resources }, find) => {
      Reflect.deleteProperty(Resources, find('AWS::CloudWatch::Alarm', 'GuardrailServerErrors').id);
    },
    says: /alarms weakened.*the alarm is deleted \(`The endpoint answers with 5XX too often`\)/,
  },
  {
    name: 'the threshold of an alarm is raised',
    stack: 'Model-rain',
    edit: (_, find) => {
      find('AWS::CloudWatch::Alarm', 'GuardrailServerErrors').resource.Properties.Threshold = 0.9;
    },
    says: /alarms weakened.*the threshold of the alarm is raised: 0.05 → 0.9/,
  },
  {
    name: 'an alarm is deaf to silence',
    stack: 'Model-rain',
    edit: (_, find) => {
      find('AWS::CloudWatch::Alarm', 'Heartbeat').resource.Properties.TreatMissingData = 'notBreaching';
    },
    says: /alarms weakened.*silence means something else to the alarm: `TreatMissingData` `breaching` → `notBreaching`/,
  },
  {
    name: 'an alarm tells nobody',
    stack: 'Model-rain',
    edit: (_, find) => {
      delete find('AWS::CloudWatch::Alarm', 'Heartbeat').resource.Properties.AlarmActions;
    },
    says: /alarms weakened.*the alarm no longer tells/,
  },
  {
    name: 'a log is kept for a day',
    stack: 'Platform',
    edit: (_, find) => {
      find('AWS::Logs::LogGroup', 'Release').resource.Properties.RetentionInDays = 1;
    },
    says: /traces lost.*the log is kept for fewer days: \d+ → 1/,
  },
  {
    name: 'a dead-letter queue is dropped',
    stack: 'Platform',
    edit: (_, find) => {
      delete find('AWS::SNS::Subscription').resource.Properties.RedrivePolicy;
    },
    says: /failures lost.*messages that cannot be delivered are no longer kept by/,
  },
  {
    name: 'approvals start nothing any more',
    stack: 'Platform',
    edit: (_, find) => {
      find('AWS::Events::Rule', 'Approvals').resource.Properties.State = 'DISABLED';
    },
    says: /failures lost.*the rule is disabled/,
  },
  {
    name: 'the registered versions are deleted',
    stack: 'Model-rain',
    edit: ({ Resources }, find) => {
      Reflect.deleteProperty(Resources, find('AWS::SageMaker::ModelPackageGroup').id);
    },
    says: /data at risk.*model package group is deleted: what it holds \(the registered versions of the model\) stays in the account/,
  },
  {
    name: 'the gate asks for less',
    stack: 'Model-rain',
    edit: (_, find) => {
      const parts = find('AWS::SSM::Parameter', 'TrainingSettings').resource.Properties.Value[
        'Fn::Join'
      ][1] as string[];
      const at = parts.findIndex(part => typeof part === 'string' && part.includes('"minAuc":0.8'));
      parts[at] = parts[at].replace('"minAuc":0.8', '"minAuc":0.5');
    },
    says: /release safety.*less is asked for: `gate\.minAuc` `0\.8` → `0\.5`/,
  },
  {
    name: 'the endpoint of the cluster is made public',
    environment: 'localeks',
    stack: 'Cluster',
    edit: (_, find) => {
      find('AWS::EKS::Cluster').resource.Properties.ResourcesVpcConfig.EndpointPublicAccess = true;
    },
    says: /public exposure.*the API server of the cluster is made public/,
  },
  {
    name: 'a security group is opened to the internet',
    environment: 'localeks',
    stack: 'Cluster',
    edit: (_, find) => {
      find('AWS::EC2::SecurityGroup').resource.Properties.SecurityGroupIngress = [
        { CidrIp: '0.0.0.0/0', IpProtocol: 'tcp', FromPort: 22, ToPort: 22 },
      ];
    },
    says: /public exposure.*lets the whole internet \(`0\.0\.0\.0\/0`\) in on port 22/,
  },
  {
    name: 'secrets of the cluster are no longer encrypted with a key',
    environment: 'localeks',
    stack: 'Cluster',
    edit: (_, find) => {
      delete find('AWS::EKS::Cluster').resource.Properties.EncryptionConfig;
    },
    says: /encryption weakened.*no longer encrypted with its key/,
  },
  {
    name: 'the cluster writes no audit log',
    environment: 'localeks',
    stack: 'Cluster',
    edit: (_, find) => {
      const { ClusterLogging } = find('AWS::EKS::Cluster').resource.Properties.Logging;
      ClusterLogging.EnabledTypes = ClusterLogging.EnabledTypes.filter(
        ({ Type }: { Type: string }) => Type !== 'audit',
      );
    },
    says: /traces lost.*the cluster no longer logs/,
  },
  {
    name: 'flow logs are deleted',
    environment: 'localeks',
    stack: 'Foundation',
    edit: ({ Resources }, find) => {
      Reflect.deleteProperty(Resources, find('AWS::EC2::FlowLog').id);
    },
    says: /traces lost.*`AWS::EC2::FlowLog` is deleted/,
  },
  {
    name: 'the cluster is replaced',
    environment: 'localeks',
    stack: 'Cluster',
    edit: (_, find) => {
      find('AWS::EKS::Cluster').resource.Properties.Name = 'other';
    },
    says: /data at risk.*EKS cluster is replaced by a new, empty one, since `Name` cannot be changed/,
  },
];

test.each(DANGERS)('the first lines of a review name it when $name', ({ environment = 'prod', stack, edit, says }) => {
  // WHEN
  const { markdown, mustLook, findings } = reviewOf(environment, stack, edit);

  // THEN
  expect(firstLines(markdown)).toMatch(says);
  expect(firstLines(markdown)).toContain('A person must look');
  expect(findings[0].level).toBe('danger');
  expect(mustLook).toBe(true);
});
