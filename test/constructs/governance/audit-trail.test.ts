import { Duration } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Role } from 'aws-cdk-lib/aws-iam';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { ObjectLockMode } from 'aws-cdk-lib/aws-s3';
import { AuditTrail, type AuditTrailProps } from '../../../constructs';
import { watchedPlatform } from './fixture';

function templateWith(props: Partial<AuditTrailProps> = {}): Template {
  const { governance, environmentName, dataLake, ledgerTable, runsTable } = watchedPlatform();
  new AuditTrail(governance, 'Trail', { environmentName, dataLake, tables: [ledgerTable, runsTable], ...props });
  return Template.fromStack(governance);
}

interface Selector {
  readonly Name: string;
  readonly FieldSelectors: {
    readonly Field: string;
    readonly Equals?: unknown[];
    readonly StartsWith?: { readonly 'Fn::Join': unknown[] }[];
  }[];
}

function selectors(template: Template): Selector[] {
  const [trail] = Object.values(template.findResources('AWS::CloudTrail::Trail')) as {
    Properties: { AdvancedEventSelectors: Selector[] };
  }[];
  return trail.Properties.AdvancedEventSelectors;
}

describe('what is logged', () => {
  test('all that changes the account, the objects of the lake and the writes of the tables', () => {
    // WHEN
    const [changes, objects, evidence, items, ...others] = selectors(templateWith());

    // THEN
    expect(changes.FieldSelectors).toEqual([
      { Field: 'eventCategory', Equals: ['Management'] },
      { Field: 'readOnly', Equals: ['false'] },
    ]);
    expect(objects.FieldSelectors.map(({ Field }) => Field)).toEqual([
      'eventCategory',
      'resources.type',
      'resources.ARN',
    ]);
    expect(objects.FieldSelectors[2]?.StartsWith).toHaveLength(5);
    expect(evidence.FieldSelectors.map(({ Field }) => Field)).toContain('eventName');
    expect(items.FieldSelectors).toEqual([
      { Field: 'eventCategory', Equals: ['Data'] },
      { Field: 'resources.type', Equals: ['AWS::DynamoDB::Table'] },
      { Field: 'readOnly', Equals: ['false'] },
      { Field: 'resources.ARN', Equals: [expect.anything(), expect.anything()] },
    ]);
    expect(others).toEqual([]);
  });

  test('never objects of a bucket that is not of the lake: its own would make an event of each of its files', () => {
    // WHEN
    const [, { FieldSelectors }] = selectors(templateWith());

    // THEN each names one bucket of the other stack, to the end of its name
    for (const place of FieldSelectors[2]?.StartsWith ?? []) {
      expect(place).toEqual({
        'Fn::Join': ['', [{ 'Fn::ImportValue': expect.stringMatching(/LakeX?[A-Z]/) as string }, '/']],
      });
    }
  });

  test('of its own bucket who deletes or unlocks evidence, and never what the trail or the records put there', () => {
    // WHEN
    const own = selectors(templateWith()).filter(({ FieldSelectors }) =>
      JSON.stringify(FieldSelectors).includes('TrailBucket'),
    );

    // THEN
    expect(own.map(({ FieldSelectors }) => FieldSelectors)).toEqual([
      [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::S3::Object'] },
        {
          Field: 'eventName',
          Equals: ['DeleteObject', 'DeleteObjects', 'PutObjectLegalHold', 'PutObjectRetention'],
        },
        {
          Field: 'resources.ARN',
          StartsWith: [
            { 'Fn::Join': ['', [{ 'Fn::GetAtt': [expect.stringMatching(/^TrailBucket[0-9A-F]+$/), 'Arn'] }, '/']] },
          ],
        },
      ],
    ]);
  });

  test('reads of the lake may be left out, and tables', () => {
    // WHEN
    const [, objects, evidence, ...others] = selectors(templateWith({ logReads: false, tables: undefined }));

    // THEN
    expect(objects.FieldSelectors).toContainEqual({ Field: 'readOnly', Equals: ['false'] });
    expect(evidence.Name).toContain('evidence');
    expect(others).toEqual([]);
  });

  test('a log group gets the events as well', () => {
    // GIVEN
    const { governance, environmentName, dataLake } = watchedPlatform();

    // WHEN
    new AuditTrail(governance, 'Trail', { environmentName, dataLake, logGroup: new LogGroup(governance, 'Events') });

    // THEN
    Template.fromStack(governance).hasResourceProperties('AWS::CloudTrail::Trail', {
      CloudWatchLogsLogGroupArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Events'), 'Arn'] },
      CloudWatchLogsRoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('LogDeliveryRole'), 'Arn'] },
    });
  });
});

