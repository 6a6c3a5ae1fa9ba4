import { App, Size, Stack } from 'aws-cdk-lib';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { AuditQueries, AuditRecords, AuditTrail, DataLake } from '../../../constructs';
import { auditQueries } from '../../../constructs/governance/audit-query-texts';
import { watchedPlatform } from './fixture';

function evidence() {
  const watched = watchedPlatform();
  const { governance, environmentName, dataLake } = watched;
  return { ...watched, auditTrail: new AuditTrail(governance, 'Trail', { environmentName, dataLake }) };
}

describe('records', () => {
  test('both tables are read from their oldest change on, and what cannot be copied is not lost in silence', () => {
    // GIVEN
    const { governance, ...rest } = evidence();

    // WHEN
    new AuditRecords(governance, 'Records', rest);

    // THEN
    const template = Template.fromStack(governance);
    template.resourcePropertiesCountIs(
      'AWS::Lambda::EventSourceMapping',
      {
        StartingPosition: 'TRIM_HORIZON',
        BisectBatchOnFunctionError: true,
        DestinationConfig: { OnFailure: { Destination: Match.anyValue() } },
      },
      2,
    );
    template.hasResourceProperties('AWS::CloudWatch::Alarm', {
      MetricName: 'ApproximateNumberOfMessagesVisible',
      AlarmActions: [Match.anyValue()],
    });
  });

  test('the function may add records, and neither read nor delete one', () => {
    // GIVEN
    const { governance, ...rest } = evidence();

    // WHEN
    new AuditRecords(governance, 'Records', rest);

    // THEN
    const policies = JSON.stringify(Template.fromStack(governance).findResources('AWS::IAM::Policy'));
    expect(policies).toContain('s3:PutObject');
    expect(policies).not.toMatch(/s3:(Get|Delete|\*|Bypass|List)/);
  });

  test('fails for a table without a stream', () => {
    const { governance, ...rest } = evidence();
    const runsTable = Table.fromTableName(governance, 'Imported', 'runs');
    expect(() => new AuditRecords(governance, 'Records', { ...rest, runsTable })).toThrow(
      "Governance/Records: 'runsTable' has no stream, must have one with new images",
    );
  });
});

