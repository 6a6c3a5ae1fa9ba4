import { Duration } from 'aws-cdk-lib';
import { ObjectLockMode } from 'aws-cdk-lib/aws-s3';
import type { Environment } from './config/environment';

/** What an environment does about evidence where its file says nothing, by its tier. */
const BY_TIER = {
  // nobody audits what is tried out; what it costs is better spent on trying
  dev: { trail: false, configRules: false, retentionDays: 7 },
  // a year: long enough for a yearly audit
  prod: { trail: true, configRules: true, retentionDays: 365 },
} as const;

/** What the governance stack of an environment is made from. */
export interface GovernanceSettings {
  readonly trail: boolean;
  readonly trailReads: boolean;
  readonly retention: Duration;
  readonly objectLockMode: ObjectLockMode;
  readonly legalHoldRoleArns: readonly string[];
  readonly configRules: boolean;
  readonly configRecorder: boolean;
  readonly monthlyLimitUsd?: number;
  readonly stopTraining: boolean;
  /** Whether there is anything to make. */
  readonly any: boolean;
}

/** Settings of an environment: what its file says, else what its tier does. */
export function governanceSettings({ tier, governance, budgets }: Environment): GovernanceSettings {
  const byTier = BY_TIER[tier];
  const trail = governance.trail ?? byTier.trail;
  const configRules = governance.configRules ?? (governance.configRecorder === true || byTier.configRules);
  return {
    trail,
    trailReads: governance.trailReads ?? true,
    retention: Duration.days(governance.retentionDays ?? byTier.retentionDays),
    // no default that nobody can take back
    objectLockMode: governance.objectLock === 'COMPLIANCE' ? ObjectLockMode.COMPLIANCE : ObjectLockMode.GOVERNANCE,
    legalHoldRoleArns: governance.legalHoldRoleArns ?? [],
    configRules,
    configRecorder: governance.configRecorder ?? false,
    monthlyLimitUsd: budgets?.monthlyUsd,
    stopTraining: budgets?.stopTraining ?? true,
    any: trail || configRules || budgets !== undefined,
  };
}
