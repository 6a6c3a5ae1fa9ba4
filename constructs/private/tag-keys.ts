/** How the keys of the platform's own tags begin; nobody else's do. */
export const TAG_PREFIX = 'mlops:';

/** Tags by which the cost of an environment and of a model is told apart, and Config's rules find what is theirs. */
export const ENVIRONMENT_TAG = `${TAG_PREFIX}environment`;
export const MODEL_TAG = `${TAG_PREFIX}model`;

/** The run that a job is of. */
export const RUN_TAG = `${TAG_PREFIX}run-id`;

/** The second word on the deletion of data, without which nothing empties a bucket. */
export const DELETE_DATA_TAG = `${TAG_PREFIX}delete-data`;

/** What a template tags of its own; the rest of the 50 that a resource takes is for others. */
export const TEMPLATE_TAGS = [ENVIRONMENT_TAG, MODEL_TAG, DELETE_DATA_TAG];
