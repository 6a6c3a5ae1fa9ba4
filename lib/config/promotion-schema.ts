import { z } from 'zod';
import { ENVIRONMENT_NAME } from '../../constructs/private/environment-identity';
import { accountId, region } from './environment-identity';

/** The environment at the other end; all three, since policies of another account name them. */
const environment = z.strictObject({
  environment: z.string().regex(ENVIRONMENT_NAME, "an environment's name such as 'staging'").describe('Its name.'),
  account: accountId.describe('Its AWS account.'),
  region: region.describe('Its AWS region.'),
});

/** How versions go from one environment to the next instead of being trained again. */
export const promotion = z
  .strictObject({
    from: environment
      .optional()
      .describe(
        'Whose approved versions come here, and wait for an approval here. Default: nobody, versions are trained here.',
      ),
    to: z
      .array(environment)
      .min(1)
      .optional()
      .describe('Who gets the versions that are approved here. Default: nobody.'),
  })
  .refine(({ from, to }) => from !== undefined || to !== undefined, "'from', 'to' or both")
  .describe('Versions that come from another environment, and go to others.');

/** An environment at the other end, as a file names it. */
export type PromotionPeer = z.infer<typeof environment>;

/** What a file says of its promotions. */
export type PromotionFile = z.infer<typeof promotion>;
