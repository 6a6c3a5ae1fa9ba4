/**
 * What tells environments apart. The patterns stand here alone: files of environments and the constructs' own checks
 * both read them.
 */

/** SageMaker allows 63 characters, and `mlops-<environment>-<model>-v<version>-<8 hex>` must fit with a 6-digit version. */
const MAX_ENVIRONMENT_NAME_LENGTH = 12;

/** An environment's name, which is part of every name in it. */
export const ENVIRONMENT_NAME = new RegExp(`^[a-z][a-z0-9]{0,${MAX_ENVIRONMENT_NAME_LENGTH - 1}}$`);

/** What is allowed as one, in words. */
export const ENVIRONMENT_NAME_ALLOWED = `at most ${MAX_ENVIRONMENT_NAME_LENGTH} lower-case letters and digits that begin with a letter`;

/** Id of an AWS account. */
export const ACCOUNT_ID = /^\d{12}$/;

/** Name of an AWS region, those of other partitions included, such as `us-gov-west-1`. */
export const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;
