import { Match, Template } from 'aws-cdk-lib/assertions';
import { Table } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { AuditQueries, AuditRecords, AuditTrail } from '../../../constructs';
import { AUDIT_QUERIES } from '../../../constructs/governance/audit-query-texts';
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
  test('each question has a query in the workgroup of the lake, over tables that compute their days', () => {
    // GIVEN
    const { governance, environmentName, dataLake, auditTrail } = evidence();

    // WHEN
    new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail });

    // THEN
    const template = Template.fromStack(governance);
    for (const { name, sql, question } of AUDIT_QUERIES) {
      template.hasResourceProperties('AWS::Athena::NamedQuery', {
        Name: `mlops-dev-${name}`,
        Description: question,
        QueryString: sql,
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

  test('none looks further back than its days, but for what a version was trained on', () => {
    for (const { sql } of AUDIT_QUERIES) {
      expect(sql).toContain("INTERVAL '90' DAY");
    }
  });

  test('who may ask reads the evidence and writes none', () => {
    // GIVEN
    const { governance, environmentName, dataLake, auditTrail } = evidence();
    const auditor = new Role(governance, 'Auditor', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });

    // WHEN
    new AuditQueries(governance, 'Queries', { environmentName, dataLake, auditTrail }).grantQuery(auditor);

    // THEN
    const [policy] = Object.values(Template.fromStack(governance).findResources('AWS::IAM::Policy')) as {
      Properties: { PolicyDocument: { Statement: { Action: string | string[]; Resource: unknown }[] } };
    }[];
    const onEvidence = policy.Properties.PolicyDocument.Statement.filter(({ Resource }) =>
      JSON.stringify(Resource).includes('TrailBucket'),
    );
    expect(onEvidence.flatMap(({ Action }) => Action).sort()).toEqual(['kms:Decrypt', 's3:GetObject', 's3:ListBucket']);
  });
});
