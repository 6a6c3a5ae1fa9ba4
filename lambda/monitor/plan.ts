import { z } from 'zod';

const rangeSchema = z.strictObject({ start: z.number().int(), end: z.number().int() });

/** What one execution is about: made by its first step, given to every other one. */
export const monitorPlan = z.strictObject({
  model: z.string(),
  period: rangeSchema,
  window: rangeSchema,
  /** Whether the window is judged once the period is counted. */
  judgesWindow: z.boolean(),
  /** Version whose rows count; absent when none has served within the period. */
  serving: z.strictObject({ version: z.string(), activatedAt: z.string() }).optional(),
});
export type MonitorPlan = z.infer<typeof monitorPlan>;

/** What the first step answers: the plan, and the queries that the state machine is to run. */
export interface PlanResult {
  readonly plan: MonitorPlan;
  readonly featureQuery?: string;
  readonly labelQuery?: string;
}
