import type { Rule } from '../finding';
import { NEAR, quotaUses } from '../quotas';

/** Quotas that a change brings near to their end. */
export const quotas: Rule = ({ before, after }) => {
  const old = new Map(quotaUses(before).map(({ stack, quota, of = '', used }) => [`${stack} ${quota} ${of}`, used]));
  return quotaUses(after)
    .filter(
      ({ stack, quota, of = '', used, limit }) =>
        used > limit * NEAR && used > (old.get(`${stack} ${quota} ${of}`) ?? 0),
    )
    .map(({ stack, quota, of, used, limit }) => ({
      topic: 'quota',
      level: used > limit ? 'danger' : 'look',
      stack,
      says: `${quota}${of === undefined ? '' : ` \`${of}\``}: ${used} of ${limit}${used > limit ? ', which AWS refuses' : ''}`,
    }));
};
