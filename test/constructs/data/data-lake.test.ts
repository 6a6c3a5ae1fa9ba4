import { App, Duration, RemovalPolicy, Size, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket, EventType } from 'aws-cdk-lib/aws-s3';
import { SqsDestination } from 'aws-cdk-lib/aws-s3-notifications';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { DataLake, type DataLakeProps } from '../../../constructs';

const ZONES = ['Raw', 'Curated', 'Snapshots', 'Artifacts', 'Monitoring'];

function stackWith(props: Partial<DataLakeProps> = {}): { stack: Stack; lake: DataLake } {
  const stack = new Stack(new App(), 'Stack');
  return { stack, lake: new DataLake(stack, 'Lake', { environmentName: 'dev', ...props }) };
}

function templateWith(props: Partial<DataLakeProps> = {}): Template {
  return Template.fromStack(stackWith(props).stack);
}

/** The bucket of a zone; logical ids begin with the path. */
function bucket(template: Template, zone: string): unknown {
  return Object.entries(template.findResources('AWS::S3::Bucket')).find(([id]) => id.startsWith(`Lake${zone}`))?.[1];
}

describe('buckets', () => {
  test.each(ZONES)('%s is private, versioned, logged and under the key', zone => {
    // GIVEN
    const template = templateWith();

    // THEN
    expect(bucket(template, zone)).toMatchObject({
      Properties: {
        BucketEncryption: {
          ServerSideEncryptionConfiguration: [
            {
              BucketKeyEnabled: true,
              ServerSideEncryptionByDefault: {
                SSEAlgorithm: 'aws:kms',
                KMSMasterKeyID: { 'Fn::GetAtt': [expect.stringMatching(/^LakeKey/), 'Arn'] },
              },
            },
          ],
        },
        LoggingConfiguration: { LogFilePrefix: `${zone.toLowerCase()}/` },
        OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
        PublicAccessBlockConfiguration: {
          BlockPublicAcls: true,
          BlockPublicPolicy: true,
          IgnorePublicAcls: true,
          RestrictPublicBuckets: true,
        },
        VersioningConfiguration: { Status: 'Enabled' },
      },
    });
  });

  test('every bucket refuses requests without TLS', () => {
    const template = templateWith();

    template.resourcePropertiesCountIs(
      'AWS::S3::BucketPolicy',
      {
        PolicyDocument: {
          Statement: Match.arrayWith([
            Match.objectLike({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
          ]),
        },
      },
      ZONES.length + 1,
    );
  });

  test('access logs are delivered by the bucket policy, whatever flags the importing app has', () => {
    // GIVEN
    const app = new App({ context: { '@aws-cdk/aws-s3:serverAccessLogsUseBucketPolicy': false } });
    const stack = new Stack(app, 'Stack');

    // WHEN
    new DataLake(stack, 'Lake', { environmentName: 'dev' });

    // THEN
    const template = Template.fromStack(stack);
    expect(bucket(template, 'AccessLogs')).not.toHaveProperty('Properties.AccessControl');
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Principal: { Service: 'logging.s3.amazonaws.com' } })]),
      },
    });
  });

  test('the raw bucket alone sends its events to EventBridge', () => {
    const template = templateWith();

    template.resourcePropertiesCountIs(
      'AWS::S3::Bucket',
      { NotificationConfiguration: { EventBridgeConfiguration: { EventBridgeEnabled: true } } },
      1,
    );
    expect(bucket(template, 'Raw')).toHaveProperty('Properties.NotificationConfiguration');
  });

  test('fails when a notification would overwrite the one to EventBridge', () => {
    // GIVEN
    const { stack, lake } = stackWith();

    // WHEN
    lake.rawBucket.addEventNotification(EventType.OBJECT_CREATED, new SqsDestination(new Queue(stack, 'Queue')));

    // THEN
    expect(() => Template.fromStack(stack)).toThrow(/use a rule instead of 'addEventNotification'/);
  });

  test('snapshots are locked for a year by default', () => {
    expect(bucket(templateWith(), 'Snapshots')).toMatchObject({
      Properties: {
        ObjectLockEnabled: true,
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 365 } } },
      },
    });
  });

  test('snapshots are locked as long as wanted', () => {
    const template = templateWith({ snapshotRetention: Duration.days(7) });

    expect(bucket(template, 'Snapshots')).toHaveProperty(
      'Properties.ObjectLockConfiguration.Rule.DefaultRetention.Days',
      7,
    );
  });

  test('predictions and labels expire together, query results after a week', () => {
    const template = templateWith({ inferenceLogRetention: Duration.days(30) });

    expect(bucket(template, 'Monitoring')).toMatchObject({
      Properties: {
        LifecycleConfiguration: {
          Rules: expect.arrayContaining([
            expect.objectContaining({ Prefix: 'inference_log/', ExpirationInDays: 30 }),
            expect.objectContaining({ Prefix: 'labels/', ExpirationInDays: 30 }),
            expect.objectContaining({ Prefix: 'athena/', ExpirationInDays: 7 }),
            expect.objectContaining({ Prefix: 'audit_results/', ExpirationInDays: 7 }),
          ]),
        },
      },
    });
  });

  test('the key is rotated', () => {
    templateWith().hasResourceProperties('AWS::KMS::Key', { EnableKeyRotation: true });
  });

  test("uses the importing team's own key", () => {
    // GIVEN
    const stack = new Stack(new App(), 'Stack');
    const key = new Key(stack, 'TeamKey');

    // WHEN
    const lake = new DataLake(stack, 'Lake', { environmentName: 'dev', encryptionKey: key });

    // THEN
    expect(lake.encryptionKey).toBe(key);
    Template.fromStack(stack).resourceCountIs('AWS::KMS::Key', 1);
  });
});

