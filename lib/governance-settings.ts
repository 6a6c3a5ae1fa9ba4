import { Duration } from 'aws-cdk-lib';
import { ObjectLockMode } from 'aws-cdk-lib/aws-s3';
import type { Environment } from './config/environment';
import { TIERS } from './config/tiers';

/** What the governance stack of an environment is made from. */
export interface GovernanceSettings {
  readonly trail: boolean;
  readonly trailReads: boolean;
  readonly retention: Duration;
  readonly objectLockMode: ObjectLockMode;
  readonly legalHoldRoleArns: readonly string[];
  readonly auditorArns: readonly string[];
  readonly configRules: boolean;
  readonly configRecorder: boolean;
  readonly monthlyLimitUsd?: number;
  readonly stopTraining: boolean;
  /** Whether there is anything to make. */
  readonly any: boolean;
}

/** Settings of an environment: what its file says, else what its tier does. */
export function governanceSettings({ tier, governance, budgets }: Environment): GovernanceSettings {
  const byTier = TIERS[tier].governance;
  const trail = governance.trail ?? byTier.trail;
  // without a recorder in the account no rule can be made, and the whole stack would fail
  const configRules = governance.configRules ?? governance.configRecorder === true;
  return {
    trail,
    trailReads: governance.trailReads ?? true,
    retention: Duration.days(governance.retentionDays ?? byTier.retentionDays),
    // no default that nobody can take back
    objectLockMode: governance.objectLock === 'COMPLIANCE' ? ObjectLockMode.COMPLIANCE : ObjectLockMode.GOVERNANCE,
    legalHoldRoleArns: governance.legalHoldRoleArns ?? [],
    auditorArns: governance.auditorArns ?? [],
    configRules,
    configRecorder: governance.configRecorder ?? false,
    monthlyLimitUsd: budgets?.monthlyUsd,
    stopTraining: budgets?.stopTraining ?? true,
    any: trail || configRules || budgets !== undefined,
  };
}
