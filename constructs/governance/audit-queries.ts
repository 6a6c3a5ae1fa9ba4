import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { queryRights } from '../data/query-permissions';
import { requireEnvironmentName } from '../private/name-rules';
import { resourcePrefix } from '../private/names';
import { Problems } from '../private/validation';
import { explainWildcards } from '../private/wildcards';
import { auditQueries } from './audit-query-texts';
import { AuditTables } from './audit-tables';
import type { IAuditTrail } from './audit-trail';

/** What whoever asks does in Athena. */
const ASK_ACTIONS = [
  'athena:BatchGetNamedQuery',
  'athena:GetNamedQuery',
  'athena:GetQueryExecution',
  'athena:GetQueryResults',
  'athena:ListNamedQueries',
  'athena:StartQueryExecution',
  'athena:StopQueryExecution',
];

/** Settings of the queries. */
export interface AuditQueriesProps {
  /** Environment that is asked about. */
  readonly environmentName: string;

  /** Lake in whose database the tables are and in whose workgroup the queries run. */
  readonly dataLake: IDataLake;

  /** Where the evidence lies. */
  readonly auditTrail: IAuditTrail;
}

/** Who approved, trained, released, rolled back what, on which data: tables over the evidence, and queries that answer. */
export class AuditQueries extends Construct {
  private readonly dataLake: IDataLake;
  private readonly auditTrail: IAuditTrail;

  constructor(scope: Construct, id: string, props: AuditQueriesProps) {
    super(scope, id);
    const { dataLake, auditTrail } = props;
    const problems = new Problems(this);
    requireEnvironmentName(problems, props.environmentName);
    problems.throwIfAny();
    this.dataLake = dataLake;
    this.auditTrail = auditTrail;
    new AuditTables(this, 'Tables', { dataLake, auditTrail });
    for (const { id: queryId, name, question, sql } of auditQueries(auditTrail.auditBucket.bucketName)) {
      new CfnNamedQuery(this, queryId, {
        name: `${resourcePrefix(props.environmentName)}-${name}`,
        description: question,
        database: dataLake.databaseName,
        workGroup: dataLake.workgroupName,
        queryString: sql,
      });
    }
  }

  /**
   * Lets the grantee ask: read the evidence, run queries in the lake's workgroup and read what came of them. It may write
   * nothing but the results of its own.
   */
  public grantQuery(grantee: IGrantable): Grant {
    const { auditBucket, encryptionKey } = this.auditTrail;
    const rights = queryRights(this, this.dataLake, { actions: ASK_ACTIONS, prefixes: [] });
    const principal = grantee.grantPrincipal;
    rights.statements.forEach(statement => principal.addToPrincipalPolicy(statement));
    principal.addToPrincipalPolicy(
      new PolicyStatement({
        actions: ['kms:Decrypt', 'kms:GenerateDataKey'],
        resources: [this.dataLake.encryptionKey.keyArn],
      }),
    );
    principal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['kms:Decrypt'], resources: [encryptionKey.keyArn] }),
    );
    principal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['s3:ListBucket'], resources: [auditBucket.bucketArn] }),
    );
    if (Construct.isConstruct(principal)) {
      explainWildcards(principal, ...rights.wildcards, {
        wildcard: '.Arn>/*',
        actions: ['s3:GetObject'],
        reason: 'an audit asks all of the evidence',
      });
    }
    return Grant.addToPrincipal({
      grantee,
      actions: ['s3:GetObject'],
      resourceArns: [auditBucket.arnForObjects('*')],
    });
  }
}