describe('deletion', () => {
  const kept = (template: Template) =>
    [
      ...Object.values(template.findResources('AWS::S3::Bucket')),
      ...Object.values(template.findResources('AWS::KMS::Key')),
    ].map(resource => resource.DeletionPolicy as string);

  /** Kept for good, once its creation was not rolled back. */
  const KEPT = 'RetainExceptOnCreate';

  test('data and key are kept by default', () => {
    const template = templateWith();

    expect(new Set(kept(template))).toEqual(new Set([KEPT]));
    template.resourceCountIs('Custom::EmptyLake', 0);
  });

  test('data and key are kept when told once only, with a warning', () => {
    const { stack } = stackWith({ removalPolicy: RemovalPolicy.DESTROY });

    expect(new Set(kept(Template.fromStack(stack)))).toEqual(new Set([KEPT]));
    Annotations.fromStack(stack).hasWarning('/Stack/Lake', Match.stringLikeRegexp("set 'deleteData' to true as well"));
  });

  test('data and key are kept when the second word is no', () => {
    const template = templateWith({ removalPolicy: RemovalPolicy.DESTROY, deleteData: false });

    expect(new Set(kept(template))).toEqual(new Set([KEPT]));
  });

  test('data and key go when told twice', () => {
    const template = templateWith({ removalPolicy: RemovalPolicy.DESTROY, deleteData: true });

    expect(new Set(kept(template))).toEqual(new Set(['Delete']));
    template.resourcePropertiesCountIs(
      'AWS::S3::Bucket',
      { Tags: Match.arrayWith([{ Key: 'mlops:delete-data', Value: 'true' }]) },
      ZONES.length + 1,
    );
  });

  test('the cleanup empties every bucket, the access logs last, and may bypass the lock', () => {
    const template = templateWith({ removalPolicy: RemovalPolicy.DESTROY, deleteData: true });

    const [cleanup] = Object.values(template.findResources('Custom::EmptyLake'));
    const buckets = (cleanup.Properties.BucketNames as { Ref: string }[]).map(({ Ref }) => Ref);
    expect(buckets).toHaveLength(ZONES.length + 1);
    expect(buckets.at(-1)).toMatch(/^LakeAccessLogs/);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Action: Match.arrayWith(['s3:BypassGovernanceRetention']) })]),
      },
    });
  });

  test('the cleanup runs before its rights and the bucket policies go', () => {
    const template = templateWith({ removalPolicy: RemovalPolicy.DESTROY, deleteData: true });

    const [cleanup] = Object.values(template.findResources('Custom::EmptyLake'));
    const [[functionId, cleanupFunction]] = Object.entries(template.findResources('AWS::Lambda::Function'));
    expect(cleanup.DependsOn).toEqual(
      expect.arrayContaining([functionId, expect.stringMatching(/^LakeSnapshotsPolicy/)]),
    );
    expect(cleanupFunction.DependsOn).toEqual(
      expect.arrayContaining([expect.stringMatching(/^LakeCleanupFunctionRoleDefaultPolicy/)]),
    );
  });

  test('fails when only the second word is given', () => {
    expect(() => stackWith({ deleteData: true })).toThrow(
      "Stack/Lake: 'deleteData' is true while 'removalPolicy' is 'retain', must be used with 'RemovalPolicy.DESTROY' or left out",
    );
  });
});