describe('queries', () => {
  test('each question has a query in a workgroup of their own, over tables that compute their days', () => {
    // GIVEN
    const { governance, environmentName, dataLake, auditTrail } = evidence();

    // WHEN
    new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail });

    // THEN
    const template = Template.fromStack(governance);
    for (const { name, sql, question } of auditQueries(auditTrail.auditBucket.bucketName)) {
      template.hasResourceProperties('AWS::Athena::NamedQuery', {
        Name: `mlops-dev-${name}`,
        Description: question,
        QueryString: governance.resolve(sql) as unknown,
        WorkGroup: { Ref: Match.stringLikeRegexp('^QueriesWorkgroup') },
      });
    }
    template.allResourcesProperties('AWS::Glue::Table', {
      TableInput: { Parameters: Match.objectLike({ 'projection.enabled': 'true', 'projection.day.type': 'date' }) },
    });
    template.hasResourceProperties('AWS::Glue::Table', {
      TableInput: {
        Name: 'audit_trail',
        Parameters: Match.objectLike({
          'projection.day.format': 'yyyy/MM/dd',
          'projection.day.range': '2026/01/01,NOW+1DAYS',
        }),
      },
    });
  });

  test('answers lie in a folder of their own under the key of the evidence, whatever whoever asks wants', () => {
    // GIVEN
    const { governance, environmentName, dataLake, auditTrail } = evidence();

    // WHEN
    new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail });

    // THEN
    Template.fromStack(governance).hasResourceProperties('AWS::Athena::WorkGroup', {
      Name: 'mlops-dev-audit',
      WorkGroupConfiguration: {
        EnforceWorkGroupConfiguration: true,
        BytesScannedCutoffPerQuery: 100 * 1024 ** 3,
        ResultConfiguration: {
          OutputLocation: {
            'Fn::Join': ['', ['s3://', Match.objectLike({}), '/audit_results/']],
          },
          EncryptionConfiguration: {
            EncryptionOption: 'SSE_KMS',
            KmsKey: governance.resolve(auditTrail.encryptionKey.keyArn) as unknown,
          },
        },
      },
    });
  });

  test('one query scans no more than is said', () => {
    // GIVEN
    const { governance, environmentName, dataLake, auditTrail } = evidence();

    // WHEN
    const queryScanLimit = Size.gibibytes(2);
    new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail, queryScanLimit });

    // THEN
    Template.fromStack(governance).hasResourceProperties('AWS::Athena::WorkGroup', {
      WorkGroupConfiguration: { BytesScannedCutoffPerQuery: 2 * 1024 ** 3 },
    });
  });

  test('fails for a limit that Athena does not take', () => {
    const { governance, environmentName, dataLake, auditTrail } = evidence();
    const queryScanLimit = Size.mebibytes(9);
    expect(
      () => new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail, queryScanLimit }),
    ).toThrow("Governance/Queries: 'queryScanLimit' is 9437184 bytes, must be at least 10485760");
  });

  test('each look at a table is bounded by days: 90, but for what a version was trained on', () => {
    for (const { id, sql } of auditQueries('audit')) {
      const looks = sql.match(/FROM audit_(records|trail)/g) ?? [];
      const days = [...sql.matchAll(/FROM audit_\w+\s+WHERE day >= [^\n]*INTERVAL '(\d+)' DAY/g)].map(
        ([, each]) => each,
      );

      expect(looks.length).toBeGreaterThan(0);
      expect({ id, days }).toEqual({ id, days: id === 'WhoReleased' ? ['365', '90'] : looks.map(() => '90') });
    }
  });

  test('evidence that was deleted or unlocked is told, what was deleted elsewhere is not', () => {
    const { sql } = auditQueries('audit-bucket').find(({ id }) => id === 'WhoTouchedEvidence') ?? { sql: '' };
    expect(sql).toMatch(/bucketName'\) = 'audit-bucket' AND eventname IN \('DeleteObject', /);
  });

  test('the trail is asked in its own region and where IAM is logged', () => {
    // GIVEN
    const { governance, environmentName, dataLake, auditTrail } = evidence();

    // WHEN
    new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail });

    // THEN
    Template.fromStack(governance).hasResourceProperties('AWS::Glue::Table', {
      TableInput: {
        Name: 'audit_trail',
        PartitionKeys: [Match.objectLike({ Name: 'region' }), Match.objectLike({ Name: 'day' })],
        Parameters: Match.objectLike({
          'projection.region.type': 'enum',
          'projection.region.values': 'eu-west-1,us-east-1',
          'storage.location.template': {
            'Fn::Join': ['', ['s3://', Match.anyValue(), '/AWSLogs/111122223333/CloudTrail/${region}/${day}']],
          },
        }),
      },
    });
  });

  test.each([
    ['us-east-1', 'us-east-1'],
    [
      undefined,
      {
        'Fn::If': [
          expect.any(String),
          { 'Fn::Join': ['', [{ Ref: 'AWS::Region' }, ',us-east-1']] },
          { Ref: 'AWS::Region' },
        ],
      },
    ],
  ])('no region is asked twice, in %s', (region, values) => {
    // GIVEN
    const stack = new Stack(new App(), 'Asks', { env: { region } });
    const bucket = Bucket.fromBucketName(stack, 'Bucket', 'somewhere');
    const encryptionKey = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/0');
    const dataLake = DataLake.fromDataLakeAttributes(stack, 'Lake', {
      encryptionKey,
      rawBucket: bucket,
      curatedBucket: bucket,
      snapshotBucket: bucket,
      artifactBucket: bucket,
      monitoringBucket: bucket,
      databaseName: 'lake',
      workgroupName: 'lake',
    });

    // WHEN
    new AuditQueries(stack, 'Queries', {
      environmentName: 'dev',
      dataLake,
      auditTrail: AuditTrail.fromAuditTrailAttributes(stack, 'Trail', { auditBucket: bucket, encryptionKey }),
    });

    // THEN
    const tables = Object.values(Template.fromStack(stack).findResources('AWS::Glue::Table')) as {
      Properties: { TableInput: { Parameters: Record<string, unknown> } };
    }[];
    expect(tables.map(({ Properties }) => Properties.TableInput.Parameters['projection.region.values'])).toContainEqual(
      values,
    );
  });

  describe('whoever may ask', () => {
    interface Statement {
      readonly Action: string | string[];
      readonly Resource: unknown;
      readonly Condition?: unknown;
    }

    /** The statements whose resources name this. */
    function rightsOn(resource: string): Statement[] {
      const { governance, environmentName, dataLake, auditTrail } = evidence();
      const auditor = new Role(governance, 'Auditor', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
      new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail }).grantQuery(auditor);
      const [policy] = Object.values(Template.fromStack(governance).findResources('AWS::IAM::Policy')) as {
        Properties: { PolicyDocument: { Statement: Statement[] } };
      }[];
      return policy.Properties.PolicyDocument.Statement.filter(({ Resource }) =>
        JSON.stringify(Resource).includes(resource),
      );
    }
    const actionsOn = (resource: string): string[] =>
      rightsOn(resource)
        .flatMap(({ Action }) => Action)
        .sort();

    test('reads the evidence and writes none; its key is that of the answers too', () => {
      expect(actionsOn('TrailBucket')).toEqual(['kms:Decrypt', 'kms:GenerateDataKey', 's3:GetObject', 's3:ListBucket']);
    });

    test('reads, writes and lists nothing of the lake but the answers to an audit', () => {
      const onBucket = rightsOn('LakeMonitoring');
      for (const statement of onBucket) {
        const objects = JSON.stringify(statement.Resource).includes('/audit_results/*');
        const place = ['s3:GetBucketLocation'].includes(String(statement.Action));
        const listed = JSON.stringify(statement.Condition) ?? '';
        expect({ statement, bounded: objects || place || listed.includes('audit_results') }).toMatchObject({
          bounded: true,
        });
      }
      expect(actionsOn('LakeMonitoring')).toEqual([
        's3:AbortMultipartUpload',
        's3:GetBucketLocation',
        's3:GetObject',
        's3:ListBucket',
        's3:ListMultipartUploadParts',
        's3:PutObject',
      ]);
      expect(onBucket.find(({ Action }) => Action === 's3:ListBucket')?.Condition).toEqual({
        StringLike: { 's3:prefix': ['audit_results', 'audit_results/*'] },
      });
    });

    test("uses neither the lake's key nor its workgroup", () => {
      expect(actionsOn('LakeKey')).toEqual([]);
      expect(actionsOn('LakeWorkgroup')).toEqual([]);
      expect(actionsOn('QueriesWorkgroup')).toContain('athena:StartQueryExecution');
    });
  });
});
