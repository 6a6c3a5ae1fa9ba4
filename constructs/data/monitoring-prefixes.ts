/**
 * Where things lie in the monitoring bucket.
 */

/** Predictions, by model, day and hour of the event. */
export const INFERENCE_LOG_PREFIX = 'inference_log';

/** Labels, by model and day. */
export const LABELS_PREFIX = 'labels';

/** Results of Athena queries. */
export const ATHENA_RESULTS_PREFIX = 'athena';

/** Log records that Firehose could not place. */
export const FIREHOSE_ERRORS_PREFIX = 'firehose_errors';
