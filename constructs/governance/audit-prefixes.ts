/**
 * Where things lie in the audit bucket. What CloudTrail writes has its own place there, `AWSLogs/`.
 */

/** The platform's own records, by day; `lambda/audit-records` is told it. */
export const RECORDS_PREFIX = 'records';
