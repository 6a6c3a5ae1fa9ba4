import { CrossStackReferences, ReferenceStrength, Size, Stack, type StackProps } from 'aws-cdk-lib';
import { ArnPrincipal, CompositePrincipal, Role } from 'aws-cdk-lib/aws-iam';
import type { Construct } from 'constructs';
import { AuditQueries, AuditRecords, AuditTrail, ComplianceRules, CostBudget, type IDataLake } from '../constructs';
import type { Environment } from './config/environment';
import { governanceSettings, type GovernanceSettings } from './governance-settings';
import { optional } from './optional';
import { addOutputs } from './outputs';
import type { PlatformStack } from './platform-stack';

/** Settings of the governance stack. */
export interface GovernanceStackProps extends StackProps {
  readonly environment: Environment;
  readonly lake: IDataLake;
  readonly platform: PlatformStack;
}

/** Evidence, rules and the limit on cost: it watches the other stacks, and holds none of them up. */
export class GovernanceStack extends Stack {
  /** What copies the records; nothing where there is no trail. */
  public readonly records?: AuditRecords;

  constructor(scope: Construct, id: string, props: GovernanceStackProps) {
    super(scope, id, props);
    // read when this stack is deployed: an export would keep what is watched from being changed
    CrossStackReferences.of(this).consume(ReferenceStrength.WEAK);
    const settings = governanceSettings(props.environment);
    const { name: environmentName } = props.environment;
    if (settings.trail) {
      this.records = this.keepEvidence(props, settings);
    }
    if (settings.configRules) {
      new ComplianceRules(this, 'Rules', {
        environmentName,
        trail: settings.trail,
        createRecorder: settings.configRecorder,
      });
    }
    if (settings.monthlyLimitUsd !== undefined) {
      new CostBudget(this, 'Budget', {
        environmentName,
        monthlyLimitUsd: settings.monthlyLimitUsd,
        notificationTopic: props.platform.release.notificationTopic,
        stoppedRoles: settings.stopTraining ? [props.platform.pipeline.jobStarterRole] : [],
      });
    }
  }

  private keepEvidence(
    { environment, lake, platform }: GovernanceStackProps,
    settings: GovernanceSettings,
  ): AuditRecords {
    const { name: environmentName } = environment;
    const { ledgerTable, notificationTopic } = platform.release;
    const { runsTable } = platform.pipeline;
    const auditTrail = new AuditTrail(this, 'Trail', {
      environmentName,
      dataLake: lake,
      tables: [ledgerTable, runsTable],
      logReads: settings.trailReads,
      retention: settings.retention,
      objectLockMode: settings.objectLockMode,
      legalHoldRoles: settings.legalHoldRoleArns.map((arn, index) => Role.fromRoleArn(this, `Legal${index}`, arn)),
    });
    const queries = new AuditQueries(this, 'Queries', {
      environmentName,
      dataLake: lake,
      auditTrail,
      queryScanLimit: optional(environment.data.queryScanLimitGiB, gibibytes => Size.gibibytes(gibibytes)),
    });
    this.letAuditorsAsk(queries, settings.auditorArns);
    addOutputs(this, { AuditBucketName: auditTrail.auditBucket.bucketName, AuditTrailArn: auditTrail.trailArn });
    return new AuditRecords(this, 'Records', {
      environmentName,
      auditTrail,
      ledgerTable,
      runsTable,
      notificationTopic,
    });
  }

  private letAuditorsAsk(queries: AuditQueries, auditorArns: readonly string[]): void {
    if (auditorArns.length === 0) return;
    const auditor = new Role(this, 'Auditor', {
      description: `Asks the audit's queries of ${this.stackName}, and may do nothing else`,
      assumedBy: new CompositePrincipal(...auditorArns.map(arn => new ArnPrincipal(arn))),
    });
    queries.grantQuery(auditor);
    addOutputs(this, { AuditorRoleArn: auditor.roleArn });
  }
}
