import { z } from 'zod';
import { ACCOUNT_ID, REGION } from '../../constructs/private/environment-identity';

const TWELVE_DIGITS = "text of 12 digits in quotes, such as '123456789012'";

/** Id of an AWS account. Without quotes YAML makes a number of it, and loses its zeros. */
export const accountId = z.string(TWELVE_DIGITS).regex(ACCOUNT_ID, TWELVE_DIGITS);

/** Name of an AWS region. */
export const region = z.string().regex(REGION, "an AWS region such as 'eu-west-1'");