describe('catalogue', () => {
  test('database and workgroup are named after the environment', () => {
    const template = templateWith();
    template.hasResourceProperties('AWS::Glue::Database', { DatabaseInput: { Name: 'mlops_dev' } });
    template.hasResourceProperties('AWS::Athena::WorkGroup', { Name: 'mlops-dev' });
  });

  test('queries cannot leave the workgroup: encrypted results, bounded scan', () => {
    templateWith().hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
        ResultConfiguration: { EncryptionConfiguration: { EncryptionOption: 'SSE_KMS' } },
      },
    });
  });

  test('the scan is bounded as wanted', () => {
    templateWith({ queryScanLimit: Size.gibibytes(1) }).hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 1024 ** 3 },
    });
  });

  test('fails with everything that is wrong at once', () => {
    expect(() =>
      stackWith({ environmentName: 'Dev!', queryScanLimit: Size.kibibytes(1), databaseName: 'a-b' }),
    ).toThrow(
      /'environmentName' is 'Dev!'.*'databaseName' is 'a-b'.*'queryScanLimit' is 1024 bytes, must be at least 10485760/,
    );
  });
});

test('an imported lake is used as it is', () => {
  // GIVEN
  const stack = new Stack(new App(), 'Stack');
  const key = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:123456789012:key/k');
  const zone = Bucket.fromBucketName(stack, 'Bucket', 'theirs');

  // WHEN
  const lake = DataLake.fromDataLakeAttributes(stack, 'Lake', {
    encryptionKey: key,
    rawBucket: zone,
    curatedBucket: zone,
    snapshotBucket: zone,
    artifactBucket: zone,
    monitoringBucket: zone,
    databaseName: 'theirs',
    workgroupName: 'primary',
  });

  // THEN
  expect(lake.monitoringBucket.bucketName).toBe('theirs');
  Template.fromStack(stack).templateMatches({});
});

test('logical ids of what holds data never change', () => {
  const template = templateWith();

  expect(
    [
      ...Object.keys(template.findResources('AWS::S3::Bucket')),
      ...Object.keys(template.findResources('AWS::KMS::Key')),
    ].sort(),
  ).toMatchInlineSnapshot(`
   [
     "LakeAccessLogs4431AB8D",
     "LakeArtifacts2DD6A05E",
     "LakeCurated8ED8635F",
     "LakeKey7B6C155C",
     "LakeMonitoring9E4C723D",
     "LakeRaw8A880B75",
     "LakeSnapshots04403B6C",
   ]
  `);
});
