/**
 * Where things lie in the monitoring bucket.
 */

/** Predictions, by model, day and hour of the event. */
export const INFERENCE_LOG_PREFIX = 'inference_log';

/** Labels, by model and day. */
export const LABELS_PREFIX = 'labels';

/** Results of the platform's Athena queries. */
export const ATHENA_RESULTS_PREFIX = 'athena';

/** Results of an audit's queries, which nobody else reads or writes. */
export const AUDIT_RESULTS_PREFIX = 'audit_results';

/** Log records that Firehose could not place. */
export const FIREHOSE_ERRORS_PREFIX = 'firehose_errors';
