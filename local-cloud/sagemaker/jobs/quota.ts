import { resourceLimitExceeded } from '../errors';

/** Refuses what would use more instances than the account's quota, in SageMaker's words. */
export function checkQuota(usage: string, quota: number, used: number, wanted: number): void {
  if (used + wanted > quota) {
    throw resourceLimitExceeded(
      `The account-level service limit '${usage}' is ${quota} Instances, with current utilization of ${used} Instances ` +
        `and a request delta of ${wanted} Instances. Please use AWS Service Quotas to request an increase for this quota.`,
    );
  }
}
