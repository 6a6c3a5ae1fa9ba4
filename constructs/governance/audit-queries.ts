import type { Size } from 'aws-cdk-lib';
import { CfnNamedQuery } from 'aws-cdk-lib/aws-athena';
import { Grant, type IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { IDataLake } from '../data/data-lake';
import { AUDIT_RESULTS_PREFIX } from '../data/monitoring-prefixes';
import { queryRights } from '../data/query-permissions';
import { DEFAULT_QUERY_SCAN_LIMIT, QueryWorkgroup, requireScanLimit } from '../data/query-workgroup';
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

  /**
   * Lake in whose database the tables are, and in whose monitoring bucket answers lie under `audit_results/`. A bucket
   * that is not a `DataLake`'s must let them expire by itself.
   */
  readonly dataLake: IDataLake;

  /** Where the evidence lies. */
  readonly auditTrail: IAuditTrail;

  /**
   * Most that one query may scan before Athena stops it.
   *
   * @default Size.gibibytes(100)
   */
  readonly queryScanLimit?: Size;
}

/**
 * Who approved, trained, released, rolled back what, on which data: tables over the evidence, and queries that answer.
 *
 * They have a workgroup of their own, apart from the platform's: whoever asks here can neither see nor overwrite what
 * monitors and releases were answered, and answers are under the key of the evidence.
 */
export class AuditQueries extends Construct {
  /** Athena workgroup in which the queries are saved and run: `mlops-<environmentName>-audit`. */
  public readonly workgroupName: string;

  private readonly dataLake: IDataLake;
  private readonly auditTrail: IAuditTrail;

  constructor(scope: Construct, id: string, props: AuditQueriesProps) {
    super(scope, id);
    const { dataLake, auditTrail } = props;
    const problems = new Problems(this);
    const scanLimit = props.queryScanLimit ?? DEFAULT_QUERY_SCAN_LIMIT;
    requireEnvironmentName(problems, props.environmentName);
    requireScanLimit(problems, scanLimit);
    problems.throwIfAny();
    const prefix = resourcePrefix(props.environmentName);
    this.dataLake = dataLake;
    this.auditTrail = auditTrail;
    const workgroup = new QueryWorkgroup(this, 'Workgroup', {
      workgroupName: `${prefix}-audit`,
      description: `An audit's queries over the evidence of ${prefix}`,
      resultsUrl: dataLake.monitoringBucket.s3UrlForObject(`${AUDIT_RESULTS_PREFIX}/`),
      encryptionKey: auditTrail.encryptionKey,
      scanLimit,
    });
    this.workgroupName = workgroup.ref;
    new AuditTables(this, 'Tables', { dataLake, auditTrail });
    for (const { id: queryId, name, question, sql } of auditQueries(auditTrail.auditBucket.bucketName)) {
      new CfnNamedQuery(this, queryId, {
        name: `${prefix}-${name}`,
        description: question,
        database: dataLake.databaseName,
        workGroup: this.workgroupName,
        queryString: sql,
      });
    }
  }

  /**
   * Lets the grantee ask: read the evidence, run queries in the audit's workgroup and read what came of them. It may
   * write nothing but those results.
   */
  public grantQuery(grantee: IGrantable): Grant {
    const { auditBucket, encryptionKey } = this.auditTrail;
    const rights = queryRights(this, this.dataLake, {
      actions: ASK_ACTIONS,
      prefixes: [],
      workgroupName: this.workgroupName,
      resultsPrefix: AUDIT_RESULTS_PREFIX,
    });
    const principal = grantee.grantPrincipal;
    rights.statements.forEach(statement => principal.addToPrincipalPolicy(statement));
    principal.addToPrincipalPolicy(
      new PolicyStatement({ actions: ['kms:Decrypt', 'kms:GenerateDataKey'], resources: [encryptionKey.keyArn] }),
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
