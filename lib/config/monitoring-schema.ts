import { z } from 'zod';

/** How a model is watched in an environment, and what an alarm does. */

export const monitoring = z
  .strictObject({
    periodMinutes: z.number().int().positive().optional().describe('Length of a monitoring period. Default: 60.'),
    windowPeriods: z.number().int().positive().optional().describe('Periods in one judged window. Default: 24.'),
    evaluationWindows: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('N of M of N windows that make an alarm. Default: 3.'),
    alarmingWindows: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('M of M of N windows that make an alarm. Default: 2.'),
    graceMinutes: z
      .number()
      .int()
      .nonnegative()
      .optional()
      .describe('Time after a period before it is counted. Default: 15.'),
    minSamples: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Predictions below which nothing is judged. Default: 500.'),
    minLabels: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Labels below which quality is not judged. Default: 200.'),
    labelHorizonDays: z
      .number()
      .int()
      .positive()
      .optional()
      .describe('Days in which a late label still counts. Default: 7.'),
    falseDiscoveryRate: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('Of the drift rule, over all features of a window. Default: 0.01.'),
    minExcess: z
      .number()
      .nonnegative()
      .optional()
      .describe('Effect up to which a difference is no drift. Default: 0.02.'),
    maxQualityDrop: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe('How far the AUC may fall below its baseline. Default: 0.05.'),
    minDriftedFeatureShare: z
      .number()
      .gt(0)
      .max(1)
      .optional()
      .describe('Share from which on the inputs drifted. Default: 0.25.'),
    scheduled: z
      .boolean()
      .optional()
      .describe('Whether a schedule starts the monitor after each period. Default: true.'),
  })
  .describe('How the model is watched here.');

export const reaction = z
  .strictObject({
    rollbackWindowHours: z.number().positive().optional().describe('How long a version counts as new. Default: 72.'),
    cooldownHours: z
      .number()
      .nonnegative()
      .optional()
      .describe('Least time between two automatic rollbacks. Default: 6.'),
  })
  .describe('What happens when an alarm goes red.');
