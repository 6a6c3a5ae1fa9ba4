import { z } from 'zod';

/** How a model is watched in an environment, and what an alarm does. */

export const monitoring = z
  .strictObject({
    periodMinutes: z.number().int().positive().optional().describe('Length of a monitoring period.'),
    windowPeriods: z.number().int().positive().optional().describe('Periods in one judged window.'),
    evaluationWindows: z.number().int().positive().optional().describe('N of M of N windows that make an alarm.'),
    alarmingWindows: z.number().int().positive().optional().describe('M of M of N windows that make an alarm.'),
    graceMinutes: z.number().int().nonnegative().optional().describe('Time after a period before it is counted.'),
    minSamples: z.number().int().positive().optional().describe('Predictions below which nothing is judged.'),
    minLabels: z.number().int().positive().optional().describe('Labels below which quality is not judged.'),
    labelHorizonDays: z.number().int().positive().optional().describe('Days in which a late label still counts.'),
    falseDiscoveryRate: z.number().gt(0).lt(1).optional().describe('Of the drift rule, over all features of a window.'),
    minExcess: z.number().nonnegative().optional().describe('Effect up to which a difference is no drift.'),
    maxQualityDrop: z.number().gt(0).lt(1).optional().describe('How far the AUC may fall below its baseline.'),
    minDriftedFeatureShare: z.number().gt(0).max(1).optional().describe('Share from which on the inputs drifted.'),
    scheduled: z.boolean().optional().describe('Whether a schedule starts the monitor after each period.'),
  })
  .describe('How the model is watched here.');

export const reaction = z
  .strictObject({
    rollbackWindowHours: z.number().positive().optional().describe('How long a version counts as new.'),
    cooldownHours: z.number().nonnegative().optional().describe('Least time between two automatic rollbacks.'),
  })
  .describe('What happens when an alarm goes red.');
