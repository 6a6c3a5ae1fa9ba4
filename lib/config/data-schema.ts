import { z } from 'zod';
import { byTier } from './tiers';

/** What an environment file may say of its data lake. */

const days = z.number().int().positive();
export const data = z
  .strictObject({
    removalPolicy: z
      .enum(['retain', 'destroy'])
      .optional()
      .describe(byTier('What happens to data that leaves the stack.', ({ data: its }) => its.removalPolicy)),
    deleteData: z
      .boolean()
      .optional()
      .describe("Second word on the deletion of data, beside 'destroy', which no tier says. Default: false."),
    snapshotRetentionDays: days
      .optional()
      .describe(byTier('How long a snapshot is locked.', ({ data: its }) => its.snapshotRetentionDays)),
    inferenceLogRetentionDays: days
      .optional()
      .describe(byTier('How long predictions are kept.', ({ data: its }) => its.inferenceLogRetentionDays)),
    queryScanLimitGiB: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(byTier('Most that one query may scan.', ({ data: its }) => its.queryScanLimitGiB)),
    keyStack: z
      .enum(['foundation', 'data'])
      .optional()
      .describe(
        "Stack that has the data's key: 'data' for an environment that was first deployed when there was no foundation (docs/upgrading.md), and never another one later. Default: foundation.",
      ),
    bufferingSeconds: z
      .number()
      .int()
      .min(60)
      .max(900)
      .optional()
      .describe('How long predictions wait in the stream. Default: 300.'),
  })
  .describe('The data lake.');
