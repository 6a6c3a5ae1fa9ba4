import type { PromotionRecord } from '../lambda/shared/ledger';
import { time } from './text';

/** The promotion of a version; nothing of one that was trained here. */
export function promotionOf(
  promotions: readonly PromotionRecord[],
  version: string | undefined,
): PromotionRecord | undefined {
  return promotions.find(record => record.version === version);
}

/** Where a version came from, and by whose word. */
export function promotionWords({ from, approvedBy, approvedAt, reason }: PromotionRecord): string {
  return `version ${from.version} of ${from.environment} (account ${from.account}), approved there at ${time(approvedAt)} by ${approvedBy}: ${reason}`;
}
