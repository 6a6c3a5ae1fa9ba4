import { MAX_INLINE_BYTES, MAX_MANAGED_BYTES } from '../constructs/limits/policy-limits';
import { MAX_TEMPLATE_BYTES } from '../constructs/limits/value-limits';
import type { CanonicalStack } from './canonical';
import { rawPolicySizes } from './policy-sizes';

/** How much of a quota of AWS something uses. */
export interface QuotaUse {
  readonly stack: string;
  readonly quota: QuotaName;
  /** Role or policy that it is counted for; nothing for the whole stack. */
  readonly of?: string;
  readonly used: number;
  readonly limit: number;
}

export type QuotaName = 'resources' | 'template bytes' | 'outputs' | 'inline policies of a role' | 'managed policy';

/** Where AWS ends; docs/review.md says where each is written. */
export const LIMITS: Readonly<Record<QuotaName, number>> = {
  resources: 500,
  'template bytes': MAX_TEMPLATE_BYTES,
  outputs: 200,
  'inline policies of a role': MAX_INLINE_BYTES,
  'managed policy': MAX_MANAGED_BYTES,
};

/** Share of a quota from which a person is told. */
export const NEAR = 0.8;

export function quotaUses(stacks: readonly CanonicalStack[]): QuotaUse[] {
  return [
    ...stacks.flatMap(({ id, template }) => [
      use(id, 'resources', Object.keys(template.Resources ?? {}).length),
      // the CDK uploads it with this indentation
      use(id, 'template bytes', Buffer.byteLength(JSON.stringify(template, undefined, 1))),
      use(id, 'outputs', Object.keys(template.Outputs ?? {}).length),
    ]),
    ...rawPolicySizes(stacks).map(({ stack, of, inline, size }) =>
      use(stack, inline ? 'inline policies of a role' : 'managed policy', size, of),
    ),
  ];
}

function use(stack: string, quota: QuotaName, used: number, of?: string): QuotaUse {
  return { stack, quota, used, limit: LIMITS[quota], ...(of === undefined ? {} : { of }) };
}
