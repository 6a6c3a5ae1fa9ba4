import { z } from 'zod';

/** When the models of an environment that is no production sleep, and cost nothing. */

const WEEKDAYS = ['MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT', 'SUN'] as const;

const awake = z
  .strictObject({
    days: z.array(z.enum(WEEKDAYS)).min(1).optional().describe('Days on which they are up. Default: Monday to Friday.'),
    from: z
      .string()
      .regex(/^([01]\d|2[0-3]):[0-5]\d$/, "a time of day in quotes, such as '07:00'")
      .describe('When they wake.'),
    to: z
      .string()
      .regex(/^(([01]\d|2[0-3]):[0-5]\d|24:00)$/, "a time of day in quotes, such as '20:00'")
      .describe("When they fall asleep, on the same day; '24:00' at the latest."),
    timeZone: z.string().describe("Zone of these times, such as 'Europe/Berlin'."),
  })
  .refine(({ from, to }) => to > from, { path: ['to'], error: "later than 'from', on the same day" })
  .describe('Hours in which they are up. Default: none, they sleep and wake by `mlops sleep` and `mlops wake` alone.');

export const idle = z
  .strictObject({ awake: awake.optional() })
  .describe(
    "That the models may sleep, when nothing of them runs and nothing answers; not in tier 'prod'. Default: not.",
  );

/** What a file says of sleep. */
export type IdleFile = z.infer<typeof idle>;

/** What a file of production is told that lets its models sleep. */
export const NO_SLEEP_IN_PROD =
  "left out where 'tier' is 'prod', since its callers come at any hour and nothing would answer them";
