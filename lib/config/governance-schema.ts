import { z } from 'zod';
import { modelName } from './model-schema';
import { byTier, type Tier, TIERS } from './tiers';

/** What an environment file may say about evidence and cost. What it leaves out follows its tier. */

export const governance = z
  .strictObject({
    trail: z
      .boolean()
      .optional()
      .describe(
        byTier(
          'Whether CloudTrail logs who changed what and touched which data, and the records are kept locked.',
          tier => tier.governance.trail,
        ),
      ),
    trailReads: z
      .boolean()
      .optional()
      .describe("Whether reads of the lake's objects are logged beside writes. Default: true."),
    retentionDays: z
      .number()
      .int()
      .positive()
      .optional()
      .describe(byTier('How long the evidence is locked and kept.', tier => tier.governance.retentionDays)),
    objectLock: z
      .enum(['GOVERNANCE', 'COMPLIANCE'])
      .optional()
      .describe(
        "Who may end a lock early: 'legalHoldRoleArns', or nobody at all. Default: GOVERNANCE, which is the former.",
      ),
    legalHoldRoleArns: z
      .array(
        z
          .string()
          .regex(/^arn:aws[\w-]*:iam::\d{12}:role\/.+$/, "a role's ARN such as 'arn:aws:iam::123456789012:role/legal'"),
      )
      .optional()
      .describe('The only roles that may put evidence under legal hold, and change or end its locks. Default: none.'),
    auditorArns: z
      .array(
        z
          .string()
          .regex(
            /^arn:aws[\w-]*:iam::\d{12}:(role|user)\/[^*?\s]+$/,
            "a role's or user's ARN such as 'arn:aws:iam::123456789012:role/auditor'",
          ),
      )
      .min(1, 'at least one, or left out')
      .optional()
      .describe(
        "Who may take the role that asks the audit's queries; there is no such role without it. Default: nobody.",
      ),
    configRules: z
      .boolean()
      .optional()
      .describe(
        "Whether AWS Config judges what would let data out or lose it; the account needs Config's recorder. Default: with 'configRecorder'.",
      ),
    configRecorder: z
      .boolean()
      .optional()
      .describe(
        "Whether to make AWS Config's recorder, of which an account has one at most in a region. Default: false.",
      ),
  })
  .refine(value => value.configRecorder !== true || value.configRules !== false, {
    path: ['configRecorder'],
    error: "used with 'configRules: true' or left out",
  })
  .describe('Evidence: what is logged, how long it stays, and what is judged.');

/** Keys that say who may do what with evidence of which there is none, and what would be allowed. */
export function withoutTrail(
  file: z.infer<typeof governance> | undefined,
  tier: Tier,
): { readonly path: readonly string[]; readonly allowed: string }[] {
  if (file?.trail ?? TIERS[tier].governance.trail) return [];
  return (['auditorArns', 'legalHoldRoleArns'] as const)
    .filter(key => file?.[key] !== undefined)
    .map(key => ({ path: [key], allowed: "used with 'trail: true' or left out" }));
}

const usd = z.number().positive();

export const budgets = z
  .strictObject({
    monthlyUsd: usd.describe('What the environment may cost in a calendar month, in US dollars.'),
    stopTraining: z
      .boolean()
      .optional()
      .describe('Whether no new training starts once that is spent (default: true); what serves goes on.'),
    models: z
      .record(modelName, usd)
      .optional()
      .describe('What single models may cost in a month; people are told, nothing is stopped. Default: no limit.'),
  })
  .describe('Limits on cost, by the tags mlops:environment and mlops:model.');

/** Budgets of models that are not in the environment, and what would be allowed. */
export function unknownModels(
  file: z.infer<typeof budgets> | undefined,
  models: readonly string[],
): { readonly path: readonly string[]; readonly allowed: string }[] {
  return Object.keys(file?.models ?? {})
    .filter(name => !models.includes(name))
    .map(name => ({
      path: ['models', name],
      allowed: `the budget of one of the models ${models.map(model => `'${model}'`).join(', ')}`,
    }));
}