describe('the evidence', () => {
  test('is validated, under a key of its own, and written by this trail alone', () => {
    // WHEN
    const template = templateWith();

    // THEN
    template.hasResourceProperties('AWS::CloudTrail::Trail', {
      TrailName: 'mlops-dev',
      EnableLogFileValidation: true,
      IsLogging: true,
      KMSKeyId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^TrailBucketKey'), 'Arn'] },
    });
    const ofThisTrail = {
      'aws:SourceArn': {
        'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':cloudtrail:eu-west-1:111122223333:trail/mlops-dev']],
      },
    };
    template.hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'TrailWrites',
            Action: 's3:PutObject',
            Condition: { StringEquals: { ...ofThisTrail, 's3:x-amz-acl': 'bucket-owner-full-control' } },
          }),
        ]),
      },
    });
    template.hasResourceProperties('AWS::KMS::Key', {
      EnableKeyRotation: true,
      KeyPolicy: {
        Statement: Match.arrayWith([
          Match.objectLike({
            Sid: 'TrailEncrypts',
            Condition: Match.objectLike({ StringEquals: ofThisTrail }),
          }),
        ]),
      },
    });
  });

  test('is locked for its retention, expires afterwards, and outlives the stack', () => {
    // WHEN
    const template = templateWith({ retention: Duration.days(90), objectLockMode: ObjectLockMode.COMPLIANCE });

    // THEN
    template.hasResource('AWS::S3::Bucket', {
      DeletionPolicy: 'Retain',
      Properties: {
        ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 90 } } },
        LoggingConfiguration: Match.anyValue(),
        LifecycleConfiguration: {
          Rules: Match.arrayWith([Match.objectLike({ Id: 'evidence', ExpirationInDays: 91 })]),
        },
      },
    });
  });

  test('stays when a first deploy fails, since what CloudTrail wrote by then could not be deleted: with key and policies', () => {
    // WHEN
    const template = templateWith();

    // THEN
    for (const type of ['AWS::S3::Bucket', 'AWS::S3::BucketPolicy', 'AWS::KMS::Key']) {
      const kept = Object.values(template.findResources(type)).map(({ DeletionPolicy }) => DeletionPolicy as unknown);
      expect([type, new Set(kept)]).toEqual([type, new Set(['Retain'])]);
    }
  });

  test.each([
    ['nobody may end a lock or hold it for ever', [], undefined],
    [
      'only the named roles may',
      ['arn:aws:iam::111122223333:role/legal'],
      { ArnNotEquals: { 'aws:PrincipalArn': ['arn:aws:iam::111122223333:role/legal'] } },
    ],
  ])('%s', (_, arns, condition) => {
    // GIVEN
    const { governance, environmentName, dataLake } = watchedPlatform();
    const legalHoldRoles = arns.map(arn => Role.fromRoleArn(governance, 'Legal', arn));

    // WHEN
    new AuditTrail(governance, 'Trail', { environmentName, dataLake, legalHoldRoles });

    // THEN
    Template.fromStack(governance).hasResourceProperties('AWS::S3::BucketPolicy', {
      PolicyDocument: {
        Statement: Match.arrayWith([
          {
            Sid: 'LocksStay',
            Effect: 'Deny',
            Principal: { AWS: '*' },
            Action: ['s3:BypassGovernanceRetention', 's3:PutObjectLegalHold', 's3:PutObjectRetention'],
            Resource: Match.anyValue(),
            ...(condition === undefined ? {} : { Condition: condition }),
          },
        ]),
      },
    });
  });
});

test('fails with all that is wrong', () => {
  expect(() => templateWith({ environmentName: 'Dev', retention: Duration.hours(1) })).toThrow(
    /Governance\/Trail: 'environmentName' is 'Dev', must be .*; 'retention in days' is 0.04\d*, must be from 1 to 36500/,
  );
});
