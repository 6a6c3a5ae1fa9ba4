import { z } from 'zod';

/** Instances of SageMaker, on which models train and serve. */
export const instanceType = z
  .string()
  .regex(/^ml\.[a-z0-9-]+\.[a-z0-9]+$/, "a SageMaker instance type such as 'ml.m5.large'")
  .describe('SageMaker instance type.');

/** How many of them. */
export const instanceCount = z.number().int().positive().describe('Number of instances.');
